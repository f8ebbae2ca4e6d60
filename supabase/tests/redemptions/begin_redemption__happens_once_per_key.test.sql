-- A phone that retries gets the answer of the first time, whatever has changed since, and pays once.
begin;
select plan(35);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.verify_email('anna', 'ben');
select ops.adjust_points(tests.get_supabase_uid(m), 100, 'Test points.') from unnest('{anna,ben}'::text[]) m;
select tests.create_partner('bakery');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', private.webhook_event_types(), 'sealed secret');

-- one key for everything
create function pg_temp.begin(member text, reward uuid, expected_points integer default 10, code text default gen_random_uuid()::text)
returns text
language sql
as $$
  select format('select public.begin_redemption(%L, %L, %L, %L, %L, %L)',
    tests.get_supabase_uid(member), reward, expected_points, tests.get_supabase_uid('key'), tests.hash_of(code), 'sealed ' || code)
$$;
create function pg_temp.world()
returns jsonb
language sql
as $$
  select jsonb_build_array(
    (select jsonb_agg(a order by a.user_id) from public.point_accounts a), (select jsonb_agg(p.id order by p.id) from public.point_transactions p),
    (select jsonb_agg(s order by s.reward_id) from public.reward_stocks s), (select jsonb_agg(r order by r.id) from public.redemptions r),
    (select jsonb_agg(c order by c.id) from private.reward_codes c), (select jsonb_agg(q order by q.redemption_id) from private.partner_requests q),
    (select jsonb_agg(m order by m.id) from private.webhook_messages m), (select count(*) from private.audit_log))
$$;
create function pg_temp.repeat(command text)
returns jsonb
language plpgsql
as $$
declare
  v_before jsonb := pg_temp.world();
  v_answer jsonb := tests.as_service_role(command);
begin
  return v_answer || case when pg_temp.world() = v_before then '{}' else '{"but": "something changed"}'::jsonb end;
end $$;

-- a key whose attempt changed nothing is free again, also for something else
create temporary table t as select tests.create_reward('bakery', '{"return_days": 7}', 1) as reward, tests.create_reward('bakery', '{"points_cost": 200}') as dear,
  tests.create_reward('bakery', '{"points_cost": 20}') as other, tests.create_reward('bakery', '{"code_source": "partner_api"}') as asked;
select throws_ok(pg_temp.begin('anna', dear, 200), 'PT402', 'insufficient_points', 'an attempt without enough points') from t;
select throws_ok(pg_temp.begin('anna', reward, 9), 'PT409', 'price_changed', 'and one with the price of yesterday') from t;
alter table t add answer jsonb;
update t set answer = tests.as_service_role(pg_temp.begin('anna', reward, 10, 'first'));
select is(answer ->> 'code_ciphertext', 'sealed first', 'leave the key free') from t;
create function pg_temp.once() returns text language sql as $$
  select format('%s redemption, %s payment, %s code, %s taken, %s points left', count(*),
    (select count(*) from public.point_transactions where user_id = tests.get_supabase_uid('anna') and type = 'redemption'),
    (select count(*) from private.reward_codes where partner_id = tests.partner('bakery')),
    (select taken from public.reward_stocks join t on reward_id = reward), (select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna')))
  from public.redemptions where user_id = tests.get_supabase_uid('anna') $$;
select is(pg_temp.once(), '1 redemption, 1 payment, 1 code, 1 taken, 90 points left', 'one redemption was made');

-- repeated
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'the same key and body: the same answer, with the code of the first time') from t;
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'and again') from t;
select is(pg_temp.repeat(pg_temp.begin('anna', reward, 10, 'first')), answer, 'also when the code is the same') from t;
update public.rewards set points_cost = 11, title_en = 'Half a loaf' where id = (select reward from t);
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after the price has changed') from t;
update public.rewards set is_active = false where id = (select reward from t);
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after the reward was retired') from t;
update public.rewards set valid_from = now() - interval '2 days', valid_until = now() - interval '1 day' where id = (select reward from t);
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after it has ended') from t;
update public.rewards set limit_per_member = 1 where id = (select reward from t);
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after the limit was reached') from t;
update public.partners set is_active = false where id = tests.partner('bakery');
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after the partner was switched off') from t;
update auth.users set email_confirmed_at = null where id = tests.get_supabase_uid('anna');
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after the e-mail address has changed') from t;
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after a ban: what was paid for is theirs') from t;
select ops.unban_user(tests.get_supabase_uid('anna'));
select ops.adjust_points(tests.get_supabase_uid('anna'), -90, 'Test.');
select is(pg_temp.repeat(pg_temp.begin('anna', reward)), answer, 'after all points are spent') from t;
select ops.adjust_points(tests.get_supabase_uid('anna'), 90, 'Test.');
select is(pg_temp.once(), '1 redemption, 1 payment, 1 code, 1 taken, 90 points left', 'all that was one redemption');

