create function private.audit_accounts()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- accounts equal their ledger
  select 'account_differs_from_ledger', a.user_id::text,
    pg_catalog.format('balance %s, earned %s, spent %s; ledger %s, %s, %s',
      a.balance, a.earned, a.spent, s.balance, s.earned, s.spent)
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
$$;
comment on function private.audit_accounts() is 'Part of ops.audit_books: accounts and the chain of balances.';
