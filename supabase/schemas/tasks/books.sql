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

comment on view ops.ledger_entries is
  'The ledger as double entry: each transaction on the member''s account and on its counter-account. Always sums to '
  'zero.';
comment on column ops.ledger_entries.transaction_id is 'Row in point_transactions.';
comment on column ops.ledger_entries.account is 'member:<id>, or the counter-account issued, held, redeemed, adjusted.';
comment on column ops.ledger_entries.amount is 'Points; positive is received.';

grant select on ops.ledger_entries to service_role;

create function private.audit_payments()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- every completed task paid its helper its reward, once; nothing else paid anybody
  select 'completed_task_not_paid_right', t.id::text, pg_catalog.format('%s payments', count(p.id))
  from public.tasks t
  left join public.point_transactions p on p.task_id = t.id and p.type = 'task_completed' and p.user_id = t.helper_id
    and p.amount = t.points_reward
  where t.status in ('completed', 'archived')
  group by t.id having count(p.id) <> 1
  union all
  select 'payment_without_completed_task', p.id::text, t.status
  from public.point_transactions p join public.tasks t on t.id = p.task_id
  where p.type = 'task_completed' and t.status not in ('completed', 'archived')
  union all
  -- creator-funded tasks hold exactly their reward until they end without payment
  select 'held_points_wrong', t.id::text,
    pg_catalog.format('held %s of %s, task is %s', h.held, t.points_reward, t.status)
  from public.tasks t
  cross join lateral (
    select coalesce(-sum(p.amount), 0) as held from public.point_transactions p
    where p.task_id = t.id and p.user_id = t.creator_id and p.type in ('task_hold', 'refund')) h
  where h.held <> case when t.reward_funding = 'creator' and t.status not in ('cancelled', 'expired')
    then t.points_reward else 0 end
  union all
  select 'ledger_does_not_sum_to_zero', null, s.total::text
  from (select coalesce(sum(e.amount), 0) as total from ops.ledger_entries e) s where s.total <> 0
$$;
comment on function private.audit_payments() is
  'Part of ops.audit_books: what tasks paid and hold, and the double entry.';
