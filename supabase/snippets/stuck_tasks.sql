-- Tasks under way that nobody ends. They end when the helper releases or finishes, or the creator replaces the helper or cancels.
select s.task_id, s.title, s.status, now() - s.stuck_since as stuck_for,
  c.name as creator, c.is_banned as creator_is_banned, h.name as helper, h.is_banned as helper_is_banned
from ops.stuck_tasks s
join public.users c on c.id = s.creator_id
join public.users h on h.id = s.helper_id
limit 100;
