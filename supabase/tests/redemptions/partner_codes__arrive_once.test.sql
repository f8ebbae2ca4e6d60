-- The conversation with partners that give their own codes: one code for each redemption, or the points back, whatever goes wrong.
begin;
select plan(91);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery'), tests.create_partner('pool');
delete from private.webhook_messages;
-- what this database holds already is not asked for
update private.partner_requests set next_attempt_at = now() + interval '1 day';
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret'), (tests.partner('pool'), null, 'sealed other');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', private.webhook_event_types(), 'sealed secret');
create temporary table w as select tests.create_reward('bakery', '{"code_source": "partner_api", "return_days": 5}', 100) as reward, tests.create_reward('pool', '{"code_source": "partner_api"}') as other;
create temporary table k as select tests.create_api_key('bakery') as key;

-- every case has a redemption of its own, named after it
create temporary table t (name text primary key, id uuid);
create function pg_temp.pending(name text, reward uuid default null)
returns void
language plpgsql
as $$ begin insert into t values (name, tests.redeem('anna', coalesce(reward, (select w.reward from w)))); end $$;
create function pg_temp.id(name text) returns uuid language sql as $$ select t.id from t where t.name = $1 $$;
create function pg_temp.code(name text, code text, expires_at timestamptz default null)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.record_partner_code(%L, %L, %L, %L)', pg_temp.id(name), tests.hash_of(code), 'sealed ' || code, expires_at)) $$;
create function pg_temp.refuse(name text, reason text default 'Not this week.')
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.record_partner_refusal(%L, %L)', pg_temp.id(name), reason)) $$;
create function pg_temp.fail(name text, retry_after integer default null, error text default 'timeout')
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.record_partner_failure(%L, %L, %L)', pg_temp.id(name), error, retry_after)) $$;
create function pg_temp.story(name text)
returns text
language sql
as $$
  select format('%s%s, %s code, %s request, %s refunds of %s, told %s', r.status, coalesce(' ' || r.end_reason, ''),
    coalesce((select c.ciphertext from private.reward_codes c where c.redemption_id = r.id), 'no'),
    (select count(*) from private.partner_requests q where q.redemption_id = r.id),
    (select count(*) from public.point_transactions p where p.redemption_id = r.id and p.type = 'refund'),
    (select coalesce(sum(amount), 0) from public.point_transactions p where p.redemption_id = r.id and p.type = 'refund'),
    coalesce((select string_agg(m.type, ' ' order by m.id) from private.webhook_messages m where m.payload -> 'data' ->> 'redemption_id' = r.id::text), 'nothing'))
  from public.redemptions r where r.id = pg_temp.id(name)
$$;
create function pg_temp.stock() returns integer language sql as $$ select s.taken from public.reward_stocks s join w on s.reward_id = w.reward $$;

-- attached
select pg_temp.pending('anna');
select is(pg_temp.story('anna'), 'pending, no code, 1 request, 0 refunds of 0, told nothing', 'it begins with waiting');
create temporary table a as select pg_temp.code('anna', 'A1') as answer;
select is(answer, jsonb_build_object('outcome', 'attached', 'code_ciphertext', 'sealed A1', 'redemption', private.redemption_json(r)), 'attached: the answer has all the member needs')
from a, public.redemptions r where r.id = pg_temp.id('anna');
select is(pg_temp.story('anna'), 'active, sealed A1 code, 0 request, 0 refunds of 0, told redemption.created', 'it can be used; nobody asks any more; the partner is told');
select is((select expires_at from public.redemptions where id = pg_temp.id('anna')), now() + interval '90 days', 'it is valid as long as the reward says');
select is(tests.as_service_role(format('select public.verify_code(%L, %L)', key, tests.hash_of('A1'))) ->> 'outcome', 'valid', 'a till accepts it') from k;

