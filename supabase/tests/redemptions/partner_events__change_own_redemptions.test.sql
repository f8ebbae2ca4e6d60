-- What partners report from their own systems: in any order, any number of times, and only about what is theirs.
begin;
select plan(90);
select tests.use_default_settings();
select tests.live_by('Pacific/Kiritimati');
select tests.create_supabase_users('anna');
select tests.create_partner('bakery'), tests.create_partner('other');
delete from private.webhook_messages;
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret'), (tests.partner('other'), null, 'sealed other');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', private.webhook_event_types(), 'sealed secret');
create temporary table w as select tests.create_reward('bakery', '{"code_source": "partner_api", "return_days": 5, "expiry_refund_percent": 50}', 100) as reward,
  tests.create_reward('other', '{"code_source": "partner_api"}') as other;
create temporary table k as select tests.create_api_key('bakery') as key;

-- every case has a redemption of its own, named after it, and a code of the same name
create temporary table t (name text primary key, id uuid);
create function pg_temp.pending(name text, reward uuid default null)
returns void
language plpgsql
as $$ begin insert into t values (name, tests.redeem('anna', coalesce(reward, (select w.reward from w)))); end $$;
create function pg_temp.id(name text) returns uuid language sql as $$ select t.id from t where t.name = $1 $$;
create function pg_temp.event(type text, redemption_id uuid, code text default null, details jsonb default '{}', event_id text default 'msg_' || gen_random_uuid(),
  occurred_at timestamptz default now(), partner text default 'bakery')
returns text
language sql
as $$
  select tests.as_service_role(format('select public.record_partner_event(%L, %L, %L, %L, %L, %L, %L, %L)',
    tests.partner(partner), event_id, type, occurred_at, redemption_id, tests.hash_of(code), 'sealed ' || code, details)) ->> 'outcome'
$$;
create function pg_temp.story(name text)
returns text
language sql
as $$
  select format('%s%s, %s code, %s request, %s back, told %s', r.status, coalesce(' ' || r.end_reason, ''),
    coalesce((select c.ciphertext from private.reward_codes c where c.redemption_id = r.id), 'no'),
    (select count(*) from private.partner_requests q where q.redemption_id = r.id),
    coalesce((select string_agg(amount::text, ' and ') from public.point_transactions p where p.redemption_id = r.id and p.type = 'refund'), 'nothing'),
    coalesce((select string_agg(replace(m.type, 'redemption.', ''), ' ' order by m.id) from private.webhook_messages m where m.payload -> 'data' ->> 'redemption_id' = r.id::text), 'nothing'))
  from public.redemptions r where r.id = pg_temp.id(name)
$$;
create function pg_temp.stock() returns integer language sql as $$ select s.taken from public.reward_stocks s join w on s.reward_id = w.reward $$;

-- the three events in every order; each is sent three times: with the same id, and again with a new one
create function pg_temp.play(name text, types text[])
returns text
language plpgsql
as $$
declare
  v_type     text;
  v_outcomes text[] := '{}';
begin
  perform pg_temp.pending(name);
  foreach v_type in array types loop
    v_outcomes := v_outcomes || array[
      pg_temp.event('code.' || v_type, pg_temp.id(name), name, '{"till_reference": "T1"}', name || v_type),
      pg_temp.event('code.' || v_type, pg_temp.id(name), name, '{"till_reference": "T2"}', name || v_type),
      pg_temp.event('code.' || v_type, pg_temp.id(name), name, '{"till_reference": "T3"}', name || v_type || ' again')];
  end loop;
  return array_to_string(v_outcomes, ' ');
