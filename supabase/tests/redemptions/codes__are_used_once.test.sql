-- At the till: a code is looked up, used once, and every other attempt is told what became of it.
begin;
select plan(93);
select tests.use_default_settings();
select tests.create_supabase_users('anna');
select tests.create_partner('bakery'), tests.create_partner('other');
delete from private.webhook_messages;
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', '{redemption.used,redemption.cancelled}', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key, tests.create_api_key('bakery') as second, tests.create_api_key('other') as other;
create temporary table w as select tests.create_reward('bakery', '{"return_days": 7, "expiry_refund_percent": 100}', 100) as reward, tests.create_reward('bakery', '{"code_source": "partner_api"}') as asked,
  tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('other') as other;

-- every case has a redemption of its own, named after it, and a code of the same name
create temporary table t (name text primary key, id uuid);
create function pg_temp.redeem(name text, reward uuid default null)
returns void
language plpgsql
as $$ begin insert into t values (name, tests.redeem('anna', coalesce(reward, (select w.reward from w)), name)); end $$;
create function pg_temp.id(name text) returns uuid language sql as $$ select t.id from t where t.name = $1 $$;
create function pg_temp.verify(code text, key text default null)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.verify_code(%L, %L)', coalesce(key, (select k.key from k)), tests.hash_of(code))) $$;
create function pg_temp.use(code text, till_reference text, key text default null)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.use_code(%L, %L, %L)', coalesce(key, (select k.key from k)), tests.hash_of(code), till_reference)) $$;
create function pg_temp.cancel(name text, reason text default null, key text default null)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.cancel_redemption(%L, %L, %L)', coalesce(key, (select k.key from k)), pg_temp.id(name), reason)) $$;
create function pg_temp.error_of_cancel(name text, reason text default null, key text default null)
returns text
language sql
as $$ select tests.error_of(format('select pg_temp.cancel(%L, %L, %L)', name, reason, key)) $$;
create function pg_temp.seen(name text)
returns jsonb
language sql
as $$ select private.partner_redemption_json(r) from public.redemptions r where r.id = pg_temp.id(name) $$;
create function pg_temp.rest() returns jsonb language sql as $$
  select jsonb_build_array((select jsonb_agg(r order by r.id) from public.redemptions r join t using (id)), (select max(id) from public.point_transactions),
    (select count(*) from private.webhook_messages), (select count(*) from private.audit_log)) $$;
create function pg_temp.wrong_codes() returns integer[] language sql as $$
  select array_agg(a.wrong_codes order by n) from k, unnest(array[key, second, other]) with ordinality v (key, n) join private.partner_api_keys a on a.key_hash = v.key::bytea $$;

-- looked up
select pg_temp.redeem(name) from unnest('{plain,gone,over,returned,cancelled}'::text[]) name;
select pg_temp.redeem('theirs', other), pg_temp.redeem('asked', asked) from w;
select tests.fill_pool(pool, 'waiting', 'pooled') from w;
select is(pg_temp.verify('plain'), jsonb_build_object('outcome', 'valid', 'redemption', pg_temp.seen('plain')), 'a code that can be used, with what it is for');
select is((select array_agg(k order by k) from jsonb_object_keys(pg_temp.seen('plain')) k), array['discount_currency', 'discount_type', 'discount_value', 'end_reason', 'ended_at',
  'expires_at', 'id', 'is_test', 'points_spent', 'redeemed_at', 'reward_id', 'status', 'till_reference', 'title_de', 'title_en', 'used_at'], 'and nothing about the member');
