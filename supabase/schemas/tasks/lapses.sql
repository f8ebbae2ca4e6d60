create table public.lapses (
  id              bigint generated always as identity primary key,
  task_id         uuid not null references public.tasks (id) on delete restrict,
  helper_id       uuid not null references public.users (id) on delete restrict,
  kind            public.lapse_kind not null,
  assigned_at     timestamptz not null,
  created_at      timestamptz not null default now(),
  statement       text,
  contested_at    timestamptz,
  decision        public.no_show_decision,
  decision_reason text,
  decided_at      timestamptz,
  constraint acceptance_lapses_once unique (task_id, helper_id, assigned_at),
  constraint statement_has_its_moment check ((statement is null) = (contested_at is null)),
  constraint statement_has_at_most_1000_characters check (char_length(statement) <= 1000),
  constraint decision_has_reason_and_moment check (
    (decision is null) = (decided_at is null) and (decision is null) = (decision_reason is null)),
  constraint only_no_shows_are_contested check (kind = 'no_show' or (statement is null and decision is null))
);

comment on table public.lapses is
  'Accepted tasks that a helper did not come to, or gave back too late. Readable by the helper alone; others learn '
  'accepted_tasks and finished_tasks of a member.';
comment on column public.lapses.helper_id is 'Whose lapse it is.';
comment on column public.lapses.kind is 'What happened.';
comment on column public.lapses.assigned_at is 'When the helper had been accepted.';
comment on column public.lapses.created_at is 'When the creator asked for somebody else, or the helper stepped back.';
comment on column public.lapses.statement is 'What the helper says against a no-show, once; null for nothing.';
comment on column public.lapses.contested_at is 'When the helper said it.';
comment on column public.lapses.decision is 'What admins decided about a no-show; a withdrawn one no longer counts.';
comment on column public.lapses.decision_reason is 'Why, in words meant for the helper.';
comment on column public.lapses.decided_at is 'When they decided; null until then.';

create index lapses_by_helper on public.lapses (helper_id, id desc);
create index lapses_to_decide on public.lapses (contested_at) where contested_at is not null and decision is null;

alter table public.lapses enable row level security;
create policy lapses_are_readable_by_helper on public.lapses for select to authenticated
  using (helper_id = (select auth.uid()));

call private.grant_columns('public.lapses', 'authenticated, service_role');

-- the planner's estimates (Prefer: count=planned) would tell how often somebody is in it
call private.keep_no_statistics('public.lapses');

create table private.lapse_totals (
  user_id       uuid primary key references public.users (id) on delete restrict,
  no_shows      integer not null default 0,
  late_releases integer not null default 0,
  constraint lapse_totals_are_possible check (no_shows >= 0 and late_releases >= 0)
);

comment on table private.lapse_totals is
  'How many lapses of a member count, kept by trigger; no row for members without.';
comment on column private.lapse_totals.no_shows is 'No-shows that admins did not withdraw.';
comment on column private.lapse_totals.late_releases is 'Tasks given back too late.';

alter table private.lapse_totals enable row level security;

create function private.count_lapse()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_lapse  public.lapses := coalesce(new, old);
  v_change integer :=
    (tg_op <> 'DELETE' and new.decision is distinct from 'withdrawn')::integer
    - (tg_op <> 'INSERT' and old.decision is distinct from 'withdrawn')::integer;
begin
  insert into private.lapse_totals as t (user_id, no_shows, late_releases)
  values (v_lapse.helper_id, (v_lapse.kind = 'no_show')::integer, (v_lapse.kind = 'late_release')::integer)
  on conflict on constraint lapse_totals_pkey do update
    set no_shows = t.no_shows + v_change * excluded.no_shows,
      late_releases = t.late_releases + v_change * excluded.late_releases;
  return null;
end $$;
comment on function private.count_lapse() is
  'Trigger on lapses: the only writer of the totals. A no-show that was withdrawn does not count.';
create trigger lapses_are_counted after insert or delete or update of decision on public.lapses
  for each row execute function private.count_lapse();

create function private.record_lapse(task public.tasks, kind text)
returns void
language sql volatile set search_path = ''
as $$
  insert into public.lapses (task_id, helper_id, kind, assigned_at)
  values (task.id, task.helper_id, record_lapse.kind, task.assigned_at)
$$;
comment on function private.record_lapse(public.tasks, text) is
  'Notes a lapse of the helper of a task. The caller holds the task and the helper''s users row.';
