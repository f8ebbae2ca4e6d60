create function private.start_task(task_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.lock_task(start_task.task_id, helper_id => v_me);
begin
  if v_task.status = 'in_progress' then
    return v_task;
  end if;
  if v_task.status <> 'assigned' then
    raise exception using errcode = 'PT409', message = 'task_not_assigned', detail = v_task.status,
      hint = 'This task cannot be started now.';
  end if;
  update public.tasks t set status = 'in_progress', started_at = now(), updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  perform private.record_event(v_task, v_me, v_me, 'started');
  return v_task;
end $$;
grant execute on function private.start_task(uuid) to authenticated;

create function public.start_task(task_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.start_task(task_id); end $$;
comment on function public.start_task(uuid) is
  'The helper starts the work: assigned becomes in_progress; repeating it returns the task. Errors: task_not_found, '
  'task_not_assigned, not_signed_in, user_banned, user_inactive.';
grant execute on function public.start_task(uuid) to authenticated;

create function private.finish_task(task_id uuid, note text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.lock_task(finish_task.task_id, helper_id => v_me);
  v_note text := private.clean_optional_text(finish_task.note, 'note', private.max_message_length(), true);
begin
  if v_task.status = 'pending_confirmation' then
    return v_task;
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'task_not_in_progress', detail = v_task.status,
      hint = 'This task is not in progress.';
  end if;
  update public.tasks t
  set status = 'pending_confirmation', started_at = coalesce(t.started_at, now()), finished_at = now(),
    updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  insert into private.pending_confirmations (task_id, finished_at) values (v_task.id, v_task.finished_at)
  on conflict on constraint pending_confirmations_pkey do update set finished_at = excluded.finished_at;
  perform private.record_event(v_task, v_me, v_me, 'finished', case when v_note is not null
    then pg_catalog.jsonb_build_object('note', v_note) end);
  return v_task;
end $$;
grant execute on function private.finish_task(uuid, text) to authenticated;

create function public.finish_task(task_id uuid, note text default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.finish_task(task_id, note); end $$;
comment on function public.finish_task(uuid, text) is
  'The helper reports the work as done: the task waits for the creator''s confirmation, which comes by itself after '
  'the days in the settings; repeating it returns the task. Errors: task_not_found, task_not_in_progress, '
  'text_too_long, text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.finish_task(uuid, text) to authenticated;

create function private.confirm_task(task_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.complete_task(confirm_task.task_id, v_me);
begin
  if v_task.id is not null then
    return v_task;
  end if;
  -- nothing was waiting: say why, or answer a repeated call
  v_task := private.lock_task(confirm_task.task_id, creator_id => v_me);
  if v_task.status not in ('completed', 'archived') then
    raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
      hint = 'This task does not wait for your confirmation.';
  end if;
  return v_task;
end $$;
grant execute on function private.confirm_task(uuid) to authenticated;

create function public.confirm_task(task_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.confirm_task(task_id); end $$;
comment on function public.confirm_task(uuid) is
  'The creator confirms finished work: the task is completed and the helper''s points arrive, in one transaction and '
  'exactly once; repeating it returns the same task. Errors: task_not_found, task_not_pending_confirmation, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.confirm_task(uuid) to authenticated;

create function private.reject_completion(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_active_user();
  v_task   public.tasks := private.lock_task(reject_completion.task_id, creator_id => v_me);
  v_reason text;
begin
  if v_task.status = 'in_progress' and private.last_event_is(v_task.id, v_me, 'completion_rejected') then
    return v_task;
  end if;
  if v_task.status <> 'pending_confirmation' then
    raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
      hint = 'This task does not wait for your confirmation.';
  end if;
  v_reason := private.clean_text(reject_completion.reason, 'reason', 1, private.max_message_length(), true);
  perform private.count_action(v_me, 'task_change_limit_reached',
    (select s.task_change_limit_per_day from private.settings s));
  update public.tasks t set status = 'in_progress', finished_at = null, updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  delete from private.pending_confirmations p where p.task_id = v_task.id;
  perform private.record_event(v_task, v_task.helper_id, v_me, 'completion_rejected',
    pg_catalog.jsonb_build_object('reason', v_reason));
  return v_task;
end $$;
grant execute on function private.reject_completion(uuid, text) to authenticated;

create function public.reject_completion(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.reject_completion(task_id, reason); end $$;
comment on function public.reject_completion(uuid, text) is
  'The creator says, with a reason, that the work is not done: the task is in_progress again; repeating it returns '
  'the task. Errors: task_not_found, task_not_pending_confirmation, task_change_limit_reached, text_blank, '
  'text_too_long, text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.reject_completion(uuid, text) to authenticated;

create function private.release_task(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_active_user();
  v_task   public.tasks;
  v_reason text := private.clean_optional_text(release_task.reason, 'reason', private.max_message_length(), true);
begin
  -- lock first and judge after, because a parallel call may have released the task meanwhile
  select t.* into v_task from public.tasks t
  where t.id = release_task.task_id
    and (t.helper_id = v_me or exists (select from public.task_events e where e.task_id = t.id and e.helper_id = v_me))
  for no key update;
  -- both, because the task will be listed again, and a late release is written about the helper
  perform private.lock_member(v_me, v_task.creator_id);
  if v_task.status = 'open' and private.last_event_is(v_task.id, v_me, 'released') then
    return v_task;
  end if;
  if v_task.helper_id is distinct from v_me then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'task_not_releasable', detail = v_task.status,
      hint = 'You can no longer step back from this task.';
  end if;
  if private.release_is_late(v_task) then
    perform private.record_lapse(v_task, 'late_release');
  end if;
  return private.reopen_task(v_task, v_me, 'released',
    case when v_reason is not null then pg_catalog.jsonb_build_object('reason', v_reason) end);
end $$;
grant execute on function private.release_task(uuid, text) to authenticated;

create function public.release_task(task_id uuid, reason text default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.release_task(task_id, reason); end $$;
comment on function public.release_task(uuid, text) is
  'The helper steps back: the task is open again and passed-over offers are pending again; repeating it returns the '
  'task. Counts as late from late_release_hours before the agreed start; where none was agreed, once the helper was '
  'expected to have begun. Errors: task_not_found, task_not_releasable, text_too_long, text_has_control_characters, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.release_task(uuid, text) to authenticated;
