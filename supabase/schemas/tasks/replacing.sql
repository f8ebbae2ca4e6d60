create function private.is_no_show(task public.tasks)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return task.started_at is null
    and not private.has_written(task.id, task.helper_id, task.assigned_at)
    -- whoever is kept from starting or writing has not stayed away
    and not private.are_blocked(task.creator_id, task.helper_id)
    and not exists (
      select from public.user_bans b
      where b.user_id = task.helper_id and coalesce(b.lifted_at > task.assigned_at, true));
end $$;
comment on function private.is_no_show(public.tasks) is
  'Whether nothing was heard of the helper of a locked task who could have started or written: no start, no message. '
  'The caller holds the helper''s users row, as whoever writes a message does.';

create function private.replace_helper(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_active_user();
  v_task     public.tasks := private.lock_task(replace_helper.task_id, creator_id => v_me);
  v_reason   text;
  v_from     timestamptz;
  v_flexible public.tasks;
begin
  if v_task.status = 'open' and private.last_event_is(v_task.id, v_me, 'replaced') then
    return v_task;
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'helper_not_replaceable', detail = v_task.status,
      hint = 'Nobody is helping with this task at the moment.';
  end if;
  v_reason := private.clean_text(replace_helper.reason, 'reason', 1, private.max_message_length(), true);
  select w.expected_at + case v_task.status
      when 'assigned' then pg_catalog.make_interval(hours => s.replace_grace_hours)
      else pg_catalog.make_interval(days => s.unended_task_days) end
  into v_from
  from private.tasks_under_way w, private.settings s where w.task_id = v_task.id;
  if now() < v_from then
    raise exception using errcode = 'PT409', message = 'helper_not_overdue', detail = to_json(v_from) #>> '{}',
      hint = 'Please give your helper some more time.';
  end if;
  -- lock: both, so that the helper is not erased, and what they are just writing is seen below
  perform private.lock_member(v_me, v_task.helper_id);
  if private.is_no_show(v_task) then
    perform private.record_lapse(v_task, 'no_show');
  end if;
  -- for a time that has passed nobody else can come: another one has to do, for which offers are renewed
  if v_task.starts_at <= now() and not v_task.is_flexible then
    update public.tasks t set is_flexible = true where t.id = v_task.id returning t.* into v_flexible;
    perform private.record_event(v_task, v_task.helper_id, v_me, 'updated',
      private.task_changes(v_task, v_flexible));
    v_task := v_flexible;
  end if;
  return private.reopen_task(v_task, v_me, 'replaced', pg_catalog.jsonb_build_object('reason', v_reason));
end $$;
grant execute on function private.replace_helper(uuid, text) to authenticated;

create function public.replace_helper(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.replace_helper(task_id, reason); end $$;
comment on function public.replace_helper(uuid, text) is
  'The creator gives up waiting for a helper who is overdue: the task is open again and passed-over offers are pending '
  'again; repeating it returns the task. Possible from replace_grace_hours after the helper was expected, once they '
  'have started from unended_task_days after. A fixed start that has passed becomes flexible. A no-show counts when '
  'the helper neither started nor wrote. Errors: '
  'task_not_found, helper_not_replaceable, helper_not_overdue (detail: from when on), text_blank, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.replace_helper(uuid, text) to authenticated;

create function private.contest_no_show(no_show_id bigint, statement text)
returns public.lapses
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me        uuid := private.require_active_user();
  v_statement text :=
    private.clean_text(contest_no_show.statement, 'statement', 1, private.max_message_length(), true);
  v_lapse     public.lapses;
begin
  perform private.lock_member(v_me);
  select l.* into v_lapse from public.lapses l
  where l.id = contest_no_show.no_show_id and l.helper_id = v_me and l.kind = 'no_show'
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'no_show_not_found', hint = 'There is no such no-show.';
  end if;
  if v_lapse.statement = v_statement then
    return v_lapse;
  end if;
  if v_lapse.statement is not null then
    raise exception using errcode = 'PT409', message = 'no_show_already_contested',
      hint = 'You have said something about this already.';
  end if;
  if v_lapse.decision is not null then
    raise exception using errcode = 'PT409', message = 'no_show_decided', detail = v_lapse.decision,
      hint = 'This was decided already.';
  end if;
  update public.lapses l set statement = v_statement, contested_at = now()
  where l.id = v_lapse.id
  returning l.* into v_lapse;
  return v_lapse;
end $$;
grant execute on function private.contest_no_show(bigint, text) to authenticated;

create function public.contest_no_show(no_show_id bigint, statement text)
returns public.lapses
language plpgsql volatile set search_path = ''
as $$ begin return private.contest_no_show(no_show_id, statement); end $$;
comment on function public.contest_no_show(bigint, text) is
  'The helper says, once, why a no-show is wrong; admins read it and decide. Repeating it with the same words returns '
  'the row. Errors: no_show_not_found, no_show_already_contested, no_show_decided, text_blank, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.contest_no_show(bigint, text) to authenticated;
