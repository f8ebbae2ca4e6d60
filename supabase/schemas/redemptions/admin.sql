create function private.audit_redemptions()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- every redemption was paid once and refunded exactly as it ended
  select 'redemption_not_paid_right', r.id::text,
    pg_catalog.format('%s is %s: paid %s times %s, refunded %s times %s of %s',
      r.id, r.status, b.payments, b.paid, b.refunds, b.refunded, r.points_spent)
  from public.redemptions r
  cross join lateral (
    select count(*) filter (where p.type = 'redemption') as payments,
      coalesce(-sum(p.amount) filter (where p.type = 'redemption'), 0) as paid,
      count(*) filter (where p.type = 'refund') as refunds,
      coalesce(sum(p.amount) filter (where p.type = 'refund'), 0) as refunded
    from public.point_transactions p
    where p.redemption_id = r.id and p.user_id = r.user_id and p.type in ('redemption', 'refund')) b
  where (b.payments, b.paid) is distinct from (1, r.points_spent)
     or b.refunded <> case when r.status in ('cancelled', 'failed') then r.points_spent
       when r.status = 'expired' then r.expiry_refund_points else 0 end
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
comment on function private.audit_redemptions() is
  'Part of ops.audit_books: payments, refunds, codes, requests, stocks.';

create function ops.audit_books()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select * from private.audit_accounts()
  union all select * from private.audit_payments()
  union all select * from private.audit_redemptions()
$$;
comment on function ops.audit_books() is
  'Proves the books: returns one row for each problem, none when everything is right. Reads every transaction; run '
  'it off-peak on large data.';
grant execute on function ops.audit_books() to service_role, app_read;
