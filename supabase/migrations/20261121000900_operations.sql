-- Room: operations. Deadlines, bans, and the proof that the books are right.
-- Definers: service_role has no table rights, so every ops function runs with its owner's.

-- Tables ----------------------------------------------------------------------------------------------------------------

create table private.job_progress (
  job      text primary key,
  position bigint not null default 0
);
comment on table private.job_progress is 'How far a job that works through a log has come.';
comment on column private.job_progress.job is 'Name of the job.';
comment on column private.job_progress.position is 'Last id it has dealt with.';
alter table private.job_progress enable row level security;
revoke all on private.job_progress from public, anon, authenticated, service_role;
insert into private.job_progress (job) values ('archive_tasks');

-- Deadlines -------------------------------------------------------------------------------------------------------------

create function ops.run_due_jobs(as_of timestamptz default now())
returns table (job text, processed integer, failed integer)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_batch   constant integer := 1000;
  v_waiting timestamptz := as_of - (select pg_catalog.make_interval(days => s.confirmation_days) from private.settings s);
  v_task    public.tasks;
  v_from    bigint;
  v_to      bigint;
begin
  -- one run at a time: two would pay the same helpers in different order and wait for each other
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs')) then
    return;
  end if;

  -- first, because it locks members, and the others lock point accounts: members come before accounts everywhere
  return query select r.job, r.processed, r.failed from private.run_ratings_jobs(as_of, c_batch) r;

  job := 'expire_tasks'; processed := 0; failed := 0;
  for v_task in
    select t.* from public.tasks t
    where t.status = 'open' and t.id in (
      select o.task_id from private.open_tasks o where o.expires_at <= as_of
      union all  -- tasks of banned creators are not listed
      select b.id from public.users u join public.tasks b on b.creator_id = u.id
      where u.is_banned and b.status = 'open' and b.expires_at <= as_of)
    order by t.expires_at limit c_batch
    for no key update of t skip locked
  loop
    begin
      -- task, then member, as everywhere: a ban may be running. Busy members wait for the next run: this one may hold what they wait for
      perform from public.users u where u.id = v_task.creator_id for share skip locked;
      continue when not found;
      perform private.close_task(v_task, null, 'expired', null);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'task % could not expire: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
  return next;

  job := 'confirm_tasks'; processed := 0; failed := 0;
  delete from private.pending_confirmations p using public.tasks t
  where t.id = p.task_id and p.finished_at <= v_waiting and t.status <> 'pending_confirmation';
  for v_task in
    select t.* from private.pending_confirmations p join public.tasks t on t.id = p.task_id
    where p.finished_at <= v_waiting and t.status = 'pending_confirmation'
    order by p.finished_at limit c_batch
    for no key update of t skip locked
  loop
    begin
      perform private.complete_task(v_task.id, null);
      delete from private.pending_confirmations p where p.task_id = v_task.id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'task % could not be confirmed: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
  return next;

  return query select r.job, r.processed, r.failed from private.end_due_redemptions(as_of, c_batch) r;

  return query select * from private.run_recommendations_jobs(as_of, c_batch);

  job := 'purge_webhooks'; processed := 0; failed := 0;
  update private.webhook_messages m set status = 'dead', last_error = coalesce(m.last_error, 'endpoint disabled')
  from private.webhook_endpoints e
  where e.id = m.endpoint_id and not e.is_enabled and m.status = 'pending' and m.created_at < as_of - interval '3 days';
  delete from private.webhook_messages m
  where m.id in (select w.id from private.webhook_messages w where w.created_at < as_of - interval '90 days' and w.status <> 'pending' order by w.created_at limit c_batch);
  get diagnostics processed = row_count;
  return next;

  -- payments stand in the ledger in order of completion, so old tasks are found without an index on tasks
  job := 'archive_tasks'; processed := 0; failed := 0;
  select j.position into v_from from private.job_progress j where j.job = 'archive_tasks' for update skip locked;
  select max(b.id) into v_to
  from (select p.id from public.point_transactions p
        where p.id > v_from and p.created_at < as_of - interval '1 year' order by p.id limit c_batch) b;
  if v_to is not null then
    with archived as (
      update public.tasks t set status = 'archived', updated_at = now()
      from public.point_transactions p
      where p.id > v_from and p.id <= v_to and p.type = 'task_completed' and t.id = p.task_id and t.status = 'completed'
      returning t.*)
    insert into public.task_events (task_id, creator_id, helper_id, action) select a.id, a.creator_id, a.helper_id, 'archived' from archived a;
    get diagnostics processed = row_count;
    update private.job_progress j set position = v_to where j.job = 'archive_tasks';
  end if;
  return next;

  return query select s.job, s.processed, s.failed from private.run_statistics_jobs(as_of, c_batch) s;

  -- last: it locks notifications and waits for nobody after that
  return query select r.job, r.processed, r.failed from private.run_notifications_jobs(as_of, c_batch) r;
