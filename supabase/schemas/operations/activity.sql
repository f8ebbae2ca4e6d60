-- Monitoring: what members do, hour by hour, from counters that a job keeps. One small row an hour, for good.

create table private.activity_hours (
  hour            timestamptz primary key,
  sign_ups        integer not null default 0,
  tasks_posted    integer not null default 0,
  tasks_completed integer not null default 0,
  points_paid     bigint not null default 0,
  redemptions     integer not null default 0,
  points_redeemed bigint not null default 0
) with (fillfactor = 70);

comment on table private.activity_hours is
  'What happened in each hour in which something did; read ops.activity_by_hour.';
comment on column private.activity_hours.hour is 'Begin of the hour, in UTC.';
comment on column private.activity_hours.sign_ups is 'Members who signed up.';
comment on column private.activity_hours.tasks_posted is 'Tasks that were posted.';
comment on column private.activity_hours.tasks_completed is 'Tasks that were completed and paid.';
comment on column private.activity_hours.points_paid is 'Points that helpers got for them.';
comment on column private.activity_hours.redemptions is 'Rewards that were redeemed, also those refunded later.';
comment on column private.activity_hours.points_redeemed is 'Points that were given for them.';

alter table private.activity_hours enable row level security;

create table private.activity_progress (
  is_singleton    boolean primary key default true,
  events_position bigint not null default 0,
  ledger_position bigint not null default 0,
  constraint activity_progress_has_one_row check (is_singleton)
);

comment on table private.activity_progress is 'How far the hours are counted, exactly one row.';
comment on column private.activity_progress.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.activity_progress.events_position is 'Last id of task_events that is counted.';
comment on column private.activity_progress.ledger_position is 'Last id of point_transactions that is counted.';

alter table private.activity_progress enable row level security;

insert into private.activity_progress default values;

create index users_by_sign_up on public.users (created_at);

create function private.hour_of(moment timestamptz)
returns timestamptz
language sql immutable set search_path = ''
as $$ select pg_catalog.date_bin('1 hour', moment, '2000-01-01 00:00:00+00') $$;
comment on function private.hour_of(timestamptz) is
  'When the hour of a moment began; by whole hours of UTC.';

create function private.count_activity(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_ids      constant integer := 50 * count_activity.batch;
  v_progress private.activity_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_since    timestamptz;
begin
  failed := 0;
  select p.* into v_progress from private.activity_progress p for update;
  -- no row up to there can still appear: the fence of the statistics
  select least(s.events_settled, v_progress.events_position + c_ids),
    least(s.ledger_settled, v_progress.ledger_position + c_ids)
  into v_events, v_ledger from private.statistics_progress s;
  -- sign-ups are counted anew for the last hours, because one may be committed late
  select max(h.hour) - interval '2 hours' into v_since from private.activity_hours h;

  with facts (moment, sign_ups, posted, completed, paid, redemptions, redeemed) as (
    select e.created_at, 0, 1, 0, 0, 0, 0 from public.task_events e
    where e.action = 'created' and e.id > v_progress.events_position and e.id <= v_events
    union all
    select t.created_at, 0, 0, (t.type = 'task_completed')::integer,
      case t.type when 'task_completed' then t.amount else 0 end, (t.type = 'redemption')::integer,
      case t.type when 'redemption' then -t.amount else 0 end
    from public.point_transactions t
    where t.id > v_progress.ledger_position and t.id <= v_ledger and t.type in ('task_completed', 'redemption')
  ), hours as (
    select private.hour_of(f.moment) as hour, pg_catalog.sum(f.posted) as posted,
      pg_catalog.sum(f.completed) as completed, pg_catalog.sum(f.paid) as paid,
      pg_catalog.sum(f.redemptions) as redemptions, pg_catalog.sum(f.redeemed) as redeemed
    from facts f group by 1
  )
  insert into private.activity_hours as a
    (hour, tasks_posted, tasks_completed, points_paid, redemptions, points_redeemed)
  select h.hour, h.posted, h.completed, h.paid, h.redemptions, h.redeemed from hours h order by h.hour
  on conflict (hour) do update
  set tasks_posted = a.tasks_posted + excluded.tasks_posted,
    tasks_completed = a.tasks_completed + excluded.tasks_completed, points_paid = a.points_paid + excluded.points_paid,
    redemptions = a.redemptions + excluded.redemptions, points_redeemed = a.points_redeemed + excluded.points_redeemed;
  get diagnostics processed = row_count;

  insert into private.activity_hours as a (hour, sign_ups)
  select private.hour_of(u.created_at), count(*) from public.users u
  where u.created_at >= coalesce(v_since, '-infinity') group by 1 order by 1
  on conflict (hour) do update set sign_ups = excluded.sign_ups where a.sign_ups < excluded.sign_ups;

  update private.activity_progress p
  set events_position = greatest(v_events, p.events_position), ledger_position = greatest(v_ledger, p.ledger_position)
  where p.is_singleton and (p.events_position < v_events or p.ledger_position < v_ledger);
end $$;
comment on function private.count_activity(timestamptz, integer) is
  'Job: counts what the events and the ledger have got since the last run into the hours, up to 50 times batch ids of '
  'each, and who signed up. Runs after the statistics, whose fence it uses.';

insert into private.jobs (job, room, step, every) values ('count_activity', 'operations', 82, '1 minute');
-- undo: delete from private.jobs where job = 'count_activity';

create function ops.list_activity_by_hour()
returns setof private.activity_hours
language sql stable security definer set search_path = ''
as $$ select h.* from private.activity_hours h order by h.hour desc $$;
comment on function ops.list_activity_by_hour() is 'The rows of ops.activity_by_hour.';
grant execute on function ops.list_activity_by_hour() to service_role, app_read;

create view ops.activity_by_hour with (security_invoker = true) as
select hour, sign_ups, tasks_posted, tasks_completed, points_paid, redemptions, points_redeemed
from ops.list_activity_by_hour();
comment on view ops.activity_by_hour is
  'What members did in each hour in which somebody did something, newest first; at most a minute or two late.';
comment on column ops.activity_by_hour.hour is 'Begin of the hour, in UTC.';
comment on column ops.activity_by_hour.sign_ups is 'Members who signed up.';
comment on column ops.activity_by_hour.tasks_posted is 'Tasks that were posted.';
comment on column ops.activity_by_hour.tasks_completed is 'Tasks that were completed and paid.';
comment on column ops.activity_by_hour.points_paid is 'Points that helpers got for them.';
comment on column ops.activity_by_hour.redemptions is 'Rewards that were redeemed, also those refunded later.';
comment on column ops.activity_by_hour.points_redeemed is 'Points that were given for them.';
grant select on ops.activity_by_hour to service_role, app_read;
