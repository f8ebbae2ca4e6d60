-- Every reason not to redeem has its own error, in a fixed order, and leaves everything as it was. One reward starts with
-- every fault at once; each step mends the one that was named.
begin;
select plan(33);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'dora');
select tests.create_partner('bakery');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', private.webhook_event_types(), 'sealed secret');
create temporary table t as select tests.create_reward('bakery', '{"code_source": "partner_api", "limit_per_member": 1}', 1) as reward;

create function pg_temp.begin(member text, reward uuid, expected_points integer, idempotency_key uuid default gen_random_uuid())
returns text
language sql
as $$
  select format('select public.begin_redemption(%L, %L, %L, %L, %L, %L)',
    tests.get_supabase_uid(member), reward, expected_points, idempotency_key, tests.hash_of(gen_random_uuid()::text), 'sealed code')
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
create function pg_temp.refusal(member text, expected_points integer, reward uuid)
returns text
language plpgsql
as $$
declare
  v_before jsonb := pg_temp.world();
  v_error  text;
begin
  perform tests.authenticate_as_service_role();
  v_error := tests.error_of(pg_temp.begin(member, reward, expected_points));
  perform tests.reset_authentication();
  return v_error || case when pg_temp.world() = v_before then '' else ', but something changed' end;
end $$;
create function pg_temp.refusal(member text, expected_points integer default 10)
returns text
language sql
as $$ select pg_temp.refusal(member, expected_points, reward) from t $$;
grant execute on all functions in schema pg_temp to service_role;

-- anna has redeemed it once; then everything goes wrong at once
select tests.verify_email('anna');
select ops.adjust_points(tests.get_supabase_uid('anna'), 15, 'Test points.');
select is(tests.as_service_role(pg_temp.begin('anna', reward, 10)) -> 'redemption' ->> 'status', 'pending', 'at first it can be redeemed') from t;
delete from private.partner_connections where partner_id = tests.partner('bakery');
update public.rewards set is_active = false, valid_from = now() + interval '1 microsecond', valid_until = now() + interval '1 day' where id = (select reward from t);
update public.partners set is_active = false where id = tests.partner('bakery');
update auth.users set email_confirmed_at = null where id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'));
select ops.ban_user(tests.get_supabase_uid(m), 'test') from unnest('{anna,dora}'::text[]) m;
delete from auth.users where id = tests.get_supabase_uid('dora');

select is(pg_temp.refusal('nobody', 11), 'PT401 not_signed_in', 'nobody');
select is(pg_temp.refusal(null, 11), 'PT401 not_signed_in', 'null');
select is(pg_temp.refusal('dora', 11, null), 'PT403 user_inactive', 'a deleted account, banned or not');
select is(pg_temp.refusal('anna', 11, null), 'PT403 user_banned', 'a ban goes before everything about the reward');
select ops.unban_user(tests.get_supabase_uid('anna'));
select is(pg_temp.refusal('anna', 11, null), 'PT404 reward_not_found', 'then the reward has to be one');
select is(pg_temp.refusal('anna', 11, gen_random_uuid()), 'PT404 reward_not_found', 'that is known');
select is(pg_temp.refusal('anna', 11), 'PT403 email_not_verified', 'the e-mail address has to be confirmed');
update private.settings set redemption_requires_verified_email = false;
select is(pg_temp.refusal('anna', 11), 'PT409 reward_inactive', 'unless the settings do without');
update private.settings set redemption_requires_verified_email = true;
select is(pg_temp.refusal('anna', 11), 'PT403 email_not_verified', 'or do so no longer');
select tests.verify_email('anna');
select is(pg_temp.refusal('anna', 11), 'PT409 reward_inactive', 'a retired reward of a partner who is switched off');
update public.rewards set is_active = true where id = (select reward from t);
select is(pg_temp.refusal('anna', 11), 'PT409 reward_inactive', 'only the partner is switched off');
update public.rewards set is_active = false where id = (select reward from t);
update public.partners set is_active = true where id = tests.partner('bakery');
select is(pg_temp.refusal('anna', 11), 'PT409 reward_inactive', 'only the reward is retired');
update public.rewards set is_active = true where id = (select reward from t);
select is(pg_temp.refusal('anna', 11), format('PT409 reward_not_started (%s)', now() + interval '1 microsecond'), 'a moment too early; the detail says when');
update public.rewards set valid_from = now() - interval '1 day', valid_until = now() where id = (select reward from t);
select is(pg_temp.refusal('anna', 11), format('PT409 reward_ended (%s)', now()), 'at the very end; the detail says when');
update public.rewards set valid_from = now(), valid_until = now() + interval '1 microsecond' where id = (select reward from t);
select is(pg_temp.refusal('anna', 11), 'PT409 price_changed (10)', 'cheaper than it was shown: the detail is the price');
select is(pg_temp.refusal('anna', 9), 'PT409 price_changed (10)', 'dearer than it was shown');
select is(pg_temp.refusal('anna', 0), 'PT409 price_changed (10)', 'a forged price');
select is(pg_temp.refusal('anna', -10), 'PT409 price_changed (10)', 'a price that would give points');
select is(pg_temp.refusal('anna', null), 'PT409 price_changed (10)', 'no price');
select is(pg_temp.refusal('anna'), 'PT409 reward_inactive (partner_not_connected)', 'a partner whose own system is not connected');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
select is(pg_temp.refusal('anna'), 'PT409 reward_limit_reached (1)', 'the member''s limit; the detail is the limit');
update public.rewards set limit_per_member = 2 where id = (select reward from t);
select is(pg_temp.refusal('anna'), 'PT402 insufficient_points (10 points are needed)', 'not enough points');
select ops.adjust_points(tests.get_supabase_uid('anna'), 4, 'Test points.');
select is(pg_temp.refusal('anna'), 'PT402 insufficient_points (10 points are needed)', 'one point too few');
select ops.adjust_points(tests.get_supabase_uid('anna'), 1, 'Test points.');
select is(pg_temp.refusal('anna'), 'PT409 reward_sold_out', 'sold out');
update public.reward_stocks set total = 2 where reward_id = (select reward from t);

-- nothing is left to complain about
select is(tests.as_service_role(pg_temp.begin('anna', reward, 10)) -> 'redemption' ->> 'status', 'pending',
  'with every fault mended it is redeemed; the first and the last moment count, too') from t;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna')), 0, 'to the last point');
select is(pg_temp.refusal('anna'), 'PT409 reward_limit_reached (2)', 'and nothing more');
select is(pg_temp.refusal('ben'), 'PT403 email_not_verified', 'another member is checked for himself');
select tests.books_are_right();

-- input that the edge function never lets through changes nothing either
select ops.adjust_points(tests.get_supabase_uid('anna'), 10, 'Test points.');
update public.reward_stocks set total = 3 where reward_id = (select reward from t);
update public.rewards set limit_per_member = null where id = (select reward from t);
select is(tests.error_of(pg_temp.begin('anna', reward, 10, null)), 'PT400 validation_failed (idempotency_key)', 'no idempotency key') from t;
select matches(tests.error_of(format('select public.begin_redemption(%L, %L, 10, gen_random_uuid(), null, null)', tests.get_supabase_uid('anna'), tests.create_reward('bakery'))),
  '^23502 ', 'no code where one is needed');
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna')), 10, 'takes no points');

select * from finish();
rollback;