update public.redemptions set expires_at = now() where id in (pg_temp.id('gone'), pg_temp.id('over'));
select is(pg_temp.verify('gone') ->> 'outcome', 'expired', 'past its term, before the job comes');
select is(pg_temp.seen('gone') ->> 'status', 'active', 'it really has not come');
select is(pg_temp.use('gone', 'T1') ->> 'outcome', 'expired', 'it cannot be used any more');
select ops.run_due_jobs(now());
select is(pg_temp.seen('over') ->> 'status', 'expired', 'now it has');
select is(pg_temp.verify('over'), jsonb_build_object('outcome', 'expired', 'redemption', pg_temp.seen('over')), 'the till is told the same');
select is(pg_temp.use('over', 'T1') ->> 'outcome', 'expired', 'and can do nothing');
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('returned')));
select is(pg_temp.verify('returned'), jsonb_build_object('outcome', 'cancelled', 'redemption', pg_temp.seen('returned')), 'given back by the member');
select pg_temp.cancel('cancelled');
select is(pg_temp.verify('cancelled') ->> 'outcome', 'cancelled', 'cancelled by the partner');
select is(pg_temp.use('cancelled', 'T1'), jsonb_build_object('outcome', 'cancelled', 'is_repeat', false, 'redemption', pg_temp.seen('cancelled')), 'neither can be used');
update public.redemptions set expires_at = now() + interval '1 microsecond' where id = pg_temp.id('plain');
select is(pg_temp.verify('plain') ->> 'outcome', 'valid', 'a moment before its end a code is valid');
create temporary table before as select pg_temp.rest() as rest;
select pg_temp.verify(name) from t;
select is(pg_temp.rest(), rest, 'looking changes nothing') from before;

-- used
create temporary table u as select pg_temp.use('plain', 'T1/2026-11:4711') as answer;
select is(answer, jsonb_build_object('outcome', 'used', 'is_repeat', false, 'redemption', pg_temp.seen('plain')), 'used, with what it is for') from u;
select results_eq($$ select status::text, used_at, till_reference, ended_at from public.redemptions where id = pg_temp.id('plain') $$, $$ values ('used', now(), 'T1/2026-11:4711', null::timestamptz) $$, 'it is used');
select is((select count(*)::int from public.point_transactions where redemption_id = pg_temp.id('plain')), 1, 'no points move');
select is((select count(*)::int from private.audit_log where subject_id = pg_temp.id('plain') and action = 'redemption_used'), 1, 'the audit log has it');
select results_eq($$ select type, payload -> 'data' ->> 'status', payload -> 'data' ->> 'till_reference' from private.webhook_messages where payload -> 'data' ->> 'redemption_id' = pg_temp.id('plain')::text $$,
  $$ values ('redemption.used', 'used', 'T1/2026-11:4711') $$, 'whoever listens is told');
select is(pg_temp.verify('plain'), jsonb_build_object('outcome', 'used', 'redemption', pg_temp.seen('plain')), 'looked up now, it is used');

-- again, and by somebody else
delete from before;
insert into before select pg_temp.rest();
select is(pg_temp.use('plain', 'T1/2026-11:4711'), answer || '{"is_repeat": true}', 'the same till, the same receipt: the same answer') from u;
select is(pg_temp.use('plain', 'T1/2026-11:4711', second), answer || '{"is_repeat": true}', 'also with the partner''s other key') from u, k;
select is(pg_temp.use('plain', 'T2'), (answer || '{"outcome": "already_used"}'), 'another till: already used, with when and where') from u;
select is(pg_temp.use('plain', 't1/2026-11:4711') ->> 'outcome', 'already_used', 'references are told apart to the letter');
select is(pg_temp.rest(), rest, 'nothing changed') from before;
select tests.as_service_role(format('select public.record_partner_event(%L, ''event'', ''code.used'', now(), %L, null, null, ''{}'')', tests.partner('bakery'), pg_temp.id('asked')));
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed code'')', pg_temp.id('asked'), tests.hash_of('asked')));
select is(pg_temp.use('asked', 'T1') ->> 'outcome', 'already_used', 'what the partner''s own system has reported is used, even without a reference');
select tests.books_are_right();

