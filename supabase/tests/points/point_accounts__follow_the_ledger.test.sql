-- A balance never moves without a ledger row, whoever tries.
begin;
select plan(31);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select ops.adjust_points(tests.get_supabase_uid('anna'), 50, 'Test points.');
create temporary table before as select * from public.point_accounts;

-- an admin editing the number in Studio
select throws_ok($$ update public.point_accounts set balance = 1000 where user_id = tests.get_supabase_uid('anna') $$, 'PT409', 'balance_not_editable', 'owner: a balance cannot be edited');
select throws_ok($$ update public.point_accounts set earned = 1000 where user_id = tests.get_supabase_uid('anna') $$, 'PT409', 'balance_not_editable', 'owner: nor can earned');
select throws_ok($$ update public.point_accounts set spent = 1000 where user_id = tests.get_supabase_uid('anna') $$, 'PT409', 'balance_not_editable', 'owner: nor spent');
select throws_ok('update public.point_accounts set balance = balance', 'PT409', 'balance_not_editable', 'owner: nor all at once');
select throws_ok($$ delete from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, 'PT409', 'balance_not_editable', 'owner: an account cannot be deleted');
select throws_ok('truncate public.point_accounts cascade', 'PT409', 'balance_not_editable', 'owner: nor all of them');
select matches(tests.error_of('truncate public.users cascade'), '^PT409 (ledger_is_append_only|balance_not_editable)', 'owner: nor through the members');
select throws_ok(
  $$ insert into public.point_accounts (user_id, balance) values (tests.get_supabase_uid('anna'), 10)
     on conflict (user_id) do update set balance = 10 $$, 'PT409', 'balance_not_editable', 'owner: no account starts with points');
select throws_ok(
  $$ insert into public.point_accounts (user_id, earned) values (tests.get_supabase_uid('nobody'), 10) $$, 'PT409', 'balance_not_editable', 'owner: nor with points earned');
select throws_ok(
  $$ insert into public.point_accounts (user_id, spent) values (tests.get_supabase_uid('nobody'), 10) $$, 'PT409', 'balance_not_editable', 'owner: nor with points spent');
create function pg_temp.hint_of(command text)
returns text
language plpgsql
as $$
declare
  v_hint text;
begin
  execute command;
  return null;
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return v_hint;
end $$;
select matches(pg_temp.hint_of('update public.point_accounts set balance = 1'), 'ops\.adjust_points\(user_id, amount, reason\)', 'the error says what to do instead');
select set_eq('select * from public.point_accounts', 'select * from before', 'every account reads as before');

-- the rules of the ledger
create function pg_temp.book(amount integer, type text, task_id uuid default null, member text default 'anna', redemption_id uuid default null)
returns text
language sql
as $$
  select tests.error_of(format('insert into public.point_transactions (id, user_id, amount, type, task_id, redemption_id, balance_after) values (0, %L, %L, %L, %L, %L, 0)',
    tests.get_supabase_uid(member), amount, type, task_id, redemption_id))
$$;
-- two redemptions to book for
create temporary table r as select gen_random_uuid() as used, gen_random_uuid() as cancelled;
insert into public.partners (id, name) values (tests.get_supabase_uid('partner'), 'Sea Bakery');
insert into public.rewards (id, partner_id, title_de, title_en, points_cost, discount_type)
values (tests.get_supabase_uid('reward'), tests.get_supabase_uid('partner'), 'Ein Brot', 'A loaf', 50, 'free_item');
insert into public.redemptions (id, user_id, partner_id, reward_id, idempotency_key, points_spent, discount_type, partner_name, title_de, title_en, status, expiry_refund_points, expires_at, used_at, ended_at)
select v.id, tests.get_supabase_uid('anna'), tests.get_supabase_uid('partner'), tests.get_supabase_uid('reward'), v.id, 50, 'free_item', 'Sea Bakery', 'Ein Brot', 'A loaf', v.status, 0, now(),
  case v.status when 'used' then now() end, case v.status when 'cancelled' then now() end
from r, lateral (values (used, 'used'), (cancelled, 'cancelled')) v (id, status);
select is(pg_temp.book(-51, 'redemption', null, 'anna', used), 'PT402 insufficient_points (51 points are needed)', 'more than there is') from r;
select is(pg_temp.book(-50, 'redemption', null, 'anna', used), 'no error', 'all there is') from r;
select is(pg_temp.book(-1, 'redemption', null, 'anna', cancelled), 'PT402 insufficient_points (1 points are needed)', 'and nothing more') from r;
select results_eq($$ select amount, balance_after from public.point_transactions where user_id = tests.get_supabase_uid('anna') order by id $$,
  $$ values (50, 50), (-50, 0) $$, 'the refused bookings left nothing behind');
