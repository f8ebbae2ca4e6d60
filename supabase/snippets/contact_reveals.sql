-- Who was shown a member's exact places and phone number, newest first. Replace the address.
select r.revealed_at, v.name as viewer, t.title, r.showed_place, r.showed_phone_number
from private.contact_reveals r
join auth.users a on a.id = r.user_id
join public.users v on v.id = r.actor_id
join public.tasks t on t.id = r.task_id
where a.email = 'ben@example.test'
order by r.id desc;
