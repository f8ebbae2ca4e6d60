-- Who commits and issues the most community points in the window of the limits, and to how many helpers.
-- Many points to very few helpers is what farming looks like.
select t.creator_id, u.name, u.is_banned,
  sum(t.points_reward) as points, s.points_limit_per_creator as points_limit,
  count(*) as tasks, count(t.helper_id) as tasks_with_helper, count(distinct t.helper_id) as helpers
from public.tasks t
join public.users u on u.id = t.creator_id
cross join private.settings s
where t.reward_funding = 'community'
  and (t.status in ('open', 'assigned', 'in_progress', 'pending_confirmation')
       or t.completed_at > now() - make_interval(days => s.points_limit_days))
group by t.creator_id, u.name, u.is_banned, s.points_limit_per_creator
order by points desc
limit 50;
