-- Tasks under way that nobody has touched for 14 days. They end when the helper releases or finishes, or the creator cancels.
select t.id, t.title, t.status, now() - t.updated_at as untouched_for,
  c.name as creator, c.is_banned as creator_is_banned, h.name as helper, h.is_banned as helper_is_banned
from public.tasks t
join public.users c on c.id = t.creator_id
join public.users h on h.id = t.helper_id
where t.status in ('assigned', 'in_progress') and t.updated_at < now() - interval '14 days'
order by t.updated_at
limit 100;