-- another body
select tests.verify_email('anna');
update public.partners set is_active = true where id = tests.partner('bakery');
select throws_ok(pg_temp.begin('anna', other, 10), 'PT409', 'idempotency_key_reused', 'the same key for another reward') from t;
select throws_ok(pg_temp.begin('anna', other, 20), 'PT409', 'idempotency_key_reused', 'at its price') from t;
select throws_ok(pg_temp.begin('anna', reward, 11), 'PT409', 'idempotency_key_reused', 'for another price') from t;
select throws_ok(pg_temp.begin('anna', null, 10), 'PT409', 'idempotency_key_reused', 'for nothing');
select throws_ok(pg_temp.begin('anna', reward, null), 'PT409', 'idempotency_key_reused', 'for no price') from t;
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select throws_ok(pg_temp.begin('anna', other, 20), 'PT409', 'idempotency_key_reused', 'during a ban as well') from t;
select ops.unban_user(tests.get_supabase_uid('anna'));
select is(pg_temp.once(), '1 redemption, 1 payment, 1 code, 1 taken, 90 points left', 'changed nothing');

-- another member with the same key
select is(tests.as_service_role(pg_temp.begin('ben', other, 20, 'of ben')) ->> 'code_ciphertext', 'sealed of ben', 'the same key of another member is another key') from t;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 80, 'ben pays for himself');
select is(pg_temp.once(), '1 redemption, 1 payment, 2 code, 1 taken, 90 points left', 'and not for anna');

-- the status of today
create function pg_temp.id() returns uuid language sql as $$ select (answer -> 'redemption' ->> 'id')::uuid from t $$;
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id()));
select is((pg_temp.repeat(pg_temp.begin('anna', reward)) -> 'redemption') - '{status,end_reason,ended_at}'::text[], (answer -> 'redemption') - '{status,end_reason,ended_at}'::text[], 'given back, it is still the same one') from t;
select is(pg_temp.repeat(pg_temp.begin('anna', reward)) -> 'redemption' ->> 'status', 'cancelled', 'a repetition shows what has become of it, and redeems nothing') from t;

-- while the partner is asked
create function pg_temp.begin_asked(code text default gen_random_uuid()::text) returns text language sql as $$
  select replace(pg_temp.begin('ben', asked, 10, code), tests.get_supabase_uid('key')::text, tests.get_supabase_uid('another key')::text) from t $$;
create temporary table a as select tests.as_service_role(pg_temp.begin_asked()) as answer;
select is(answer -> 'request' ->> 'attempt', '1', 'the first request is handed out') from a;
select is(pg_temp.repeat(pg_temp.begin_asked()), answer || '{"request": null}', 'a repetition asks nobody again: somebody is at it') from a;
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed theirs'')', answer -> 'redemption' ->> 'id', tests.hash_of('theirs'))) from a;
select is(pg_temp.repeat(pg_temp.begin_asked()) - 'redemption', '{"code_ciphertext": "sealed theirs", "request": null}', 'when the code has come, a repetition has it');
select is(pg_temp.repeat(pg_temp.begin_asked()) -> 'redemption' ->> 'status', 'active', 'and it can be used');
select tests.books_are_right();

-- nobody repeats for a deleted account
delete from auth.users where id = tests.get_supabase_uid('anna');
select throws_ok(pg_temp.begin('anna', reward), 'PT403', 'user_inactive', 'a deleted member gets no code any more') from t;
select tests.books_are_right('the books are right after that too');

select * from finish();
rollback;