-- repeated, and a second code
select is(pg_temp.code('anna', 'A1') - 'redemption', '{"outcome": "repeated", "code_ciphertext": "sealed A1"}', 'repeated: the same code again');
select is(pg_temp.code('anna', 'A2') - 'redemption', '{"outcome": "conflict", "code_ciphertext": "sealed A1"}', 'conflict: the first code stays');
select is(pg_temp.story('anna'), 'active, sealed A1 code, 0 request, 0 refunds of 0, told redemption.created', 'nothing changed');
select is(tests.as_service_role(format('select public.verify_code(%L, %L)', key, tests.hash_of('A2'))) ->> 'outcome', 'not_found', 'no till accepts the second one') from k;
select results_eq($$ select action, details from private.audit_log where subject_id = pg_temp.id('anna') $$, $$ values ('partner_code_refused', '{"outcome": "conflict"}'::jsonb) $$, 'the audit log has the conflict');

-- the partner's own term
select pg_temp.pending(name) from unnest('{past,now,soon,late}'::text[]) name;
create temporary table terms as select v.*, pg_temp.code(name, name, term) -> 'redemption' ->> 'expires_at' as returned
from (values ('past', now() - interval '1 day', now() + interval '90 days'), ('now', now(), now() + interval '90 days'),
  ('soon', now() + interval '1 microsecond', now() + interval '1 microsecond'), ('late', now() + interval '400 days', now() + interval '400 days')) v (name, term, want);
select is(r.expires_at, v.want, v.name || case when v.want = v.term then ': a term in the future is taken over' else ': a term that is over is ignored' end) from terms v join public.redemptions r on r.id = pg_temp.id(v.name) order by 1;
select is(returned::timestamptz, want, name || ': the answer says so') from terms order by name;
select is(pg_temp.code('late', 'late', now() + interval '1 day') ->> 'outcome', 'repeated', 'a repetition with another term');
select is((select expires_at from public.redemptions where id = pg_temp.id('late')), now() + interval '400 days', 'does not change it');

-- a code that somebody else has
select pg_temp.pending('double'), pg_temp.pending('elsewhere', other) from w;
select is(pg_temp.stock(), 6, 'six are taken');
select is(pg_temp.code('double', 'A1') - 'redemption', '{"outcome": "duplicate", "code_ciphertext": null}', 'duplicate: the partner gave a code twice');
select is(pg_temp.story('double'), 'failed partner_code_duplicate, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'the second one fails, and the points go back');
select is(pg_temp.stock(), 5, 'and the stock');
select is(pg_temp.code('double', 'A1') ->> 'outcome', 'ended', 'said again, it is too late');
select is(pg_temp.story('double'), 'failed partner_code_duplicate, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'it is refunded once');
select is(pg_temp.stock(), 5, 'and gives its stock back once');
select is(pg_temp.story('anna'), 'active, sealed A1 code, 0 request, 0 refunds of 0, told redemption.created', 'whoever had the code keeps it');
select is(pg_temp.code('elsewhere', 'A1') ->> 'outcome', 'attached', 'at another partner it is another code');
create temporary table p as select tests.create_reward('bakery', '{"code_source": "pool"}') as reward;
select tests.fill_pool(reward, 'in a pool') from p;
select pg_temp.pending('pooled');
select is(pg_temp.code('pooled', 'in a pool') ->> 'outcome', 'duplicate', 'a code that waits in a pool of the partner is one that somebody else will have');
select tests.books_are_right();

-- too late
select pg_temp.pending(name) from unnest('{refused,cancelled,returned,expired,used}'::text[]) name;
select pg_temp.refuse('refused');
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, pg_temp.id('cancelled'))) from k;
select pg_temp.code(name, name) from unnest('{returned,expired,used}'::text[]) name;
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('returned')));
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
update public.redemptions set expires_at = now() where id = pg_temp.id('expired');
select ops.run_due_jobs(now());
create temporary table stories as select name, pg_temp.story(name) as story from t where name in ('refused', 'cancelled', 'returned', 'expired', 'used');
select results_eq('select name, split_part(story, '','', 1) from stories order by name',
  $$ values ('cancelled', 'cancelled partner_cancelled'), ('expired', 'expired'), ('refused', 'failed partner_refused'), ('returned', 'cancelled returned'), ('used', 'used') $$, 'five that have ended');