end $$;
create temporary table orders as
select v.*, pg_temp.play(array_to_string(types, ' '), types) as outcomes
from (values
  (array['issued', 'used', 'cancelled'], 'applied duplicate ignored applied duplicate ignored conflict duplicate conflict', 'used, sealed issued used cancelled code, 0 request, nothing back, told created used'),
  (array['issued', 'cancelled', 'used'], 'applied duplicate ignored applied duplicate ignored conflict duplicate conflict', 'cancelled partner_cancelled, sealed issued cancelled used code, 0 request, 10 back, told created cancelled'),
  (array['used', 'issued', 'cancelled'], 'applied duplicate ignored applied duplicate ignored conflict duplicate conflict', 'used, sealed used issued cancelled code, 0 request, nothing back, told used'),
  (array['used', 'cancelled', 'issued'], 'applied duplicate ignored conflict duplicate conflict applied duplicate ignored', 'used, sealed used cancelled issued code, 0 request, nothing back, told used'),
  (array['cancelled', 'issued', 'used'], 'applied duplicate ignored ignored duplicate ignored conflict duplicate conflict', 'cancelled partner_cancelled, no code, 0 request, 10 back, told cancelled'),
  (array['cancelled', 'used', 'issued'], 'applied duplicate ignored conflict duplicate conflict ignored duplicate ignored', 'cancelled partner_cancelled, no code, 0 request, 10 back, told cancelled')) v (types, want, story);
select is(outcomes, want, format('%s: outcomes', array_to_string(types, ', '))) from orders;
select is(pg_temp.story(array_to_string(types, ' ')), story, format('%s: the same end', array_to_string(types, ', '))) from orders;
select set_eq($$ select distinct till_reference from public.redemptions r join t using (id) where r.status = 'used' $$, array['T1'], 'the first report of a use is the one that counts');
select is(pg_temp.stock(), 3, 'the three that were cancelled have given their stock back');
select is(tests.as_service_role(format('select public.verify_code(%L, %L)', key, tests.hash_of('used issued cancelled'))) ->> 'outcome', 'used', 'a code that came after its use is known, and used') from k;
select tests.books_are_right();

-- what is kept of it
select pg_temp.pending('kept');
select is(pg_temp.event('code.issued', pg_temp.id('kept'), 'kept', jsonb_build_object('expires_at', now() + interval '3 days'), 'kept-1', now() - interval '3 minutes'), 'applied', 'a code that is issued');
select results_eq($$ select type, redemption_id, outcome, occurred_at, received_at from private.partner_events where partner_id = tests.partner('bakery') and event_id = 'kept-1' $$,
  $$ values ('code.issued', pg_temp.id('kept'), 'applied', now() - interval '3 minutes', now()) $$, 'the event is kept, with its outcome');
select is((select expires_at from public.redemptions where id = pg_temp.id('kept')), now() + interval '3 days', 'the partner names the term');
select is(pg_temp.event('code.issued', pg_temp.id('kept'), 'another code'), 'conflict', 'another code for the same redemption');
select is(pg_temp.story('kept'), 'active, sealed kept code, 0 request, nothing back, told created', 'does not replace the first one');
select is(pg_temp.event('code.used', pg_temp.id('kept'), null, '{}', 'kept-1'), 'duplicate', 'an id that was there before is not read again, whatever it says');
select is(pg_temp.story('kept'), 'active, sealed kept code, 0 request, nothing back, told created', 'and changes nothing');

-- found by the code
create temporary table g as select tests.redeem('anna', tests.create_reward('bakery'), 'generated') as generated, tests.create_reward('bakery', '{"code_source": "pool"}') as pool;
select tests.fill_pool(pool, 'pool-1', 'pool-2') from g;
alter table g add pooled uuid;
update g set pooled = tests.redeem('anna', pool);
select is(pg_temp.event('code.used', null, 'generated', '{"till_reference": "T7"}'), 'applied', 'a code that was generated here, used there');
select results_eq('select status::text, used_at, till_reference from public.redemptions join g on id = generated', $$ values ('used', now(), 'T7') $$, 'it is used');
select is(pg_temp.event('code.cancelled', null, 'pool-1'), 'applied', 'a code from the pool, cancelled there');
select results_eq('select status::text, end_reason::text from public.redemptions join g on id = pooled', $$ values ('cancelled', 'partner_cancelled') $$, 'it is cancelled');
select is(pg_temp.event('code.used', null, 'pool-2'), 'not_found', 'a code that still waits in the pool is nobody''s');
select is(pg_temp.event('code.used', null, null), 'not_found', 'neither id nor code');
select tests.books_are_right('the books are right with codes of all kinds');