-- not theirs
update private.partner_api_keys set wrong_codes = 0;
select is(pg_temp.verify('unknown'), '{"outcome": "not_found", "redemption": null}', 'an unknown code');
select is(pg_temp.verify('theirs'), pg_temp.verify('unknown'), 'another partner''s code looks the same');
select is(pg_temp.use('theirs', 'T1'), '{"outcome": "not_found", "is_repeat": false, "redemption": null}', 'cannot be used');
select is(pg_temp.use('unknown', 'T1'), pg_temp.use('theirs', 'T1'), 'like one that does not exist');
select is(pg_temp.verify('waiting') ->> 'outcome', 'not_found', 'a code that still waits in a pool');
select is(pg_temp.use('waiting', 'T1') ->> 'outcome', 'not_found', 'is no code yet');
select is((select status from public.redemptions where id = pg_temp.id('theirs')), 'active', 'theirs is what it was');
select is(pg_temp.wrong_codes(), array[8, 0, 0], 'each wrong code counts against the key that tried it');
select is(pg_temp.use('theirs', 'T1', other) ->> 'outcome', 'used', 'its own partner can use it') from k;
select pg_temp.redeem('pooled', pool) from w;
select is(pg_temp.use('waiting', 'T1') ->> 'outcome', 'used', 'and the one from the pool, once it was given');
select pg_temp.verify('plain'), pg_temp.verify('over'), pg_temp.use('plain', 'T2');
select is(pg_temp.wrong_codes(), array[8, 0, 0], 'codes that were right once do not count');

-- guessing
update private.settings set wrong_code_limit = 10, wrong_code_minutes = 5;
select pg_temp.redeem('guess');
select is(pg_temp.verify('x') ->> 'outcome', 'not_found', 'the ninth wrong code');
select is(pg_temp.verify('guess') ->> 'outcome', 'valid', 'a right one in between');
select is(pg_temp.use('x', 'T1') ->> 'outcome', 'not_found', 'the tenth wrong code');
select is(tests.error_of($$ select pg_temp.verify('x') $$), 'PT429 too_many_wrong_codes (300)', 'then the key has to wait; the detail says how many seconds');
select is(tests.error_of($$ select pg_temp.verify('guess') $$), 'PT429 too_many_wrong_codes (300)', 'a right guess is not told');
select is(tests.error_of($$ select pg_temp.use('guess', 'T1') $$), 'PT429 too_many_wrong_codes (300)', 'nor used');
select is(pg_temp.seen('guess') ->> 'status', 'active', 'really not');
select is(pg_temp.verify('guess', second) ->> 'outcome', 'valid', 'the other tills go on') from k;
update private.partner_api_keys set wrong_codes_since = now() - interval '4 minutes 58.5 seconds' where key_hash = (select key from k)::bytea;
select is(tests.error_of($$ select pg_temp.verify('guess') $$), 'PT429 too_many_wrong_codes (2)', 'the wait is rounded up');
update private.partner_api_keys set wrong_codes_since = now() - interval '5 minutes' where key_hash = (select key from k)::bytea;
select is(pg_temp.verify('guess') ->> 'outcome', 'valid', 'after the minutes of the setting it goes on');
select is(pg_temp.verify('x') ->> 'outcome', 'not_found', 'and counts');
select is(pg_temp.wrong_codes(), array[1, 0, 0], 'from the beginning');
select is(pg_temp.use('guess', 'T1') ->> 'outcome', 'used', 'the right code is used');