end $$;
comment on function ops.run_due_jobs(timestamptz) is
  'Does what is due at a moment: expires open tasks past their deadline, confirms finished tasks that nobody answered, expires codes past their term, refunds redemptions whose partner stayed silent, forgets webhook messages after 90 days, archives tasks completed more than a year ago, reveals ratings after 7 days, counts statistics (up to 20,000 rows), reminds of deadlines and puts notifications into the outbox. At most 1000 of each per call; safe to repeat. Returns one row per job with the number done and failed; nothing while another run is under way.';

-- Bans ------------------------------------------------------------------------------------------------------------------

create function ops.ban_user(user_id uuid, reason text)
returns public.user_bans
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(ban_user.reason, 'reason', 1, 1000, true);
  v_ban    public.user_bans;
begin
  update public.users u set is_banned = true where u.id = ban_user.user_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  update public.user_bans b set reason = v_reason where b.user_id = ban_user.user_id and b.lifted_at is null
  returning b.* into v_ban;
  return v_ban;
end $$;
comment on function ops.ban_user(uuid, text) is
  'Bans a member, with a reason the member can read, and returns the ban. Their open tasks leave the search; they can read but not act. Repeating it changes the reason. Errors: user_not_found, text_blank, text_too_long.';

create function ops.unban_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.users u set is_banned = false where u.id = unban_user.user_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
end $$;
comment on function ops.unban_user(uuid) is 'Lifts a ban; open tasks return to the search. Errors: user_not_found.';

-- Books -----------------------------------------------------------------------------------------------------------------

create view ops.ledger_entries with (security_invoker = true) as
select p.id as transaction_id, e.account, e.amount, p.created_at
from public.point_transactions p
left join public.tasks t on t.id = p.task_id
cross join lateral (values
  ('member:' || p.user_id, p.amount),
  (case
     when p.type = 'task_hold' or (p.type in ('task_completed', 'refund') and t.reward_funding = 'creator') then 'held'
     when p.type in ('redemption', 'refund') then 'redeemed'
     when p.type = 'admin_adjustment' then 'adjusted'
     else 'issued'
   end, -p.amount)) as e (account, amount);

comment on view ops.ledger_entries is 'The ledger as double entry: each transaction on the member''s account and on its counter-account. Always sums to zero.';
comment on column ops.ledger_entries.transaction_id is 'Row in point_transactions.';
comment on column ops.ledger_entries.account is 'member:<id>, or the counter-account issued, held, redeemed, adjusted.';
comment on column ops.ledger_entries.amount is 'Points; positive is received.';
comment on column ops.ledger_entries.created_at is 'When.';