select results_eq(
  $$ select a, t, pg_temp.book(a, t) from (values (0, 'bonus'), (-1, 'bonus'), (0, 'refund'), (-1, 'refund'), (0, 'redemption'), (1, 'redemption'),
       (1, 'task_hold'), (-1, 'task_hold'), (-1, 'task_completed'), (1, 'task_completed'), (0, 'admin_adjustment'), (5, 'gift'), (5, null)) v (a, t) $$,
  $$ select a, t, 'PT400 amount_invalid (' || coalesce(t, '') || ' ' || a || ')' from (values (0, 'bonus'), (-1, 'bonus'), (0, 'refund'), (-1, 'refund'), (0, 'redemption'), (1, 'redemption'),
       (1, 'task_hold'), (-1, 'task_hold'), (-1, 'task_completed'), (1, 'task_completed'), (0, 'admin_adjustment'), (5, 'gift'), (5, null)) v (a, t) $$,
  'amounts whose sign does not fit, tasks that are not named, and types that do not exist are refused');
select is(pg_temp.book(5, 'bonus', null, 'nobody'), 'PT404 user_not_found', 'nobody''s account');
select matches(pg_temp.book(5, 'task_completed', tests.get_supabase_uid('no task')), '^23503 ', 'a task that does not exist');

-- a redemption is paid once and refunded once, even if somebody books by hand
select results_eq($$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (0, 0, 50) $$, 'what was redeemed is spent');
select ops.adjust_points(tests.get_supabase_uid('anna'), 100, 'Test points.');
select matches(pg_temp.book(-50, 'redemption', null, 'anna', used), '^23505 .*"redemption_is_paid_and_refunded_once"', 'a second payment for the same redemption') from r;
select is(pg_temp.book(-50, 'redemption', null, 'anna', cancelled), 'no error', 'a payment for another one') from r;
select is(pg_temp.book(50, 'refund', null, 'anna', cancelled), 'no error', 'its refund') from r;
select matches(pg_temp.book(50, 'refund', null, 'anna', cancelled), '^23505 .*"redemption_is_paid_and_refunded_once"', 'a second refund') from r;
select results_eq($$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (100, 0, 50) $$,
  'what came back is spent no more, and what was refused was not booked');
select results_eq(
  $$ select why, pg_temp.book(amount, type, task, 'anna', redemption)
     from r, lateral (values ('a redemption that names none', -1, 'redemption', null::uuid, null::uuid), ('a redemption that gives', 1, 'redemption', null, cancelled),
       ('a refund of nothing', 1, 'refund', null, null), ('a refund of a task and a redemption', 1, 'refund', tests.get_supabase_uid('task'), cancelled),
       ('a refund that takes', -1, 'refund', null, cancelled)) v (why, amount, type, task, redemption) $$,
  $$ values ('a redemption that names none', 'PT400 amount_invalid (redemption -1)'), ('a redemption that gives', 'PT400 amount_invalid (redemption 1)'),
       ('a refund of nothing', 'PT400 amount_invalid (refund 1)'), ('a refund of a task and a redemption', 'PT400 amount_invalid (refund 1)'),
       ('a refund that takes', 'PT400 amount_invalid (refund -1)') $$, 'what does not name its redemption is refused');
select results_eq($$ select e.account, sum(e.amount)::int from ops.ledger_entries e join public.point_transactions p on p.id = e.transaction_id where p.user_id = tests.get_supabase_uid('anna') group by 1 order by 1 $$,
  $$ values ('adjusted', -150), ('member:' || tests.get_supabase_uid('anna'), 100), ('redeemed', 50) $$, 'double entry: the counter-account of redemptions is redeemed');

-- a task is paid once, even if somebody books by hand
create temporary table t as select tests.task_in('completed', 'anna', 'ben', 30) as id;
select matches((select pg_temp.book(30, 'task_completed', id, 'ben') from t), '^23505 .*"task_is_paid_once"', 'a second payment for the same task');
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 30, 'was not booked');

-- the last line: even past the triggers no balance is negative
alter table public.point_accounts disable trigger point_accounts_follow_the_ledger;
select throws_ok($$ update public.point_accounts set balance = -1 where user_id = tests.get_supabase_uid('anna') $$, '23514',
  'new row for relation "point_accounts" violates check constraint "balance_is_not_negative"', 'a balance is never negative');
alter table public.point_accounts enable trigger point_accounts_follow_the_ledger;
select tests.books_are_right();

select * from finish();
rollback;