-- references of tills
select pg_temp.redeem('till');
create temporary table invalid (number integer generated always as identity, reference text, why text);
insert into invalid (reference, why) values (null, 'null'), ('', 'nothing'), (' ', 'a space'), ('T 1', 'a space inside'), (' T1', 'a space before'), ('T1 ', 'a space after'), ('.T1', 'a full stop before'), ('-1', 'a dash before'),
  ('Kasse1ä', 'a letter with dots'), ('T1' || chr(10), 'a line break after'), ('T1' || chr(10) || 'T2', 'a line break'), ('T1;drop', 'a semicolon'), ('''', 'a quote'), (repeat('T', 65), '65 characters'), ('Ｔ1', 'a wide letter');
select is(tests.error_of(format('select pg_temp.use(''till'', %L)', reference)), 'PT400 till_reference_invalid', 'no reference: ' || why) from invalid order by number;
select is(tests.error_of(format('select pg_temp.use(''unknown'', %L)', '')), 'PT400 till_reference_invalid', 'a bad reference is told before anything about the code');
select is(pg_temp.wrong_codes(), array[1, 0, 0], 'and does not count as a wrong code');
select is(pg_temp.seen('till') ->> 'status', 'active', 'nothing was used');
create temporary table valid (number integer generated always as identity, reference text);
insert into valid (reference) values ('1'), ('T'), ('t.1_2:3/4-5'), ('0' || repeat('-', 63)), (repeat('T', 64));
select pg_temp.redeem('till ' || number) from valid order by number;
select is(pg_temp.use('till ' || number, reference) -> 'redemption' ->> 'till_reference', reference, format('a reference: %s', left(reference, 20))) from valid order by number;

-- cancelled by the partner
select pg_temp.redeem(name) from unnest('{active,back,late}'::text[]) name;
select pg_temp.redeem('waits', asked) from w;
create temporary table stock as select taken from public.reward_stocks join w on reward_id = reward;
create temporary table c as select pg_temp.cancel('active', ' The oven is broken. ') as answer;
select is(answer, pg_temp.seen('active'), 'cancelled: the answer is the redemption') from c;
select results_eq($$ select status::text, end_reason::text, ended_at from public.redemptions where id = pg_temp.id('active') $$, $$ values ('cancelled', 'partner_cancelled', now()) $$, 'it is cancelled');
select results_eq($$ select amount, type::text, description from public.point_transactions where redemption_id = pg_temp.id('active') order by id $$, $$ values (-10, 'redemption', null), (10, 'refund', 'partner_cancelled') $$, 'the points are back');
select is((select s.taken from public.reward_stocks s join w on s.reward_id = w.reward), taken - 1, 'and the stock') from stock;
select is((select details from private.audit_log where subject_id = pg_temp.id('active') and action = 'partner_cancelled'),
  jsonb_build_object('reason', 'The oven is broken.', 'api_key_id', (select a.id from k join private.partner_api_keys a on a.key_hash = k.key::bytea)), 'the audit log says which key, and why');
select results_eq($$ select type from private.webhook_messages where payload -> 'data' ->> 'redemption_id' = pg_temp.id('active')::text $$, array['redemption.cancelled'], 'whoever listens is told');
select is(pg_temp.cancel('active', 'Said twice.'), answer, 'again: the same answer') from c;
select is((select count(*)::int from public.point_transactions where redemption_id = pg_temp.id('active')), 2, 'without a second refund');
select is((select count(*)::int from private.audit_log where subject_id = pg_temp.id('active') and action = 'partner_cancelled'), 1, 'the first reason stays');
select is(pg_temp.cancel('waits') ->> 'status', 'cancelled', 'one that waits for its code can be cancelled');
select is_empty($$ select * from private.partner_requests where redemption_id = pg_temp.id('waits') $$, 'nobody asks for it any more');
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('back')));
select is(pg_temp.error_of_cancel(name), format('PT409 redemption_not_cancellable (%s)', status), name || ': it is too late') from (values ('plain', 'used'), ('over', 'expired'), ('back', 'cancelled')) v (name, status);
select is(pg_temp.error_of_cancel('late', null, other), 'PT404 redemption_not_found', 'another partner''s is not there') from k;
select is(pg_temp.error_of_cancel('no such'), 'PT404 redemption_not_found', 'nor nothing');
select is(pg_temp.error_of_cancel('late', repeat('x', 1001)), 'PT400 text_too_long (reason)', 'an overlong reason');
select is(pg_temp.error_of_cancel('late', 'a' || chr(7)), 'PT400 text_has_control_characters (reason)', 'a reason that rings');
select is(pg_temp.seen('late') ->> 'status', 'active', 'nothing was cancelled by that');
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
