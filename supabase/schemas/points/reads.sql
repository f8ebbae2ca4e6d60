create function public.points_balance(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select a.balance from public.point_accounts a where a.user_id = users.id $$;
comment on function public.points_balance(public.users) is
  'Computed field users.points_balance: the caller''s own points; null on other members.';
grant execute on function public.points_balance(public.users) to authenticated, service_role;
