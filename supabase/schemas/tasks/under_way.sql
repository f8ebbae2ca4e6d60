create table private.tasks_under_way (
  task_id     uuid primary key references public.tasks (id) on delete restrict,
  expected_at timestamptz not null
);

comment on table private.tasks_under_way is
  'Queue of tasks that are assigned or in progress: for reminders, and for who may be replaced from when on.';
comment on column private.tasks_under_way.expected_at is
  'When the helper is expected to begin; once begun, or sent back by the creator, since when the end is awaited: '
  'at ends_at where that is to come.';

create index tasks_under_way_by_expected_at on private.tasks_under_way (expected_at);

alter table private.tasks_under_way enable row level security;

create function private.agreed_start(task public.tasks)
returns timestamptz
language sql immutable set search_path = ''
as $$ select case when task.starts_at > task.assigned_at then task.starts_at end $$;
comment on function private.agreed_start(public.tasks) is
  'When a task is to begin; null where its creator named no time, or the helper was accepted after it.';

create function private.start_expected_at(task public.tasks)
returns timestamptz
language sql stable set search_path = ''
as $$
  -- an edit in Studio may leave out when the helper was accepted
  select coalesce(private.agreed_start(task),
    coalesce(task.assigned_at, now()) + pg_catalog.make_interval(days => s.start_reminder_days))
  from private.settings s
$$;
comment on function private.start_expected_at(public.tasks) is
  'When the helper of a task is expected to begin: at the agreed start, else some days after the acceptance.';

create function private.release_is_late(task public.tasks)
returns boolean
language sql stable set search_path = ''
as $$
  -- whoever was accepted later than that may still step back until the start
  select now() >= case when l.late_from > task.assigned_at then l.late_from else private.start_expected_at(task) end
  from (
    select private.agreed_start(task) - pg_catalog.make_interval(hours => s.late_release_hours) as late_from
    from private.settings s) l
$$;
comment on function private.release_is_late(public.tasks) is
  'Whether the helper of a task that steps back now leaves its creator no time to find somebody else.';

create function private.follow_work()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- judged here, not in a WHEN, which PostgreSQL would read anew for every statement; confirming finds nothing to do
  if new.status = old.status then
    return null;
  elsif new.status in ('assigned', 'in_progress') then
    insert into private.tasks_under_way as w (task_id, expected_at)
    values (new.id, case new.status when 'assigned' then private.start_expected_at(new)
      else greatest(now(), new.ends_at) end)
    on conflict on constraint tasks_under_way_pkey do update set expected_at = excluded.expected_at;
  elsif old.status in ('assigned', 'in_progress') then
    delete from private.tasks_under_way w where w.task_id = new.id;
  end if;
  return null;
end $$;
comment on function private.follow_work() is
  'Trigger on tasks: the queue of tasks under way follows their status.';
create trigger tasks_follow_work after update of status on public.tasks
  for each row execute function private.follow_work();