create function ops.audit_books()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  -- accounts equal their ledger
  select 'account_differs_from_ledger', a.user_id::text,
    pg_catalog.format('balance %s, earned %s, spent %s; ledger %s, %s, %s', a.balance, a.earned, a.spent, s.balance, s.earned, s.spent)
  from public.point_accounts a
  cross join lateral (
    select coalesce(sum(p.amount), 0) as balance,
      coalesce(sum(p.amount) filter (where p.type in ('task_completed', 'bonus')), 0) as earned,
      coalesce(-sum(p.amount) filter (where p.type in ('task_hold', 'redemption', 'refund')), 0) as spent
    from public.point_transactions p where p.user_id = a.user_id) s
  where (a.balance, a.earned, a.spent) is distinct from (s.balance, s.earned, s.spent)
  union all
  select 'member_without_account', u.id::text, null
  from public.users u where not exists (select from public.point_accounts a where a.user_id = u.id)
  union all
  -- every balance_after continues the one before
  select 'balance_after_breaks_chain', c.id::text, pg_catalog.format('%s, expected %s', c.balance_after, c.expected)
  from (select p.id, p.balance_after, sum(p.amount) over (partition by p.user_id order by p.id) as expected from public.point_transactions p) c
  where c.balance_after <> c.expected
  union all
  -- every completed task paid its helper its reward, once; nothing else paid anybody
  select 'completed_task_not_paid_right', t.id::text, pg_catalog.format('%s payments', count(p.id))
  from public.tasks t
  left join public.point_transactions p on p.task_id = t.id and p.type = 'task_completed' and p.user_id = t.helper_id and p.amount = t.points_reward
  where t.status in ('completed', 'archived')
  group by t.id having count(p.id) <> 1
  union all
  select 'payment_without_completed_task', p.id::text, t.status
  from public.point_transactions p join public.tasks t on t.id = p.task_id
  where p.type = 'task_completed' and t.status not in ('completed', 'archived')
  union all
  -- creator-funded tasks hold exactly their reward until they end without payment
  select 'held_points_wrong', t.id::text, pg_catalog.format('held %s of %s, task is %s', h.held, t.points_reward, t.status)
  from public.tasks t
  cross join lateral (
    select coalesce(-sum(p.amount), 0) as held from public.point_transactions p
    where p.task_id = t.id and p.user_id = t.creator_id and p.type in ('task_hold', 'refund')) h
  where h.held <> case when t.reward_funding = 'creator' and t.status not in ('cancelled', 'expired') then t.points_reward else 0 end
  union all
  select 'ledger_does_not_sum_to_zero', null, s.total::text
  from (select coalesce(sum(e.amount), 0) as total from ops.ledger_entries e) s where s.total <> 0
  union all
  -- every redemption was paid once and refunded exactly as it ended
  select 'redemption_not_paid_right', r.id::text, pg_catalog.format('%s is %s: paid %s times %s, refunded %s times %s of %s', r.id, r.status,
    b.payments, b.paid, b.refunds, b.refunded, r.points_spent)
  from public.redemptions r
  cross join lateral (
    select count(*) filter (where p.type = 'redemption') as payments, coalesce(-sum(p.amount) filter (where p.type = 'redemption'), 0) as paid,
      count(*) filter (where p.type = 'refund') as refunds, coalesce(sum(p.amount) filter (where p.type = 'refund'), 0) as refunded
    from public.point_transactions p
    where p.redemption_id = r.id and p.user_id = r.user_id and p.type in ('redemption', 'refund')) b
  where (b.payments, b.paid) is distinct from (1, r.points_spent)
     or b.refunded <> case when r.status in ('cancelled', 'failed') then r.points_spent when r.status = 'expired' then r.expiry_refund_points else 0 end
     or b.refunds > 1
  union all
  select 'payment_without_redemption', p.id::text, p.redemption_id::text
  from public.point_transactions p
  where p.redemption_id is not null and not exists (select from public.redemptions r where r.id = p.redemption_id and r.user_id = p.user_id)
  union all
  select 'redemption_status_impossible', r.id::text, r.status
  from public.redemptions r where not private.status_fits_its_moments(r.status, r.used_at, r.ended_at)
  union all
  select 'redemption_without_reward', r.id::text, r.reward_id::text
  from public.redemptions r
  where not exists (select from public.rewards w where w.id = r.reward_id and w.partner_id = r.partner_id)
     or not exists (select from public.users u where u.id = r.user_id)
  union all
  -- a code that can be used is there, and belongs to what it was given for
  select 'active_redemption_without_code', r.id::text, null
  from public.redemptions r where r.status = 'active' and not exists (select from private.reward_codes c where c.redemption_id = r.id)
  union all
  select 'code_of_another_reward', c.id::text, c.redemption_id::text
  from private.reward_codes c left join public.redemptions r on r.id = c.redemption_id
  where c.redemption_id is not null and (r.partner_id, r.reward_id) is distinct from (c.partner_id, c.reward_id)
  union all
  select 'pending_redemption_not_queued', r.id::text, null
  from public.redemptions r where r.status = 'pending' and not exists (select from private.partner_requests q where q.redemption_id = r.id)
  union all
  select 'queued_redemption_not_pending', r.id::text, r.status
  from private.partner_requests q join public.redemptions r on r.id = q.redemption_id where r.status <> 'pending'
  union all
  -- stocks count what was given out and did not come back; a pool counts its codes
  select 'stock_differs', s.reward_id::text, pg_catalog.format('taken %s of %s, given out %s of %s', s.taken, s.total, g.taken, g.total)
  from public.reward_stocks s join public.rewards w on w.id = s.reward_id
  cross join lateral (
    select count(*) filter (where w.code_source = 'pool' or r.status not in ('cancelled', 'failed')) as taken,
      case when w.code_source = 'pool' then
        (select count(*) from private.reward_codes c where c.reward_id = w.id and c.redemption_id is null)
        + count(r.id) else s.total end as total
    from public.redemptions r where r.reward_id = w.id) g
  where (s.taken, s.total) is distinct from (g.taken, g.total)
  union all
  select 'reward_limit_not_marked', w.id::text, null
  from public.rewards w
  where w.is_limited <> exists (select from public.reward_stocks s where s.reward_id = w.id) or (w.code_source = 'pool' and not w.is_limited)
