-- A member's last 100 movements of points. Replace the address.
select p.id, p.created_at, p.type, p.amount, p.balance_after, p.description, t.title as task
from auth.users a
join public.point_transactions p on p.user_id = a.id
left join public.tasks t on t.id = p.task_id
where a.email = 'anna@example.test'
order by p.id desc
limit 100;