-- an event that overtook the one before it is not kept, so that its repetition succeeds
select pg_temp.pending('overtaken');
select is(pg_temp.event('code.used', null, 'overtaken', '{}', 'overtaking'), 'not_found', 'used, by a code that is not known yet');
select is_empty($$ select * from private.partner_events where event_id = 'overtaking' $$, 'is not kept');
select is(pg_temp.event('code.issued', pg_temp.id('overtaken'), 'overtaken'), 'applied', 'then the code comes');
select is(pg_temp.event('code.used', null, 'overtaken', '{}', 'overtaking'), 'applied', 'and the repetition applies');
select is(pg_temp.story('overtaken'), 'used, sealed overtaken code, 0 request, nothing back, told created used', 'it is used');

-- an event that names one redemption and the code of another applies to neither
select pg_temp.pending('one'), pg_temp.pending('two'), pg_temp.pending('without');
select pg_temp.event('code.issued', pg_temp.id(name), name) from unnest('{one,two}'::text[]) name;
select is(pg_temp.event(type, pg_temp.id('one'), 'two'), 'conflict', type || ': the id of one, the code of another')
from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event(type, pg_temp.id('without'), 'two'), 'conflict', type || ': an id without code, the code of another')
from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event(type, pg_temp.id('one'), 'unknown'), 'conflict', type || ': an id, and a code that is not its own')
from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event('code.used', pg_temp.id('one'), 'pool-2'), 'conflict', 'an id, and a code that waits in a pool');
select is(pg_temp.story(name), 'active, sealed ' || name || ' code, 0 request, nothing back, told created', name || ' is untouched')
from unnest('{one,two}'::text[]) name;
select is(pg_temp.event('code.used', pg_temp.id('one'), 'one'), 'applied', 'its id and its code');
select is(pg_temp.event('code.cancelled', pg_temp.id('without'), 'never sent'), 'applied', 'an id without code, and a code nobody knows');

-- another partner
select pg_temp.pending('theirs', other), pg_temp.pending('ours') from w;
select is(pg_temp.event(type, pg_temp.id('ours'), 'x', partner => 'other'), 'not_found', 'another partner: ' || type || ' by our id') from unnest('{code.issued,code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event('code.issued', pg_temp.id('ours'), 'same'), 'applied', 'our code');
select is(pg_temp.event(type, null, 'same', partner => 'other'), 'not_found', 'another partner: ' || type || ' by our code') from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event('code.issued', pg_temp.id('theirs'), 'same', partner => 'other'), 'applied', 'the same code at another partner is another code');
select is(pg_temp.event('code.used', pg_temp.id('ours'), 'same', partner => 'other'), 'not_found', 'another partner: our id, with a code of their own');
select is(pg_temp.event('code.used', null, 'same', '{}', 'the same id', partner => 'other'), 'applied', 'by the code each partner reaches their own redemption');
select is(pg_temp.story('ours'), 'active, sealed same code, 0 request, nothing back, told created', 'ours is untouched by all that');
select is((select status from public.redemptions where id = pg_temp.id('theirs')), 'used', 'theirs is used');
select is(pg_temp.event('code.used', null, 'same', '{}', 'the same id'), 'applied', 'event ids of two partners do not meet');