$$;
comment on function ops.audit_books() is 'Proves the books: returns one row for each problem, none when everything is right. Reads every transaction; run it off-peak on large data.';

create function ops.audit_tasks()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'open_task_not_listed', t.id::text, null
  from public.tasks t join public.users u on u.id = t.creator_id
  where t.status = 'open' and not u.is_banned and not exists (select from private.open_tasks o where o.task_id = t.id)
  union all
  select 'listed_task_not_open', t.id::text, t.status
  from private.open_tasks o join public.tasks t on t.id = o.task_id join public.users u on u.id = t.creator_id
  where t.status <> 'open' or u.is_banned
  union all
  select 'listed_task_differs', t.id::text, null
  from private.open_tasks o join public.tasks t on t.id = o.task_id
  where (o.creator_id, o.category, o.neighbourhood_id, o.created_at, o.expires_at)
        is distinct from (t.creator_id, t.category, t.neighbourhood_id, t.created_at, coalesce(t.expires_at, 'infinity'))
     or not (o.position ~= private.mercator(t.latitude, t.longitude))
     or (o.cell, o.coarse_cell) is distinct from (private.search_cell(o.position, 8192), private.search_cell(o.position, 65536))
  union all
  select 'finished_task_not_queued', t.id::text, null
  from public.tasks t
  where t.status = 'pending_confirmation' and not exists (select from private.pending_confirmations p where p.task_id = t.id and p.finished_at = t.finished_at)
  union all
  select 'task_without_one_accepted_offer', t.id::text, pg_catalog.format('%s accepted', count(o.id))
  from public.tasks t left join public.task_offers o on o.task_id = t.id and o.status = 'accepted'
  group by t.id
  having count(o.id) <> case when t.helper_id is null then 0 else 1 end or (t.helper_id is not null and min(o.helper_id::text) <> t.helper_id::text)
$$;
comment on function ops.audit_tasks() is 'Proves that the search projection, the confirmation queue and the offers agree with the tasks: one row for each problem, none when everything is right.';

-- Grants ----------------------------------------------------------------------------------------------------------------

revoke all on ops.ledger_entries from public, anon, authenticated, service_role;
grant select on ops.ledger_entries to service_role;
revoke all on function ops.run_due_jobs(timestamptz), ops.ban_user(uuid, text), ops.unban_user(uuid), ops.audit_books(), ops.audit_tasks()
  from public, anon, authenticated, service_role;
grant execute on function ops.run_due_jobs(timestamptz), ops.ban_user(uuid, text), ops.unban_user(uuid), ops.audit_books(), ops.audit_tasks() to service_role;
grant execute on function ops.audit_books(), ops.audit_tasks() to app_read;

-- Schedule: by pg_cron where the platform has it; the local stack calls run_due_jobs itself ------------------------------

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()');
  end if;
exception when others then  -- installed on the machine, but not loaded by this server
  raise notice 'pg_cron cannot be used here (%), call ops.run_due_jobs() every minute yourself', sqlerrm;
end $$;
