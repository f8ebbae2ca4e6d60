create function ops.list_stuck_tasks()
returns table (task_id uuid, title text, status text, creator_id uuid, helper_id uuid, expected_at timestamptz,
  stuck_since timestamptz)
language sql stable security definer set search_path = ''
as $$
  select t.id, t.title, t.status, t.creator_id, t.helper_id, w.expected_at,
    w.expected_at + pg_catalog.make_interval(days => s.unended_task_days)
  from private.settings s
  join private.tasks_under_way w on w.expected_at <= now() - pg_catalog.make_interval(days => s.unended_task_days)
  join public.tasks t on t.id = w.task_id
$$;
comment on function ops.list_stuck_tasks() is 'Tasks that nobody ends; body of the view ops.stuck_tasks.';
grant execute on function ops.list_stuck_tasks() to service_role;

create view ops.stuck_tasks with (security_invoker = true) as
select * from ops.list_stuck_tasks() order by stuck_since;

comment on view ops.stuck_tasks is
  'Tasks assigned or in progress that nobody ends, longest first: unended_task_days have passed since the helper was '
  'expected, or began. They end when the helper finishes or steps back, or the creator replaces the helper or cancels.';
comment on column ops.stuck_tasks.title is 'Title of the task.';
comment on column ops.stuck_tasks.status is 'assigned or in_progress.';
comment on column ops.stuck_tasks.expected_at is 'When the helper was expected to begin, or began.';
comment on column ops.stuck_tasks.stuck_since is 'Since when it stands here.';

grant select on ops.stuck_tasks to service_role;

create view ops.no_shows with (security_invoker = true) as
select l.id as no_show_id, l.task_id, t.title, l.helper_id, h.name as helper, t.creator_id, c.name as creator,
  e.details ->> 'reason' as reason, l.assigned_at, l.created_at, l.statement, l.contested_at, l.decision,
  l.decision_reason, l.decided_at,
  (select count(*) from public.lapses o where o.helper_id = l.helper_id and o.kind = 'no_show') as no_shows_of_helper,
  (select count(*) from public.tasks ot join public.lapses o on o.task_id = ot.id
    where ot.creator_id = t.creator_id and o.kind = 'no_show') as no_shows_by_creator
from public.lapses l
join public.tasks t on t.id = l.task_id
join public.users h on h.id = l.helper_id
join public.users c on c.id = t.creator_id
left join public.task_events e
  on e.task_id = l.task_id and e.action = 'replaced' and e.helper_id = l.helper_id and e.created_at = l.created_at
where l.kind = 'no_show';

comment on view ops.no_shows is
  'No-shows with what both sides say, for ops.decide_no_show. To decide: those with contested_at and without decision.';
comment on column ops.no_shows.title is 'Title of the task.';
comment on column ops.no_shows.helper is 'Name of who is said not to have come.';
comment on column ops.no_shows.creator is 'Name of who says so.';
comment on column ops.no_shows.reason is 'What the creator said when asking for somebody else.';
comment on column ops.no_shows.statement is 'What the helper says against it.';
comment on column ops.no_shows.decision is 'upheld, withdrawn; null until decided.';
comment on column ops.no_shows.decision_reason is 'What the helper was told about it.';
comment on column ops.no_shows.no_shows_of_helper is 'No-shows of this helper in all, withdrawn ones, too.';
comment on column ops.no_shows.no_shows_by_creator is
  'No-shows on this creator''s tasks in all: many, with different helpers, may say more about the creator.';

grant select on ops.no_shows to service_role;

create function ops.decide_no_show(no_show_id bigint, decision text, reason text)
returns public.lapses
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(decide_no_show.reason, 'reason', 1, private.max_message_length(), true);
  v_lapse  public.lapses;
begin
  if decide_no_show.decision is null or decide_no_show.decision <> all (private.no_show_decisions()) then
    raise exception using errcode = 'PT400', message = 'decision_invalid',
      detail = coalesce(pg_catalog.left(decide_no_show.decision, 100), 'null'),
      hint = 'A no-show is upheld or withdrawn.';
  end if;
  -- lock: the member first, who may be contesting it, or leaving
  perform from public.users u
  where u.id = (select l.helper_id from public.lapses l where l.id = decide_no_show.no_show_id)
  for no key update;
  select l.* into v_lapse from public.lapses l
  where l.id = decide_no_show.no_show_id and l.kind = 'no_show'
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'no_show_not_found', hint = 'There is no such no-show.';
  end if;
  if v_lapse.decision = decide_no_show.decision then
    return v_lapse;
  end if;
  update public.lapses l set decision = decide_no_show.decision, decision_reason = v_reason, decided_at = now()
  where l.id = v_lapse.id
  returning l.* into v_lapse;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'no_show_' || v_lapse.decision, v_lapse.task_id,
    pg_catalog.jsonb_build_object('no_show_id', v_lapse.id, 'reason', v_reason));
  return v_lapse;
end $$;
comment on function ops.decide_no_show(bigint, text, text) is
  'Decides about a no-show, contested or not, with a reason the helper can read: upheld, or withdrawn, which no longer '
  'counts. Repeating a decision changes nothing, another one replaces it. Errors: no_show_not_found, decision_invalid, '
  'text_blank, text_too_long.';
grant execute on function ops.decide_no_show(bigint, text, text) to service_role;