-- used there, but the points were given back here: told, and no points move
create temporary table back as select unnest('{returned,refused,silent,expired}'::text[]) as name;
select pg_temp.pending(name) from back;
select pg_temp.event('code.issued', pg_temp.id(name), name) from back where name in ('returned', 'expired');
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('returned')));
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', pg_temp.id('refused')));
update private.partner_requests set deadline_at = now() - interval '1 minute' where redemption_id = pg_temp.id('silent');
update public.redemptions set expires_at = now() where id = pg_temp.id('expired');
select ops.run_due_jobs(now());
alter table back add story text;
update back set story = pg_temp.story(name);
select is(split_part(story, ',', 1), case name when 'returned' then 'cancelled returned' when 'refused' then 'failed partner_refused' when 'silent' then 'failed partner_silent' else 'expired' end, name || ': it has ended here') from back order by name;
select is(pg_temp.event('code.used', pg_temp.id(name)), 'conflict', name || ': used after that is a conflict') from back order by name;
select is(pg_temp.event('code.cancelled', pg_temp.id(name)), 'ignored', name || ': cancelled after that is no news') from back order by name;
select results_eq('select name, pg_temp.story(name) from back order by name', 'select name, story from back order by name', 'nothing moved');
select is(pg_temp.event('code.issued', pg_temp.id('silent'), 'far too late'), 'ignored', 'a code that comes after the points went back is dropped');
select tests.books_are_right('the books are right after conflicts');

-- a partner that gives a code twice
select pg_temp.pending('double');
select is(pg_temp.event('code.issued', pg_temp.id('double'), 'same'), 'conflict', 'a code that another redemption has');
select is(pg_temp.story('double'), 'failed partner_code_duplicate, no code, 0 request, 10 back, told cancelled', 'the points go back');

-- when it was used: between the redemption and now, and never in a month that is settled
create temporary table m as select date_trunc('month', now() at time zone 'Pacific/Kiritimati') at time zone 'Pacific/Kiritimati' as month;
create temporary table moments as
select v.* from m, lateral (values
  ('this month', null::timestamptz, month + (now() - month) / 2, month + (now() - month) / 2),
  ('the first moment of the month', null, month, month),
  ('last month', null, month - interval '1 microsecond', month),
  ('last year', null, now() - interval '1 year', month),
  ('before it was redeemed', month + (now() - month) / 2, month + (now() - month) / 4, month + (now() - month) / 2),
  ('in the future', null, now() + interval '1 day', now())) v (name, redeemed_at, used_at, want);
select pg_temp.pending(name) from moments;
update public.redemptions r set redeemed_at = coalesce(v.redeemed_at, now() - interval '2 years') from moments v where r.id = pg_temp.id(v.name);
select pg_temp.event('code.used', pg_temp.id(name), null, jsonb_build_object('used_at', used_at)) from moments;
select is(r.used_at, v.want, 'used_at: ' || v.name) from moments v join public.redemptions r on r.id = pg_temp.id(v.name);
select pg_temp.pending('no used_at');
update public.redemptions set redeemed_at = now() - interval '2 years' where id = pg_temp.id('no used_at');
select pg_temp.event('code.used', pg_temp.id('no used_at'), occurred_at => now() - interval '1 year', details => jsonb_build_object('till_reference', repeat('x', 65)));
select is((select used_at from public.redemptions where id = pg_temp.id('no used_at')), month, 'without used_at the event''s own moment counts, as far as it may') from m;
select is((select length(till_reference) from public.redemptions where id = pg_temp.id('no used_at')), 64, 'an overlong till reference is cut');

-- input
select pg_temp.pending('input');
select is(pg_temp.event('code.issued', pg_temp.id('input')), 'ignored', 'issued, without a code');
select is(pg_temp.event('code.lost', pg_temp.id('input')), 'ignored', 'an event of an unknown type');
select is(pg_temp.event('code.used', pg_temp.id('input'), details => null), 'applied', 'no details');
select is(tests.error_of('select pg_temp.event(''code.used'', pg_temp.id(''input''), event_id => '''')'), 'PT400 validation_failed (event_id)', 'no event id');
select is(tests.error_of('select pg_temp.event(''code.used'', pg_temp.id(''input''), event_id => repeat(''x'', 256))'), 'PT400 validation_failed (event_id)', 'an overlong event id');
select is(tests.error_of('select pg_temp.event(''code.used'', pg_temp.id(''input''), partner => ''nobody'')'), 'PT404 partner_not_found', 'an unknown partner');
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
