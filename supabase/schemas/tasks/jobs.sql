create function private.expire_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  processed := 0; failed := 0;
  for v_task in
    select t.* from public.tasks t
    where t.status = 'open' and t.id in (
      select o.task_id from private.open_tasks o where o.expires_at <= as_of
      union all  -- tasks of banned creators are not listed
      select b.id from public.users u join public.tasks b on b.creator_id = u.id
      where u.is_banned and b.status = 'open' and private.deadline_of(b) <= as_of)
    order by private.deadline_of(t) limit batch
    for no key update of t skip locked
  loop
    begin
      -- task, then member, as everywhere: a ban may be running. Busy members wait for the next run: this one may have
      -- locked what they wait for
      perform from public.users u where u.id = v_task.creator_id for share skip locked;
      continue when not found;
      perform private.close_task(v_task, null, 'expired', null);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'task % could not expire: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.expire_tasks(timestamptz, integer) is
  'Job: expires open tasks past their deadline, and returns what is held for them.';

create function private.confirm_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_waiting timestamptz := as_of - (select pg_catalog.make_interval(days => s.confirmation_days)
    from private.settings s);
  v_task    public.tasks;
begin
  processed := 0; failed := 0;
  delete from private.pending_confirmations p using public.tasks t
  where t.id = p.task_id and p.finished_at <= v_waiting and t.status <> 'pending_confirmation';
  for v_task in
    select t.* from private.pending_confirmations p join public.tasks t on t.id = p.task_id
    where p.finished_at <= v_waiting and t.status = 'pending_confirmation'
      -- what a ban stopped is for an admin to decide: ops.confirm_task, or lifting the ban
      and not exists (select from public.users u where u.id in (t.creator_id, t.helper_id) and u.is_banned)
    order by p.finished_at limit batch
    for no key update of t skip locked
  loop
    begin
      perform private.complete_task(v_task.id, null);
      delete from private.pending_confirmations p where p.task_id = v_task.id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'task % could not be confirmed: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.confirm_tasks(timestamptz, integer) is
  'Job: completes and pays finished tasks that nobody answered for confirmation_days.';

create table private.job_progress (
  job      text primary key,
  position bigint not null default 0
);

comment on table private.job_progress is 'How far a job that works through a log has come.';
comment on column private.job_progress.job is 'Name of the job.';
comment on column private.job_progress.position is 'Last id it has dealt with.';

alter table private.job_progress enable row level security;

insert into private.job_progress (job) values ('archive_tasks'), ('forget_places');

create function private.archive_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_until timestamptz := as_of - (select pg_catalog.make_interval(days => s.task_archive_days)
    from private.settings s);
  v_from  bigint;
  v_to    bigint;
begin
  processed := 0; failed := 0;
  -- payments stand in the ledger in order of completion, so old tasks are found without an index on tasks
  select j.position into v_from from private.job_progress j where j.job = 'archive_tasks' for update skip locked;
  -- the next ones first, then which are old: the other way round all that are not would be read in every run
  select max(b.id) into v_to
  from (select p.id, p.created_at from public.point_transactions p where p.id > v_from order by p.id limit batch) b
  where b.created_at < v_until;
  if v_to is not null then
    with old as materialized (
      select t.id from public.point_transactions p join public.tasks t on t.id = p.task_id
      where p.id > v_from and p.id <= v_to and p.type = 'task_completed' and t.status = 'completed'
      for no key update of t skip locked),
    archived as (
      update public.tasks t set status = 'archived', updated_at = now() from old where t.id = old.id
      returning t.*)
    insert into public.task_events (task_id, creator_id, helper_id, action)
    select a.id, a.creator_id, a.helper_id, 'archived' from archived a;
    get diagnostics processed = row_count;
    -- what an erasure is just holding is looked at again
    select coalesce(min(p.id) - 1, v_to) into v_to
    from public.point_transactions p join public.tasks t on t.id = p.task_id
    where p.id > v_from and p.id <= v_to and p.type = 'task_completed' and t.status = 'completed';
    update private.job_progress j set position = v_to where j.job = 'archive_tasks';
  end if;
end $$;
comment on function private.archive_tasks(timestamptz, integer) is
  'Job: archives tasks completed more than task_archive_days ago.';

create function private.forget_places(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_ends  constant text[] := '{confirmed,auto_confirmed,cancelled,expired}';
  v_until timestamptz := as_of - (select pg_catalog.make_interval(days => s.exact_place_days) from private.settings s);
  v_from  bigint;
  v_to    bigint;
  v_ended uuid[];
begin
  processed := 0; failed := 0;
  -- ends stand in the audit log in their order, so old ones are found without an index on tasks
  select j.position into v_from from private.job_progress j where j.job = 'forget_places' for update skip locked;
  select max(b.id), pg_catalog.array_agg(b.subject_id) filter (where b.action = any (c_ends)) into v_to, v_ended
  from (select a.id, a.action, a.subject_id, a.created_at from private.audit_log a
        where a.id > v_from order by a.id limit batch) b
  where b.created_at < v_until;
  if v_to is not null then
    delete from private.phone_shares p
    where (p.task_id, p.user_id, p.actor_id) in (
      select o.task_id, o.user_id, o.actor_id from private.phone_shares o where o.task_id = any (v_ended)
      for update skip locked);
    delete from private.task_locations l
    where l.task_id in (
      select o.task_id from private.task_locations o where o.task_id = any (v_ended) for update skip locked);
    get diagnostics processed = row_count;
    -- what an erasure is just deleting is looked at again
    select coalesce(min(a.id) - 1, v_to) into v_to from private.audit_log a
    where a.id > v_from and a.id <= v_to and a.action = any (c_ends)
      and (exists (select from private.task_locations l where l.task_id = a.subject_id)
        or exists (select from private.phone_shares p where p.task_id = a.subject_id));
    update private.job_progress j set position = v_to where j.job = 'forget_places';
  end if;
end $$;
comment on function private.forget_places(timestamptz, integer) is
  'Job: deletes exact places, addresses and allowed phone numbers of tasks that ended exact_place_days ago.';

create function private.forget_contact_reveals(
  as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from private.contact_reveals r
  where r.id in (
    select c.id from private.contact_reveals c
    where c.id <= (
      -- the oldest come first
      select max(b.id) from (select o.id, o.revealed_at from private.contact_reveals o order by o.id limit batch) b
      where b.revealed_at < as_of - (
        select pg_catalog.make_interval(days => s.contact_reveal_days) from private.settings s))
    for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.forget_contact_reveals(timestamptz, integer) is
  'Job: deletes what was noted about contact data shown contact_reveal_days ago.';

insert into private.jobs (job, room, step, every) values
  ('expire_tasks', 'tasks', 20, '1 minute'),
  ('confirm_tasks', 'tasks', 21, '1 minute'),
  ('archive_tasks', 'tasks', 60, '1 minute'),
  ('forget_places', 'tasks', 61, '1 minute'),
  ('forget_contact_reveals', 'tasks', 62, '1 hour');
-- undo: delete from private.jobs where room = 'tasks';
