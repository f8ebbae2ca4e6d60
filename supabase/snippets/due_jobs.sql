-- What the due jobs would do now. Rows that stay for more than a few minutes mean that nobody calls ops.run_due_jobs().
select 'expire_tasks' as job, o.task_id, o.expires_at as due_at, t.title
from private.open_tasks o
join public.tasks t on t.id = o.task_id
where o.expires_at <= now()
union all
select 'confirm_tasks', p.task_id, p.finished_at + make_interval(days => s.confirmation_days), t.title
from private.pending_confirmations p
join public.tasks t on t.id = p.task_id
cross join private.settings s
where t.status = 'pending_confirmation' and p.finished_at <= now() - make_interval(days => s.confirmation_days)
order by due_at;
