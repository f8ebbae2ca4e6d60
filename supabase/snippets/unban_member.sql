-- Lift a ban. Replace the address. Open tasks return to the search.
select ops.unban_user(a.id)
from auth.users a
where a.email = 'carla@example.test';