select is(pg_temp.code(name, 'late for ' || name) - 'redemption', '{"outcome": "ended", "code_ciphertext": null}', name || ': a code that comes after the end is dropped') from unnest('{refused,cancelled}'::text[]) name;
select is(pg_temp.code(name, 'late for ' || name) ->> 'outcome', 'conflict', name || ': another code after the end is refused') from unnest('{returned,expired,used}'::text[]) name;
select is(pg_temp.code(name, name) - 'redemption', jsonb_build_object('outcome', 'repeated', 'code_ciphertext', 'sealed ' || name), name || ': its own code again changes nothing') from unnest('{returned,expired,used}'::text[]) name;
select results_eq('select name, pg_temp.story(name) from stories order by name', 'select name, story from stories order by name', 'all five are as they were');
select is_empty($$ select * from private.reward_codes where ciphertext like 'sealed late for%' $$, 'no late code was kept');

-- refused for good
select pg_temp.pending('no');
select is(pg_temp.stock(), 8, 'eight are taken');
create temporary table r as select pg_temp.refuse('no', repeat('x', 600)) as answer;
select is(answer, jsonb_build_object('redemption', private.redemption_json(d)), 'refused: the answer is the redemption') from r, public.redemptions d where d.id = pg_temp.id('no');
select is(pg_temp.story('no'), 'failed partner_refused, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'it fails at once, with the points back');
select is(pg_temp.stock(), 7, 'and the stock');
select is((select length(details ->> 'answer') from private.audit_log where subject_id = pg_temp.id('no') and action = 'partner_refused'), 500, 'the audit log has what the partner said, at most 500 characters');
select is(pg_temp.refuse('no'), answer, 'a second refusal changes nothing') from r;
select is(pg_temp.story('no'), 'failed partner_refused, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'it is refunded once');
select is(pg_temp.refuse('anna') -> 'redemption' ->> 'status', 'active', 'a refusal after the code does not take the code away');
select is(pg_temp.story('anna'), 'active, sealed A1 code, 0 request, 0 refunds of 0, told redemption.created', 'nor moves points');
select is(pg_temp.refuse('used') -> 'redemption' ->> 'status', 'used', 'nor after its use');
select tests.books_are_right('the books are right after refusals');

-- not known whether
select pg_temp.pending('slow');
select is(pg_temp.fail('slow', null, repeat('x', 600)) -> 'redemption' ->> 'status', 'pending', 'an unknown outcome: it goes on waiting');
select is((select length(last_error) from private.partner_requests where redemption_id = pg_temp.id('slow')), 500, 'the request says why, in at most 500 characters');
create function pg_temp.wait(attempts integer, retry_after integer default null)
returns double precision
language plpgsql
as $$
begin
  update private.partner_requests set attempts = wait.attempts where redemption_id = pg_temp.id('slow');
  perform pg_temp.fail('slow', retry_after);
  return extract(epoch from (select next_attempt_at from private.partner_requests where redemption_id = pg_temp.id('slow')) - now());
end $$;
select ok(pg_temp.wait(attempts) between low and high, format('attempt %s: the next one after %s to %s seconds', attempts, low, high))
from (values (1, 8, 12), (2, 24, 36), (3, 72, 108), (4, 216, 300), (5, 300, 300), (60, 300, 300)) v (attempts, low, high);
select is(pg_temp.wait(1, 120), 120::double precision, 'a partner that names a later moment is asked then');
select ok(pg_temp.wait(1, 1) between 8 and 12, 'one that names an earlier one is not asked sooner');
select ok(pg_temp.wait(1, -100) between 8 and 12, 'nor one that names the past');
select is(pg_temp.wait(1, 2147483647), 3600::double precision, 'and nobody is kept waiting longer than an hour');
select is((select attempts from private.partner_requests where redemption_id = pg_temp.id('slow')), 1, 'attempts are counted when they are handed out');
update private.partner_requests set deadline_at = now() + interval '1 microsecond' where redemption_id = pg_temp.id('slow');
select is(pg_temp.fail('slow') -> 'redemption' ->> 'status', 'pending', 'until the deadline it waits');
update private.partner_requests set deadline_at = now() where redemption_id = pg_temp.id('slow');
select is(pg_temp.fail('slow') -> 'redemption' ->> 'status', 'failed', 'then it fails');
select is(pg_temp.story('slow'), 'failed partner_silent, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'with the points back');
select is(pg_temp.fail('slow') -> 'redemption' ->> 'status', 'failed', 'a later report changes nothing');
select is(pg_temp.story('slow'), 'failed partner_silent, no code, 0 request, 1 refunds of 10, told redemption.cancelled', 'it is refunded once');
select is(pg_temp.fail('anna') -> 'redemption' ->> 'status', 'active', 'a failure that is reported after the code came changes nothing');
select is(pg_temp.code('slow', 'too late') ->> 'outcome', 'ended', 'a code that comes after the deadline is dropped');
select tests.books_are_right('the books are right after silence');

-- asked again
create function pg_temp.claim(batch integer default 20) returns jsonb language sql as $$ select tests.as_service_role(format('select public.claim_partner_requests(%L)', batch)) $$;
select is(pg_temp.claim(), '[]', 'nobody waits');
select pg_temp.pending('first'), pg_temp.pending('second', other), pg_temp.pending('over') from w;
select is(pg_temp.claim(), '[]', 'for the first minute the one who began asks');
update private.partner_requests set next_attempt_at = now() where redemption_id = pg_temp.id('first');
update private.partner_requests set next_attempt_at = now() - interval '1 minute' where redemption_id = pg_temp.id('second');
update private.partner_requests set next_attempt_at = now() - interval '1 hour', deadline_at = now() where redemption_id = pg_temp.id('over');
select is(pg_temp.claim(1), jsonb_build_array(jsonb_build_object('redemption_id', pg_temp.id('second'), 'url', null, 'attempt', 2, 'secrets', array['sealed other'],
  'body', jsonb_build_object('redemption_id', pg_temp.id('second'), 'reward_id', other, 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_spent', 10,
    'discount_type', 'free_item', 'discount_value', null, 'discount_currency', null, 'expires_at', now() + interval '90 days'))), 'the one that waits longest comes first, with all that is needed to ask') from w;
select is(pg_temp.claim() -> 0 ->> 'redemption_id', pg_temp.id('first')::text, 'then the other one');
select is(pg_temp.claim(), '[]', 'each is handed out for a minute; nobody starts asking after the deadline');
select results_eq($$ select redemption_id, attempts, next_attempt_at from private.partner_requests where redemption_id in (pg_temp.id('first'), pg_temp.id('over')) order by attempts $$,
  $$ values (pg_temp.id('over'), 1, now() - interval '1 hour'), (pg_temp.id('first'), 2, now() + interval '60 seconds') $$, 'and counted');
update private.partner_requests set next_attempt_at = now() where redemption_id in (pg_temp.id('first'), pg_temp.id('second'));
select is(jsonb_array_length(pg_temp.claim(0)), 1, 'at least one is handed out');
update private.partner_requests set next_attempt_at = now() where redemption_id in (pg_temp.id('first'), pg_temp.id('second'));
select is(jsonb_array_length(pg_temp.claim(null)), 2, 'without a number, all that are due');
update public.reward_stocks set total = 1000 where reward_id = (select reward from w);
select pg_temp.pending('many ' || i) from generate_series(1, 101) i;
select tests.create_partner('partner ' || i) from generate_series(1, 5) i;
-- of five partners, because none gets all places
update private.partner_requests q set next_attempt_at = now(), partner_id = tests.partner('partner ' || 1 + right(t.name, 1)::integer % 5) from t where t.id = q.redemption_id and t.name like 'many %';
select is(jsonb_array_length(pg_temp.claim(1000)), 100, 'never more than a hundred at once');
select is(jsonb_array_length(pg_temp.claim(1000)), 1, 'the rest comes next');

-- nobody's
select throws_ok(format('select public.record_partner_code(%L, %L, ''sealed code'')', id, tests.hash_of('x')), 'PT404', 'redemption_not_found', 'no redemption for a code')
from unnest(array[gen_random_uuid(), null]) id;
select throws_ok(format('select public.record_partner_refusal(%L, ''No.'')', id), 'PT404', 'redemption_not_found', 'none to refuse') from unnest(array[gen_random_uuid(), null]) id;
select throws_ok(format('select public.record_partner_failure(%L, ''timeout'')', id), 'PT404', 'redemption_not_found', 'none to fail') from unnest(array[gen_random_uuid(), null]) id;
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
