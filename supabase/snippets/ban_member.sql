-- Ban a member. Replace address and reason; the member can read the reason.
-- Open tasks leave the search, everything else stays as it is. Running it again changes the reason.
select b.*
from auth.users a
cross join lateral ops.ban_user(a.id, 'Posted the same advertisement forty times.') b
where a.email = 'carla@example.test';
