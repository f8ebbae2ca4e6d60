create function ops.audit_tasks()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'open_task_not_listed', t.id::text, null
  from public.tasks t join public.users u on u.id = t.creator_id
  where t.status = 'open' and not u.is_banned and not exists (select from private.open_tasks o where o.task_id = t.id)
  union all
  select 'listed_task_not_open', t.id::text, t.status
  from private.open_tasks o join public.tasks t on t.id = o.task_id join public.users u on u.id = t.creator_id
  where t.status <> 'open' or u.is_banned
  union all
  select 'listed_task_differs', t.id::text, null
  from private.open_tasks o join public.tasks t on t.id = o.task_id
  where (o.creator_id, o.category, o.neighbourhood_id, o.created_at, o.expires_at, o.starts_at) is distinct from
      (t.creator_id, t.category, t.neighbourhood_id, t.created_at, coalesce(private.deadline_of(t), 'infinity'),
        t.starts_at)
    or not (o.position ~= private.position_at(t.latitude, t.longitude))
    or (o.square, o.wide_square, o.tile) is distinct from (private.square_at(o.position),
      private.square_at(o.position, 65536), private.tile_at(t.latitude, t.longitude))
  union all
  select 'finished_task_not_queued', t.id::text, null
  from public.tasks t
  where t.status = 'pending_confirmation'
    and not exists (
      select from private.pending_confirmations p where p.task_id = t.id and p.finished_at = t.finished_at)
  union all
  select 'queue_of_tasks_under_way_differs', coalesce(w.task_id, t.id)::text, t.status
  from private.tasks_under_way w
  full join (select u.id, u.status from public.tasks u where u.status in ('assigned', 'in_progress')) t
    on t.id = w.task_id
  where w.task_id is null or t.id is null
  union all
  select 'lapse_totals_differ', coalesce(e.helper_id, t.user_id)::text,
    pg_catalog.format('%s and %s, expected %s and %s', t.no_shows, t.late_releases, e.no_shows, e.late_releases)
  from private.lapse_totals t
  full join (
    select l.helper_id, count(*) filter (where l.kind = 'no_show') as no_shows,
      count(*) filter (where l.kind = 'late_release') as late_releases
    from public.lapses l where l.decision is distinct from 'withdrawn' group by l.helper_id) e
    on e.helper_id = t.user_id
  where (coalesce(t.no_shows, 0), coalesce(t.late_releases, 0))
    <> (coalesce(e.no_shows, 0), coalesce(e.late_releases, 0))
  union all
  select 'task_without_one_accepted_offer', t.id::text, pg_catalog.format('%s accepted', count(o.id))
  from public.tasks t left join public.task_offers o on o.task_id = t.id and o.status = 'accepted'
  group by t.id
  having count(o.id) <> (t.helper_id is not null)::integer or min(o.helper_id::text) <> t.helper_id::text
$$;
comment on function ops.audit_tasks() is
  'Proves that the search projection, the queues and the offers agree with the tasks, and the totals with the lapses: '
  'one row for each problem, none when everything is right.';
grant execute on function ops.audit_tasks() to service_role, app_read;

create function ops.confirm_task(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(confirm_task.reason, 'reason', 1, private.max_message_length(), true);
  v_task   public.tasks := private.complete_task(confirm_task.task_id, null);
begin
  if v_task.id is null then
    select t.* into v_task from public.tasks t where t.id = confirm_task.task_id;
    if not found then
      raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
    end if;
    if v_task.status not in ('completed', 'archived') then
      raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
        hint = 'This task does not wait for a confirmation.';
    end if;
    return v_task;
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'confirmed_by_admin', v_task.id, pg_catalog.jsonb_build_object('reason', v_reason));
  return v_task;
end $$;
comment on function ops.confirm_task(uuid, text) is
  'Confirms finished work that waits because its creator or helper is banned, and pays the helper; repeating it '
  'returns the task. Errors: task_not_found, task_not_pending_confirmation, text_blank, text_too_long.';
grant execute on function ops.confirm_task(uuid, text) to service_role;
