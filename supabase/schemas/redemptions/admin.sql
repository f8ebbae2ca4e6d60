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

create function ops.audit_books()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  -- accounts equal their ledger
  select 'account_differs_from_ledger', a.user_id::text,
    pg_catalog.format('balance %s, earned %s, spent %s; ledger %s, %s, %s', a.balance, a.earned, a.spent, s.balance,
      s.earned, s.spent)
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
  from (select p.id, p.balance_after, sum(p.amount) over (partition by p.user_id order by p.id) as expected
    from public.point_transactions p) c
  where c.balance_after <> c.expected
  union all
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
  union all
  -- every redemption was paid once and refunded exactly as it ended
  select 'redemption_not_paid_right', r.id::text,
    pg_catalog.format('%s is %s: paid %s times %s, refunded %s times %s of %s', r.id, r.status,
    b.payments, b.paid, b.refunds, b.refunded, r.points_spent)
  from public.redemptions r
  cross join lateral (
    select count(*) filter (where p.type = 'redemption') as payments,
      coalesce(-sum(p.amount) filter (where p.type = 'redemption'), 0) as paid,
      count(*) filter (where p.type = 'refund') as refunds,
        coalesce(sum(p.amount) filter (where p.type = 'refund'), 0) as refunded
    from public.point_transactions p
    where p.redemption_id = r.id and p.user_id = r.user_id and p.type in ('redemption', 'refund')) b
  where (b.payments, b.paid) is distinct from (1, r.points_spent)
     or b.refunded <> case when r.status in ('cancelled', 'failed') then r.points_spent when r.status = 'expired'
       then r.expiry_refund_points else 0 end
     or b.refunds > 1
  union all
  select 'payment_without_redemption', p.id::text, p.redemption_id::text
  from public.point_transactions p
  where p.redemption_id is not null
    and not exists (select from public.redemptions r where r.id = p.redemption_id and r.user_id = p.user_id)
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
  from public.redemptions r
    where r.status = 'active' and not exists (select from private.reward_codes c where c.redemption_id = r.id)
  union all
  select 'code_of_another_reward', c.id::text, c.redemption_id::text
  from private.reward_codes c left join public.redemptions r on r.id = c.redemption_id
  where c.redemption_id is not null and (r.partner_id, r.reward_id) is distinct from (c.partner_id, c.reward_id)
  union all
  select 'pending_redemption_not_queued', r.id::text, null
  from public.redemptions r
    where r.status = 'pending' and not exists (select from private.partner_requests q where q.redemption_id = r.id)
  union all
  select 'queued_redemption_not_pending', r.id::text, r.status
  from private.partner_requests q join public.redemptions r on r.id = q.redemption_id where r.status <> 'pending'
  union all
  -- stocks count what was given out and did not come back; a pool counts its codes
  select 'stock_differs', s.reward_id::text,
    pg_catalog.format('taken %s of %s, given out %s of %s', s.taken, s.total, g.taken, g.total)
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
  where w.is_limited <> exists (select from public.reward_stocks s where s.reward_id = w.id)
    or (w.code_source = 'pool' and not w.is_limited)
$$;
comment on function ops.audit_books() is
  'Proves the books: returns one row for each problem, none when everything is right. Reads every transaction; run '
  'it off-peak on large data.';
grant execute on function ops.audit_books() to service_role;
grant execute on function ops.audit_books() to app_read;
