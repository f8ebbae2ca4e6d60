-- The proof of the books must be able to fail: each kind of damage, planted past the triggers, is named.
begin;
select plan(24);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select ops.adjust_points(tests.get_supabase_uid(m), 500, 'Test points.') from unnest('{anna,ben}'::text[]) m;
create temporary table t as select tests.task_in('completed', 'anna', 'ben', 30) as paid, tests.task_in('pending_confirmation', 'anna', 'ben', 20) as waiting;
update private.settings set reward_funding = 'creator';
alter table t add held uuid, add ended uuid;
update t set held = tests.task_in('assigned', 'anna', 'ben', 40), ended = tests.task_in('cancelled', 'anna', 'ben', 50);
select tests.books_are_right('before the damage everything is right');

-- what an admin with the database password could do, and nobody else
create function pg_temp.damage(relation regclass, command text)
returns setof text
language plpgsql
as $$
begin
  execute format('alter table %s disable trigger user', relation);
  execute command;
  execute format('alter table %s enable trigger user', relation);
  return query select problem from ops.audit_books() order by 1;
  raise exception using errcode = 'TT001';  -- undo the damage
exception when sqlstate 'TT001' then
  return;
end $$;

select bag_eq($$ select pg_temp.damage('public.point_accounts', $d$ update public.point_accounts set balance = balance + 1 where user_id = tests.get_supabase_uid('anna') $d$) $$,
  array['account_differs_from_ledger'], 'a balance that was edited');
select bag_eq($$ select pg_temp.damage('public.point_accounts', $d$ update public.point_accounts set earned = earned + 1 where user_id = tests.get_supabase_uid('ben') $d$) $$,
  array['account_differs_from_ledger'], 'points earned that were edited');
select bag_eq($$ select pg_temp.damage('public.point_accounts', $d$ update public.point_accounts set spent = spent + 1 where user_id = tests.get_supabase_uid('ben') $d$) $$,
  array['account_differs_from_ledger'], 'points spent that were edited');
select bag_eq($$ select pg_temp.damage('public.point_accounts', $d$ delete from public.point_accounts where user_id = tests.get_supabase_uid('cem') $d$) $$,
  array['member_without_account'], 'an account that was deleted');
select bag_eq($$ select pg_temp.damage('public.point_transactions', $d$ update public.point_transactions set balance_after = balance_after + 1 where task_id = (select paid from t) $d$) $$,
  array['balance_after_breaks_chain'], 'a balance_after that was edited');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ update public.point_transactions set amount = amount + 1 where task_id = (select paid from t) $d$) $$,
  $$ values ('account_differs_from_ledger'), ('balance_after_breaks_chain'), ('completed_task_not_paid_right') $$, 'an amount that was edited');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ delete from public.point_transactions where task_id = (select paid from t) $d$) $$,
  $$ values ('account_differs_from_ledger'), ('completed_task_not_paid_right') $$, 'a payment that was deleted');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ delete from public.point_transactions where type = 'admin_adjustment' and user_id = tests.get_supabase_uid('anna') $d$) $$,
  $$ values ('account_differs_from_ledger') $$, 'an adjustment that was deleted');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ update public.point_transactions set user_id = tests.get_supabase_uid('cem') where task_id = (select paid from t) $d$) $$,
  $$ values ('completed_task_not_paid_right') $$, 'a payment to somebody else');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ delete from public.point_transactions where task_id = (select held from t) $d$) $$,
  $$ values ('held_points_wrong') $$, 'a hold that was deleted');
select set_has($$ select pg_temp.damage('public.point_transactions', $d$ delete from public.point_transactions where task_id = (select ended from t) and type = 'refund' $d$) $$,
  $$ values ('held_points_wrong') $$, 'a refund that was deleted');
select bag_eq($$ select pg_temp.damage('public.tasks', $d$ update public.tasks set status = 'completed', completed_at = now() where id = (select waiting from t) $d$) $$,
  array['completed_task_not_paid_right'], 'a task that was completed by hand, unpaid');
select bag_eq($$ select pg_temp.damage('public.tasks', $d$ update public.tasks set status = 'pending_confirmation', completed_at = null where id = (select paid from t) $d$) $$,
  array['payment_without_completed_task'], 'a paid task that was opened again by hand');
select bag_eq($$ select pg_temp.damage('public.tasks', $d$ update public.tasks set points_reward = 31 where id = (select paid from t) $d$) $$,
  array['completed_task_not_paid_right'], 'a reward that was changed after payment');
select bag_eq($$ select pg_temp.damage('public.tasks', $d$ update public.tasks set points_reward = 41 where id = (select held from t) $d$) $$,
  array['held_points_wrong'], 'a reward that was changed after the hold');
select bag_eq($$ select pg_temp.damage('public.tasks', $d$ update public.tasks set reward_funding = 'creator' where id = (select waiting from t) $d$) $$,
  array['held_points_wrong'], 'a funding that was changed, with nothing held');
select tests.books_are_right('afterwards everything is right again');

-- who may run it
select tests.authenticate_as_service_role();
select lives_ok('select * from ops.audit_books()', 'the service role may run it');
select lives_ok('select * from ops.audit_tasks()', 'and the other one');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.audit_books()', '42501', 'permission denied for schema ops', 'a member may not');
select tests.reset_authentication();
-- app_read cannot reach pgTAP: the role is taken on around the one command
grant app_read to current_user;
create function pg_temp.error_as_app_read(command text)
returns text
language plpgsql
as $$
declare
  v_error text;
begin
  perform tests.act_as('app_read', null);
  begin
    execute command;
  exception when others then
    v_error := sqlstate || ' ' || sqlerrm;
  end;
  reset role;
  return v_error;
end $$;
select is(pg_temp.error_as_app_read('select * from ops.audit_books()'), null, 'app_read may run it');
select is(pg_temp.error_as_app_read('select * from ops.audit_tasks()'), null, 'and the other one');
select is(pg_temp.error_as_app_read('select * from public.point_accounts'), '42501 permission denied for table point_accounts', 'app_read sees no member''s points');

select * from finish();
rollback;
