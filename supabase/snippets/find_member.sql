-- A member by e-mail address: profile, points, ban. Replace the address.
select u.id, a.email, u.name, u.is_active, u.is_banned, b.reason as ban_reason, b.banned_at,
  p.balance, p.earned, p.spent, u.created_at
from auth.users a
join public.users u on u.id = a.id
join public.point_accounts p on p.user_id = u.id
left join public.user_bans b on b.user_id = u.id and b.lifted_at is null
where a.email = 'anna@example.test';
