create function private.lock_task(task_id uuid, creator_id uuid default null, helper_id uuid default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  select t.* into v_task from public.tasks t
  where t.id = lock_task.task_id and (t.creator_id = lock_task.creator_id or t.helper_id = lock_task.helper_id)
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  perform private.require_active_user();  -- banned or deleted while this command waited
  return v_task;
end $$;
comment on function private.lock_task(uuid, uuid, uuid) is
  'Locks a task of the caller, who is this creator or this helper. Raises PT404 task_not_found otherwise, and like '
  'private.require_active_user.';

create function private.complete_task(task_id uuid, creator_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task   public.tasks;
  v_action text := case when complete_task.creator_id is null then 'auto_confirmed' else 'confirmed' end;
begin
  -- lock, check and act in one guarded statement: of parallel calls one changes the row, the others find none
  update public.tasks t
  set status = 'completed', completed_at = now(), updated_at = now()
  where t.id = complete_task.task_id and t.status = 'pending_confirmation'
    and (t.creator_id = complete_task.creator_id or complete_task.creator_id is null)
  returning t.* into v_task;
  if not found then
    return null;
  end if;
  -- record (inline rather than by record_event: this is the one path whose speed counts)
  insert into public.task_events (task_id, creator_id, helper_id, actor_id, action)
  values (v_task.id, v_task.creator_id, v_task.helper_id, complete_task.creator_id, v_action);
  insert into private.audit_log (actor_id, action, subject_id) values (complete_task.creator_id, v_action, v_task.id);
  -- pay: the helper's account is the row others may wait for, so it comes last and is held shortest
  insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
  values (v_task.helper_id, v_task.id, v_task.points_reward, 'task_completed', 0);
  return v_task;
end $$;
comment on function private.complete_task(uuid, uuid) is
  'Completes a task that waits for confirmation and pays its helper, once (unique index task_is_paid_once). Null '
  'when it does not wait, or is not the creator''s. creator_id is null for the system.';

create function private.close_task(task public.tasks, actor_id uuid, action text, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  -- a ban or its end that runs at the same time takes the task out of the search, or back in, before this looks there
  perform from public.users u where u.id = task.creator_id for share;
  update public.tasks t
  set status = action, closed_at = now(), updated_at = now()
  where t.id = task.id
  returning t.* into v_task;
  delete from private.open_tasks o where o.task_id = v_task.id;
  update public.task_offers o
  set status = 'not_chosen', decided_at = now(), updated_at = now()
  where o.task_id = v_task.id and o.status = 'pending';
  perform private.record_event(v_task, v_task.helper_id, actor_id, action,
    case when reason is not null then pg_catalog.jsonb_build_object('reason', reason) end);
  insert into private.audit_log (actor_id, action, subject_id) values (actor_id, action, v_task.id);
  if v_task.reward_funding = 'creator' then
    insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
    values (v_task.creator_id, v_task.id, v_task.points_reward, 'refund', 0);
  end if;
  return v_task;
end $$;
comment on function private.close_task(public.tasks, uuid, text, text) is
  'Ends a locked, unfinished task as cancelled or expired: out of the search, offers closed, held points returned. '
  'actor_id is null for the system.';

create function private.reopen_task(task public.tasks, actor_id uuid, action text, details jsonb)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  update public.tasks t
  set status = 'open', helper_id = null, assigned_at = null, started_at = null, finished_at = null, updated_at = now()
  where t.id = task.id
  returning t.* into v_task;
  update public.task_offers o
  set status = case when o.helper_id = task.helper_id then 'withdrawn' else 'pending' end,
      decided_at = case when o.helper_id = task.helper_id then now() end,
      updated_at = now()
  where o.task_id = task.id and (o.helper_id = task.helper_id or o.status = 'not_chosen');
  perform private.project_task(v_task);
  perform private.record_event(v_task, task.helper_id, actor_id, action, details);
  return v_task;
end $$;
comment on function private.reopen_task(public.tasks, uuid, text, jsonb) is
  'Opens a locked task again after its helper stepped back or was replaced; offers that were passed over are pending '
  'again.';
