-- Everything that happened to one task, oldest first. Replace the id.
select e.created_at, e.action, coalesce(u.name, 'system or admin') as actor, e.details
from public.task_events e
left join public.users u on u.id = e.actor_id
where e.task_id = 'd0000000-0000-4000-8000-000000000003'
order by e.id;
