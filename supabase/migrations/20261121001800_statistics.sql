-- Written by npm run db:build from supabase/schemas/statistics/: edit there.

-- schemas/statistics/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.leaderboard_periods() returns text[] language sql immutable set search_path = ''
  return array['week', 'month', 'year', 'all'];
comment on function private.leaderboard_periods() is
  'Periods of a leaderboard: the current one by the community''s clock, weeks from Monday; all is ever.';

create function private.default_months() returns integer language sql immutable set search_path = '' return 12;
comment on function private.default_months() is 'Months of statistics when nothing is said.';

create function private.max_months() returns integer language sql immutable set search_path = '' return 120;
comment on function private.max_months() is 'Most months of statistics; larger wishes are lowered to this.';

create function private.min_tasks_for_reliability()
returns integer language sql immutable set search_path = '' return 5;
comment on function private.min_tasks_for_reliability() is
  'Accepted tasks from which on others see how many of them a member finished.';

-- schemas/statistics/tables.sql

-- Room: statistics. Leaderboards, the figures of a member, and the figures of a month, from counters that a job keeps.
-- Nothing here runs in a member's command: the job reads what the ledger (point_transactions) and the history of tasks
-- (task_events) have got since its last run, and is the only writer of every counter, so no row is hot.

create table private.statistics_progress (
  is_singleton     boolean primary key default true,
  events_position  bigint not null default 0,
  ledger_position  bigint not null default 0,
  events_settled   bigint not null default 0,
  ledger_settled   bigint not null default 0,
  events_fence     bigint not null default 0,
  ledger_fence     bigint not null default 0,
  writers          text[] not null default '{}',
  constraint statistics_progress_has_one_row check (is_singleton),
  constraint positions_stay_behind_the_fence check (
    events_position <= events_settled and events_settled <= events_fence and ledger_position <= ledger_settled
      and ledger_settled <= ledger_fence)
);

comment on table private.statistics_progress is
  'How far the job has counted, exactly one row. An id is drawn before its row is committed, so ids are counted only '
  'when everybody who wrote at the time of the fence is done.';
comment on column private.statistics_progress.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.statistics_progress.events_position is 'Last id of task_events that is counted.';
comment on column private.statistics_progress.ledger_position is 'Last id of point_transactions that is counted.';
comment on column private.statistics_progress.events_settled is
  'No row with this id of task_events, or a smaller one, can still appear.';
comment on column private.statistics_progress.ledger_settled is
  'No row with this id of point_transactions, or a smaller one, can still appear.';
comment on column private.statistics_progress.events_fence is 'Largest id of task_events when the fence was put up.';
comment on column private.statistics_progress.ledger_fence is
  'Largest id of point_transactions when the fence was put up.';
comment on column private.statistics_progress.writers is
  'Transactions that were writing either table then. When all have ended, what is behind the fence is settled.';

alter table private.statistics_progress enable row level security;

create table private.task_areas (
  task_id          uuid primary key,
  neighbourhood_id uuid not null
);

comment on table private.task_areas is
  'Where a task is counted: the neighbourhood it lay in when its posting was counted. Stays when areas are drawn '
  'anew, so that months that were shown do not change. Tasks outside of all have no row.';
comment on column private.task_areas.neighbourhood_id is 'The neighbourhood.';

alter table private.task_areas enable row level security;

create table private.member_totals (
  user_id         uuid primary key,
  tasks_created   integer not null,
  tasks_completed integer not null,
  tasks_helped    integer not null,
  points_earned   bigint not null,
  points_redeemed bigint not null
);

comment on table private.member_totals is 'What a member ever did, as far as it is counted.';
comment on column private.member_totals.tasks_created is 'Tasks posted.';
comment on column private.member_totals.tasks_completed is 'Own tasks that were completed.';
comment on column private.member_totals.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.member_totals.points_earned is 'Points received for completed tasks.';
comment on column private.member_totals.points_redeemed is 'Points spent on rewards, less refunds.';

alter table private.member_totals enable row level security;

create table private.member_months (
  month            date not null,
  user_id          uuid not null,
  neighbourhood_id uuid,
  tasks_created    integer not null,
  tasks_completed  integer not null,
  tasks_helped     integer not null,
  points_issued    bigint not null,
  points_redeemed  bigint not null,
  points_refunded  bigint not null,
  id               bigint generated always as identity primary key,
  constraint member_has_one_row_a_month_and_area unique nulls not distinct (month, user_id, neighbourhood_id)
);

comment on table private.member_months is
  'What a member did in a month and area (by the community''s clock). Says who stands behind the figures of a month.';
comment on column private.member_months.month is 'First day of the month of the event.';
comment on column private.member_months.neighbourhood_id is
  'Where the task is counted; null elsewhere, and for what has no place: bonus points and redemptions.';
comment on column private.member_months.tasks_created is 'Tasks posted.';
comment on column private.member_months.tasks_completed is 'Own tasks that were completed.';
comment on column private.member_months.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.member_months.points_issued is
  'New points received: for tasks funded by the community, and as bonus.';
comment on column private.member_months.points_redeemed is 'Points spent on rewards.';
comment on column private.member_months.points_refunded is 'Points that came back from redemptions.';

create index member_months_of_helpers on private.member_months (month, neighbourhood_id, user_id)
  where tasks_helped > 0;

alter table private.member_months enable row level security;

create table private.month_totals (
  month            date not null,
  area             text not null,
  neighbourhood_id uuid,
  tasks_created    bigint not null,
  tasks_completed  bigint not null,
  points_issued    bigint not null,
  points_redeemed  bigint not null,
  people           bigint not null,
  creators         bigint not null,
  helpers          bigint not null,
  receivers        bigint not null,
  redeemers        bigint not null,
  id               bigint generated always as identity primary key,
  constraint month_has_one_row_an_area unique nulls not distinct (month, area, neighbourhood_id),
  constraint area_is_known check (area in ('everywhere', 'neighbourhood', 'elsewhere')),
  constraint neighbourhood_is_named check ((area = 'neighbourhood') = (neighbourhood_id is not null))
);

comment on table private.month_totals is
  'The figures of a month and area (by the community''s clock), and how many members stand behind each. Not for the '
  'public as they are: small groups.';
comment on column private.month_totals.month is 'First day of the month of the event.';
comment on column private.month_totals.area is
  'everywhere, one neighbourhood, or elsewhere: outside of all, and what has no place.';
comment on column private.month_totals.neighbourhood_id is 'Which neighbourhood.';
comment on column private.month_totals.tasks_created is 'Tasks posted.';
comment on column private.month_totals.tasks_completed is 'Tasks completed.';
comment on column private.month_totals.points_issued is 'New points: for tasks funded by the community, and as bonus.';
comment on column private.month_totals.points_redeemed is 'Points spent on rewards, less what came back in the month.';
comment on column private.month_totals.people is 'Members who did any of it.';
comment on column private.month_totals.creators is 'Members who posted.';
comment on column private.month_totals.helpers is 'Members who helped in what was completed.';
comment on column private.month_totals.receivers is 'Members who received new points.';
comment on column private.month_totals.redeemers is 'Members who spent points or got some back.';

alter table private.month_totals enable row level security;

create table private.leaderboard_entries (
  period       text not null,
  starts_on    date not null,
  user_id      uuid not null,
  points       bigint not null,
  tasks_helped bigint not null,
  is_shown     boolean not null,
  primary key (period, starts_on, user_id)
);

comment on table private.leaderboard_entries is
  'Points that members earned by helping, for the current week, month and year, and ever. Ended periods are forgotten.';
comment on column private.leaderboard_entries.period is 'week, month, year or all.';
comment on column private.leaderboard_entries.starts_on is
  'First day of the period (by the community''s clock, weeks begin on Monday); -infinity for all.';
comment on column private.leaderboard_entries.points is 'Points received for completed tasks.';
comment on column private.leaderboard_entries.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.leaderboard_entries.is_shown is
  'The member agreed to be shown, is active and not banned, as far as the job knows: private.leaderboard_changes has '
  'what is newer.';

create index leaderboard_entries_by_points on private.leaderboard_entries (period, starts_on, points desc, user_id)
  where is_shown;

alter table private.leaderboard_entries enable row level security;

create table private.leaderboard_counts (
  period    text not null,
  starts_on date not null,
  level     smallint not null,
  bucket    bigint not null,
  members   bigint not null,
  primary key (period, starts_on, level, bucket)
);

comment on table private.leaderboard_counts is
  'How many shown members have how many points, in buckets of 1, 32, 1024, … points: a rank is the sum of a few rows '
  'instead of a count of everybody above.';
comment on column private.leaderboard_counts.period is 'As in leaderboard_entries.';
comment on column private.leaderboard_counts.starts_on is 'As in leaderboard_entries.';
comment on column private.leaderboard_counts.level is 'Size of the buckets: 32 to this power.';
comment on column private.leaderboard_counts.bucket is 'Points divided by the size, rounded down.';
comment on column private.leaderboard_counts.members is 'Shown members in the bucket.';

alter table private.leaderboard_counts enable row level security;

create table private.leaderboard_changes (
  id      bigint generated always as identity primary key,
  user_id uuid not null
);

comment on table private.leaderboard_changes is
  'Members who chose to be shown or hidden, were banned, came back or left, since the job last looked. While listed '
  'here a member is on no leaderboard.';

alter table private.leaderboard_changes enable row level security;

insert into private.statistics_progress default values;

-- schemas/statistics/rules.sql

create function private.note_visibility()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(coalesce(new, old));
begin
  insert into private.leaderboard_changes (user_id) values (coalesce(v_row ->> 'user_id', v_row ->> 'id')::uuid);
  return null;
end $$;
comment on function private.note_visibility() is
  'Trigger on users and user_settings: hides a member from the leaderboards at once, until the job has looked '
  'whether they may be shown.';
create trigger user_settings_note_visibility after update of show_on_leaderboard on public.user_settings
  for each row when (old.show_on_leaderboard <> new.show_on_leaderboard) execute function private.note_visibility();
create trigger user_settings_note_visible after insert on public.user_settings
  for each row when (new.show_on_leaderboard) execute function private.note_visibility();
create trigger user_settings_note_removal after delete on public.user_settings
  for each row when (old.show_on_leaderboard) execute function private.note_visibility();
create trigger users_note_visibility after update of is_banned, is_active on public.users
  for each row when (old.is_banned <> new.is_banned or old.is_active <> new.is_active)
  execute function private.note_visibility();

create function private.period_start(period text, moment timestamptz)
returns date
language plpgsql stable set search_path = ''
as $$
begin
  if period is null or period <> all (private.leaderboard_periods()) then
    raise exception using errcode = 'PT400', message = 'period_invalid',
      detail = coalesce(pg_catalog.left(period, 100), 'null'),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.leaderboard_periods(), ', ') || '.';
  end if;
  return case when period = 'all' then '-infinity' else private.community_period(period, moment) end;
end $$;
comment on function private.period_start(text, timestamptz) is
  'First day of the week, month or year (by the community''s clock) that a moment lies in; -infinity for all. Raises '
  'PT400 period_invalid.';

create function private.wait_for_statistics()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics'));
  return new;
end $$;
comment on function private.wait_for_statistics() is
  'Trigger on settings: the clock changes between two runs of the job, or one would count by the old clock what lies '
  'after the change.';
create trigger settings_wait_for_statistics before update on private.settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.wait_for_statistics();

-- schemas/statistics/admin.sql

create function ops.monthly_statistics(months integer default 12)
returns table (month date, area text, neighbourhood_id uuid, tasks_created bigint, tasks_completed bigint,
  points_issued bigint, points_redeemed bigint,
  people bigint, creators bigint, helpers bigint, receivers bigint, redeemers bigint)
language sql stable security definer set search_path = ''
as $$
  select t.month, t.area, t.neighbourhood_id, t.tasks_created, t.tasks_completed, t.points_issued, t.points_redeemed,
    t.people, t.creators, t.helpers, t.receivers, t.redeemers
  from private.month_totals t
  where t.month > (private.period_start('month', now())
    - pg_catalog.make_interval(months => monthly_statistics.months))::date
  order by t.month desc, t.area, t.neighbourhood_id
$$;
comment on function ops.monthly_statistics(integer) is
  'The figures of the last months in full: everywhere, each neighbourhood, and elsewhere, with the number of people '
  'behind each figure. Not for publication.';
grant execute on function ops.monthly_statistics(integer) to service_role, app_read;

create function ops.rebuild_statistics()
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_progress private.statistics_progress;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics'));
  perform private.settle_statistics();
  delete from private.task_areas where true;
  delete from private.member_totals where true;
  delete from private.member_months where true;
  delete from private.month_totals where true;
  delete from private.leaderboard_entries where true;
  delete from private.leaderboard_counts where true;
  select p.* into v_progress from private.statistics_progress p;
  perform private.count_between(0, v_progress.events_settled, 0, v_progress.ledger_settled, '{}');
  update private.statistics_progress p set events_position = p.events_settled, ledger_position = p.ledger_settled
  where p.is_singleton;
end $$;
comment on function ops.rebuild_statistics() is
  'Counts everything anew, after damage or an import, or so that tasks of the past count for neighbourhoods that '
  'were drawn later. A changed settings.time_zone needs none of it: months keep the clock they had. Reads every event '
  'and transaction; run it off-peak on large data.';
grant execute on function ops.rebuild_statistics() to service_role;

create function ops.audit_statistics()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  with progress as (select p.* from private.statistics_progress p),
  -- everything that should be counted by now, worked out anew
  posted as (
    select e.creator_id, e.task_id, private.community_day(e.created_at) as day
    from public.task_events e, progress where e.action = 'created' and e.id <= progress.events_position),
  paid as (
    select p.user_id as helper_id, t.creator_id, t.reward_funding, p.task_id, p.amount,
      private.community_day(p.created_at) as day
    from public.point_transactions p join public.tasks t on t.id = p.task_id, progress
    where p.type = 'task_completed' and p.id <= progress.ledger_position),
  other as (
    select p.user_id, p.type, p.amount, private.community_day(p.created_at) as day
    from public.point_transactions p, progress
    where p.id <= progress.ledger_position
      and (p.type in ('redemption', 'bonus') or (p.type = 'refund' and p.redemption_id is not null))),
  expected_totals as (
    select x.user_id, sum(x.created) as created, sum(x.completed) as completed, sum(x.helped) as helped,
      sum(x.earned) as earned, sum(x.redeemed) as redeemed
    from (
      select creator_id as user_id, 1 as created, 0 as completed, 0 as helped, 0 as earned, 0 as redeemed from posted
      union all select creator_id, 0, 1, 0, 0, 0 from paid
      union all select helper_id, 0, 0, 1, amount, 0 from paid
      union all select user_id, 0, 0, 0, 0, case when type = 'bonus' then 0 else -amount end from other) x
    group by x.user_id),
  expected_member_months as (
    select pg_catalog.date_trunc('month', x.day::timestamp)::date as month, x.user_id, x.place,
      sum(x.created) as created, sum(x.completed) as completed, sum(x.helped) as helped,
      sum(x.issued) as issued, sum(x.redeemed) as redeemed, sum(x.refunded) as refunded
    from (
      select p.day, p.creator_id as user_id, a.neighbourhood_id as place, 1 as created, 0 as completed, 0 as helped,
        0 as issued, 0 as redeemed, 0 as refunded
      from posted p left join private.task_areas a on a.task_id = p.task_id
      union all
      select p.day, p.creator_id, a.neighbourhood_id, 0, 1, 0, 0, 0, 0 from paid p
      left join private.task_areas a on a.task_id = p.task_id
      union all
      select p.day, p.helper_id, a.neighbourhood_id, 0, 0, 1,
        case p.reward_funding when 'community' then p.amount else 0 end, 0, 0
      from paid p left join private.task_areas a on a.task_id = p.task_id
      union all
      select o.day, o.user_id, null, 0, 0, 0, case o.type when 'bonus' then o.amount else 0 end,
        case o.type when 'redemption' then -o.amount else 0 end, case o.type when 'refund' then o.amount else 0 end
      from other o) x
    group by 1, x.user_id, x.place),
  expected_month_totals as (
    select x.month, x.area, x.place, sum(x.created) as created, sum(x.helped) as completed, sum(x.issued) as issued,
      sum(x.redeemed - x.refunded) as redeemed, count(distinct x.user_id) as people,
      count(distinct x.user_id) filter (where x.created > 0) as creators,
      count(distinct x.user_id) filter (where x.helped > 0) as helpers,
      count(distinct x.user_id) filter (where x.issued > 0) as receivers,
      count(distinct x.user_id) filter (where x.redeemed > 0 or x.refunded > 0) as redeemers
    from (
      select 'everywhere' as area, null::uuid as place, m.month, m.user_id, m.created, m.helped, m.issued, m.redeemed,
        m.refunded from expected_member_months m
      union all
      select case when m.place is null then 'elsewhere' else 'neighbourhood' end, m.place, m.month, m.user_id,
        m.created, m.helped, m.issued, m.redeemed, m.refunded
      from expected_member_months m) x
    group by x.month, x.area, x.place),
  boards as (
    select p.period, private.period_start(p.period, now()) as starts_on
    from (values ('week'), ('month'), ('year'), ('all')) p (period)),
  expected_entries as (
    select b.period, case when b.period = 'all' then '-infinity'
        else pg_catalog.date_trunc(b.period, p.day::timestamp)::date end as starts_on, p.helper_id as user_id,
      sum(p.amount) as points, count(*) as helped,
      coalesce(bool_and(u.is_active and not u.is_banned and s.show_on_leaderboard), false) as is_shown
    from paid p join boards b on p.day >= b.starts_on
    join public.users u on u.id = p.helper_id left join public.user_settings s on s.user_id = p.helper_id
    group by 1, 2, 3)
  select 'member_total_differs', coalesce(e.user_id, m.user_id)::text,
    pg_catalog.format('counted %s, expected %s',
      (m.tasks_created, m.tasks_completed, m.tasks_helped, m.points_earned, m.points_redeemed),
      (e.created, e.completed, e.helped, e.earned, e.redeemed))
  from expected_totals e full join private.member_totals m on m.user_id = e.user_id
  where (e.created, e.completed, e.helped, e.earned, e.redeemed)
        is distinct from (m.tasks_created, m.tasks_completed, m.tasks_helped, m.points_earned, m.points_redeemed)
  union all
  select 'member_month_differs', x.user_id::text,
    pg_catalog.format('%s in %s', x.month, coalesce(x.place::text, 'elsewhere'))
  from (
    (select month, user_id, place, created, completed, helped, issued, redeemed, refunded from expected_member_months
     except select month, user_id, neighbourhood_id, tasks_created, tasks_completed, tasks_helped, points_issued,
       points_redeemed, points_refunded from private.member_months)
    union all
    (select month, user_id, neighbourhood_id, tasks_created, tasks_completed, tasks_helped, points_issued,
      points_redeemed, points_refunded from private.member_months
     except select month, user_id, place, created, completed, helped, issued, redeemed, refunded
       from expected_member_months)) x
  union all
  select 'month_total_differs', x.place::text, pg_catalog.format('%s %s', x.month, x.area)
  from (
    (select month, area, place, created, completed, issued, redeemed, people, creators, helpers, receivers, redeemers
      from expected_month_totals
     except select month, area, neighbourhood_id, tasks_created, tasks_completed, points_issued, points_redeemed,
       people, creators, helpers, receivers, redeemers from private.month_totals)
    union all
    (select month, area, neighbourhood_id, tasks_created, tasks_completed, points_issued, points_redeemed, people,
      creators, helpers, receivers, redeemers from private.month_totals
     except select month, area, place, created, completed, issued, redeemed, people, creators, helpers, receivers,
       redeemers from expected_month_totals)) x
  union all
  -- of ended periods and of members who wait for the job nothing is expected
  select 'leaderboard_entry_differs', coalesce(e.user_id, l.user_id)::text, coalesce(e.period, l.period)
  from expected_entries e
  full join (select l.* from private.leaderboard_entries l
    join boards b on b.period = l.period and l.starts_on >= b.starts_on) l
    on l.period = e.period and l.starts_on = e.starts_on and l.user_id = e.user_id
  where (e.points, e.helped) is distinct from (l.points, l.tasks_helped)
     or (e.is_shown <> l.is_shown
       and not exists (select from private.leaderboard_changes c where c.user_id = e.user_id))
  union all
  select 'leaderboard_count_differs', coalesce(e.bucket, c.bucket)::text,
    pg_catalog.format('%s, level %s', coalesce(e.period, c.period), coalesce(e.level, c.level))
  from (
    select l.period, l.starts_on, v.level, l.points / pg_catalog.power(32, v.level)::bigint as bucket,
      count(*) as members
    from private.leaderboard_entries l
      join boards b on b.period = l.period and l.starts_on >= b.starts_on, pg_catalog.generate_series(0, 5) v (level)
    where l.is_shown group by 1, 2, 3, 4) e
  full join (select c.* from private.leaderboard_counts c
    join boards b on b.period = c.period and c.starts_on >= b.starts_on) c
    on c.period = e.period and c.starts_on = e.starts_on and c.level = e.level and c.bucket = e.bucket
  where coalesce(e.members, 0) <> coalesce(c.members, 0)
$$;
comment on function ops.audit_statistics() is
  'Proves that every counter equals a recomputation up to where the job has counted: one row for each problem, none '
  'when everything is right. Reads every event and transaction; run it off-peak on large data.';
grant execute on function ops.audit_statistics() to service_role, app_read;

-- schemas/statistics/counting.sql

create function private.writers()
returns text[]
language sql volatile set search_path = ''
as $$
  select coalesce(pg_catalog.array_agg(distinct l.virtualtransaction), '{}')
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.mode = 'RowExclusiveLock'
    and l.relation in ('public.task_events'::pg_catalog.regclass, 'public.point_transactions'::pg_catalog.regclass)
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    and l.pid is distinct from pg_catalog.pg_backend_pid()
$$;
comment on function private.writers() is
  'Transactions that may have drawn ids of task_events or point_transactions and are not finished. An INSERT locks '
  'its table before it draws an id, and keeps the lock until its rows are visible or gone.';

create function private.settle_statistics()
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_progress private.statistics_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_writers  text[];
begin
  select p.* into v_progress from private.statistics_progress p for update;
  if pg_catalog.cardinality(v_progress.writers) > 0 then
    if v_progress.writers && private.writers() then
      return;
    end if;
    update private.statistics_progress p
    set events_settled = p.events_fence, ledger_settled = p.ledger_fence, writers = '{}' where p.is_singleton;
  end if;
  -- a new fence. The ids are read before the writers: whoever drew a smaller id is done, and visible from here on, or
  -- is among the writers. The ledger is read before the events, so that a task is posted before it is paid, also here.
  select max(t.id) into v_ledger from public.point_transactions t;
  select max(e.id) into v_events from public.task_events e where e.action = 'created';
  v_writers := private.writers();
  update private.statistics_progress p
  set events_fence = greatest(p.events_settled, v_events), ledger_fence = greatest(p.ledger_settled, v_ledger),
    writers = v_writers
  where p.is_singleton;
  if v_writers = '{}' then
    update private.statistics_progress p set events_settled = p.events_fence, ledger_settled = p.ledger_fence
    where p.is_singleton;
  end if;
end $$;
comment on function private.settle_statistics() is
  'Finds out up to where the ledger and the events can be counted without missing a row that is drawn but not yet '
  'committed. Without writers that is the end; with some, the fence of an earlier run.';

create function private.statistics_facts(events_after bigint, events_to bigint, ledger_after bigint, ledger_to bigint)
returns table (day date, user_id uuid, neighbourhood_id uuid, tasks_created integer,
  tasks_completed integer, tasks_helped integer,
  points_earned integer, points_issued integer, points_redeemed integer, points_refunded integer)
language plpgsql stable set search_path = ''
as $$
begin
  -- plpgsql, because it plans with the positions themselves: mostly a few rows at the end of two large tables
  return query
  -- private.community_day, written out: a call for each of these rows costs as much as all the rest
  select greatest(c.first_day, (f.moment at time zone c.time_zone)::date), f.user_id, f.neighbourhood_id, f.created,
    f.completed, f.helped, f.earned, f.issued, f.redeemed, f.refunded
  from (
    select e.created_at, e.creator_id, a.neighbourhood_id, 1, 0, 0, 0, 0, 0, 0
    from public.task_events e left join private.task_areas a on a.task_id = e.task_id
    where e.action = 'created' and e.id > events_after and e.id <= events_to
    union all
    -- a payment is the completion of a task, which has a helper and a creator
    select p.created_at, x.user_id, a.neighbourhood_id, 0, x.completed, x.helped, x.helped * p.amount,
      case when t.reward_funding = 'community' then x.helped * p.amount else 0 end, 0, 0
    from public.point_transactions p
    join public.tasks t on t.id = p.task_id
    left join private.task_areas a on a.task_id = p.task_id
    cross join lateral (values (t.creator_id, 1, 0), (p.user_id, 0, 1)) x (user_id, completed, helped)
    where p.type = 'task_completed' and p.id > ledger_after and p.id <= ledger_to
    union all
    select p.created_at, p.user_id, null::uuid, 0, 0, 0, 0,
      case when p.type = 'bonus' then p.amount else 0 end,
      case when p.type = 'redemption' then -p.amount else 0 end, case when p.type = 'refund' then p.amount else 0 end
    from public.point_transactions p
    where (p.type in ('bonus', 'redemption') or (p.type = 'refund' and p.redemption_id is not null))
      and p.id > ledger_after and p.id <= ledger_to
  ) f (moment, user_id, neighbourhood_id, created, completed, helped, earned, issued, redeemed, refunded)
  cross join lateral (
    select k.first_day, k.time_zone from private.community_clocks k where k.since <= f.moment
    order by k.since desc limit 1) c;
end $$;
comment on function private.statistics_facts(bigint, bigint, bigint, bigint) is
  'What the events and the ledger between two positions say about members: one row for each member concerned.';

create function private.count_between(events_after bigint, events_to bigint, ledger_after bigint, ledger_to bigint,
  changed_members uuid[])
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.task_areas (task_id, neighbourhood_id)
  select t.id, t.neighbourhood_id
  from public.task_events e join public.tasks t on t.id = e.task_id
  where e.action = 'created' and e.id > events_after and e.id <= events_to and t.neighbourhood_id is not null
  on conflict (task_id) do nothing;

  insert into private.member_totals as m
    (user_id, tasks_created, tasks_completed, tasks_helped, points_earned, points_redeemed)
  select f.user_id, sum(f.tasks_created), sum(f.tasks_completed), sum(f.tasks_helped), sum(f.points_earned),
    sum(f.points_redeemed - f.points_refunded)
  from private.statistics_facts(events_after, events_to, ledger_after, ledger_to) f
  group by f.user_id
  on conflict (user_id) do update
  set tasks_created = m.tasks_created + excluded.tasks_created,
    tasks_completed = m.tasks_completed + excluded.tasks_completed,
    tasks_helped = m.tasks_helped + excluded.tasks_helped, points_earned = m.points_earned + excluded.points_earned,
    points_redeemed = m.points_redeemed + excluded.points_redeemed;

  -- one statement: it sees the members' months as they were, and so knows who is new behind a figure
  with added as materialized (
    select pg_catalog.date_trunc('month', f.day::timestamp)::date as month, f.user_id, f.neighbourhood_id,
      sum(f.tasks_created) as tasks_created, sum(f.tasks_completed) as tasks_completed,
      sum(f.tasks_helped) as tasks_helped, sum(f.points_issued) as points_issued,
      sum(f.points_redeemed) as points_redeemed, sum(f.points_refunded) as points_refunded
    from private.statistics_facts(events_after, events_to, ledger_after, ledger_to) f
    group by 1, 2, 3),
  members as materialized (
    select distinct a.month, a.user_id from added a),
  known as materialized (
    select m.* from members c join private.member_months m on m.month = c.month and m.user_id = c.user_id),
  -- the same rows once for the area, once for everywhere
  parts as (
    select a.month, case when a.neighbourhood_id is null then 'elsewhere' else 'neighbourhood' end as area,
      a.neighbourhood_id as place, a.user_id, 1 as sign,
      a.tasks_created, a.tasks_completed, a.tasks_helped, a.points_issued, a.points_redeemed, a.points_refunded
    from added a
    union all
    select k.month, case when k.neighbourhood_id is null then 'elsewhere' else 'neighbourhood' end,
      k.neighbourhood_id, k.user_id, 0,
      k.tasks_created, k.tasks_completed, k.tasks_helped, k.points_issued, k.points_redeemed, k.points_refunded
    from known k),
  changes as (
    select p.month, x.area, x.place, p.user_id, sum(p.sign * p.tasks_created) as tasks_created,
      sum(p.sign * p.tasks_helped) as tasks_helped, sum(p.sign * p.points_issued) as points_issued,
      sum(p.sign * (p.points_redeemed - p.points_refunded)) as points_redeemed,
      -- new behind a figure: something now, nothing before
      (bool_or(p.sign = 1) and not bool_or(p.sign = 0))::integer as person,
      (bool_or(p.sign = 1 and p.tasks_created > 0)
        and not bool_or(p.sign = 0 and p.tasks_created > 0))::integer as creator,
      (bool_or(p.sign = 1 and p.tasks_helped > 0)
        and not bool_or(p.sign = 0 and p.tasks_helped > 0))::integer as helper,
      (bool_or(p.sign = 1 and p.points_issued > 0)
        and not bool_or(p.sign = 0 and p.points_issued > 0))::integer as receiver,
      (bool_or(p.sign = 1 and p.points_redeemed + p.points_refunded > 0)
        and not bool_or(p.sign = 0 and p.points_redeemed + p.points_refunded > 0))::integer as redeemer
    from parts p
    cross join lateral (values (p.area, p.place), ('everywhere', null)) x (area, place)
    group by p.month, x.area, x.place, p.user_id
    having bool_or(p.sign = 1)),
  saved as (
    insert into private.member_months as m
      (month, user_id, neighbourhood_id, tasks_created, tasks_completed, tasks_helped, points_issued, points_redeemed,
        points_refunded)
    select a.month, a.user_id, a.neighbourhood_id, a.tasks_created, a.tasks_completed, a.tasks_helped,
      a.points_issued, a.points_redeemed, a.points_refunded
    from added a
    on conflict (month, user_id, neighbourhood_id) do update
    set tasks_created = m.tasks_created + excluded.tasks_created,
      tasks_completed = m.tasks_completed + excluded.tasks_completed,
      tasks_helped = m.tasks_helped + excluded.tasks_helped, points_issued = m.points_issued + excluded.points_issued,
      points_redeemed = m.points_redeemed + excluded.points_redeemed,
      points_refunded = m.points_refunded + excluded.points_refunded)
  insert into private.month_totals as m
    (month, area, neighbourhood_id, tasks_created, tasks_completed, points_issued, points_redeemed,
    people, creators, helpers, receivers, redeemers)
  select c.month, c.area, c.place, sum(c.tasks_created), sum(c.tasks_helped), sum(c.points_issued),
    sum(c.points_redeemed),
    sum(c.person), sum(c.creator), sum(c.helper), sum(c.receiver), sum(c.redeemer)
  from changes c
  group by c.month, c.area, c.place
  on conflict (month, area, neighbourhood_id) do update
  set tasks_created = m.tasks_created + excluded.tasks_created,
    tasks_completed = m.tasks_completed + excluded.tasks_completed,
    points_issued = m.points_issued + excluded.points_issued,
    points_redeemed = m.points_redeemed + excluded.points_redeemed, people = m.people + excluded.people,
    creators = m.creators + excluded.creators, helpers = m.helpers + excluded.helpers,
    receivers = m.receivers + excluded.receivers, redeemers = m.redeemers + excluded.redeemers;

  -- likewise: what was on the boards leaves its buckets, what is there now enters them
  with boards as materialized (
    -- two moments: a period may end while this runs, and the facts be newer than its beginning
    select distinct p.period, private.period_start(p.period, m.moment) as starts_on
    from (values ('week'), ('month'), ('year'), ('all')) p (period)
    cross join (values (now()), (pg_catalog.clock_timestamp())) m (moment)),
  added as materialized (
    select b.period, b.starts_on, f.user_id, sum(f.points_earned) as points, sum(f.tasks_helped) as tasks_helped
    from private.statistics_facts(events_after, events_to, ledger_after, ledger_to) f
    join boards b on b.starts_on = case when b.period = 'all' then '-infinity'
      else pg_catalog.date_trunc(b.period, f.day::timestamp)::date end
    where f.tasks_helped > 0
    group by b.period, b.starts_on, f.user_id),
  touched as materialized (
    select a.period, a.starts_on, a.user_id from added a
    union
    select b.period, b.starts_on, c.user_id from boards b cross join pg_catalog.unnest(changed_members) c (user_id)),
  known as materialized (
    select e.* from touched t join private.leaderboard_entries e on e.period = t.period and e.starts_on = t.starts_on
      and e.user_id = t.user_id),
  -- grouped rather than joined: the planner has no idea how many rows these are, and would compare each with each
  entries as materialized (
    select x.period, x.starts_on, x.user_id, x.points, x.tasks_helped,
      coalesce(u.is_active and not u.is_banned and s.show_on_leaderboard, false) as is_shown
    from (
      select r.period, r.starts_on, r.user_id, sum(r.points) as points, sum(r.tasks_helped) as tasks_helped
      from (
        select a.period, a.starts_on, a.user_id, a.points, a.tasks_helped from added a
        union all
        select k.period, k.starts_on, k.user_id, k.points, k.tasks_helped from known k) r
      group by r.period, r.starts_on, r.user_id) x
    left join public.users u on u.id = x.user_id
    left join public.user_settings s on s.user_id = x.user_id),
  saved as (
    insert into private.leaderboard_entries as e (period, starts_on, user_id, points, tasks_helped, is_shown)
    select n.period, n.starts_on, n.user_id, n.points, n.tasks_helped, n.is_shown from entries n
    on conflict (period, starts_on, user_id) do update
    set points = excluded.points, tasks_helped = excluded.tasks_helped, is_shown = excluded.is_shown
    where (e.points, e.tasks_helped, e.is_shown) <> (excluded.points, excluded.tasks_helped, excluded.is_shown))
  insert into private.leaderboard_counts as c (period, starts_on, level, bucket, members)
  select x.period, x.starts_on, l.level, x.points >> (5 * l.level), sum(x.members)
  from (
    select k.period, k.starts_on, k.points, -1 as members from known k where k.is_shown
    union all
    select n.period, n.starts_on, n.points::bigint, 1 from entries n where n.is_shown) x
  cross join pg_catalog.generate_series(0, 5) l (level)
  group by x.period, x.starts_on, l.level, x.points >> (5 * l.level)
  having sum(x.members) <> 0
  on conflict (period, starts_on, level, bucket) do update set members = c.members + excluded.members;
end $$;
comment on function private.count_between(bigint, bigint, bigint, bigint, uuid[]) is
  'Adds what lies between two positions of the events and the ledger to every counter, and shows or hides members '
  'whose choice changed. The caller is the only one who counts.';

-- schemas/statistics/jobs.sql

create function private.count_statistics(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_rows     constant integer := 20 * count_statistics.batch;  -- all rows are counted at once, which is cheap
  v_progress private.statistics_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_changes  bigint[];
  v_members  uuid[];
begin
  processed := 0; failed := 0;
  -- Each statement must see what was committed before it, or the fence would let rows slip through. One run at a time.
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed'
     or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics')) then
    return;
  end if;

  perform private.settle_statistics();
  select p.* into v_progress from private.statistics_progress p;
  select max(e.id), count(*) into v_events, processed
  from (select c.id from public.task_events c
        where c.action = 'created' and c.id > v_progress.events_position and c.id <= v_progress.events_settled
        order by c.id limit c_rows) e;
  v_events := case when processed < c_rows then v_progress.events_settled else v_events end;
  -- payments only after all postings up to the fence: a task is counted where it was posted
  select case when count(*) < c_rows - processed then v_progress.ledger_settled
    else coalesce(max(t.id), v_progress.ledger_position) end, processed + count(*)
  into v_ledger, processed
  from (select p.id from public.point_transactions p
        where p.id > v_progress.ledger_position and p.id <= v_progress.ledger_settled
        order by p.id limit c_rows - processed) t;
  select coalesce(pg_catalog.array_agg(c.id), '{}'), coalesce(pg_catalog.array_agg(distinct c.user_id), '{}')
  into v_changes, v_members
  from (select l.id, l.user_id from private.leaderboard_changes l order by l.id limit c_rows) c;
  perform private.count_between(v_progress.events_position, v_events, v_progress.ledger_position, v_ledger, v_members);
  -- by id: whoever chose anew meanwhile has a row of their own, and stays listed
  delete from private.leaderboard_changes c where c.id = any (v_changes);
  update private.statistics_progress p set events_position = v_events, ledger_position = v_ledger
  where p.is_singleton;
  processed := processed + pg_catalog.cardinality(v_changes);
end $$;
comment on function private.count_statistics(timestamptz, integer) is
  'Job: counts what the ledger and the events have got since the last run, up to 20 times batch rows; puts members '
  'on leaderboards and takes them off. All of it or nothing. Does nothing while another run is under way.';

create function private.forget_leaderboards(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_rows   constant integer := 20 * forget_leaderboards.batch;
  v_today  timestamptz := least(forget_leaderboards.as_of, now());  -- a look ahead does not end a period
  v_period text;
  v_start  date;
  v_gone   integer;
begin
  processed := 0; failed := 0;
  -- as above
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed'
     or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics')) then
    return;
  end if;

  for v_period, v_start in
    select p.period, private.period_start(p.period, v_today) from (values ('week'), ('month'), ('year')) p (period)
  loop
    delete from private.leaderboard_entries e
    where e.period = v_period and e.starts_on < v_start
      and (e.starts_on, e.user_id) in (
        select o.starts_on, o.user_id from private.leaderboard_entries o
        where o.period = v_period and o.starts_on < v_start limit c_rows);
    get diagnostics v_gone = row_count;
    processed := processed + v_gone;
    delete from private.leaderboard_counts c where c.period = v_period and c.starts_on < v_start;
  end loop;
end $$;
comment on function private.forget_leaderboards(timestamptz, integer) is
  'Job: forgets leaderboards of ended periods, up to 20 times batch rows.';

insert into private.jobs (job, room, step, every) values
  ('count_statistics', 'statistics', 80, '1 minute'),
  ('forget_leaderboards', 'statistics', 81, '1 hour');
-- undo: delete from private.jobs where room = 'statistics';

-- schemas/statistics/reads.sql

create function private.are_helpers_hidden_enough(month date, neighbourhood_id uuid)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- the bounds keep it cheap in a month of many, nearly all of them on the leaderboard
  return (
    select count(distinct h.user_id) >= 5
    from (
      select m.user_id
      from (select w.user_id from private.member_months w
            where w.month = are_helpers_hidden_enough.month and w.tasks_helped > 0
              and (are_helpers_hidden_enough.neighbourhood_id is null
                or w.neighbourhood_id = are_helpers_hidden_enough.neighbourhood_id)
            limit 200) m
      where not exists (select from public.user_settings s where s.user_id = m.user_id and s.show_on_leaderboard)
      limit 20) h);
end $$;
comment on function private.are_helpers_hidden_enough(date, uuid) is
  'Whether at least 5 of the first 200 helpers of a month are not shown on leaderboards: otherwise the total less '
  'what the leaderboard shows would tell what single people earned.';

create function private.leaderboard(period text, page_size integer)
returns table (rank bigint, user_id uuid, name text, avatar_path text, points bigint, tasks_helped bigint,
  is_me boolean)
language plpgsql stable security definer set search_path = ''
-- planning takes longer than reading; every step below has one good plan, whatever the arguments
set plan_cache_mode = force_generic_plan
as $$
declare
  v_me        uuid := private.require_member();
  v_starts_on date := private.period_start(leaderboard.period, now());
  v_size      integer := private.clamp_page_size(leaderboard.page_size);
  v_changed   uuid[] := array(select c.user_id from private.leaderboard_changes c);
  v_ids       uuid[];
  v_points    bigint[];
  v_helped    bigint[];
begin
  -- (the arrays keep the order of the sorted subquery they are made from)
  select pg_catalog.array_agg(e.user_id), pg_catalog.array_agg(e.points), pg_catalog.array_agg(e.tasks_helped)
  into v_ids, v_points, v_helped
  from (select l.user_id, l.points, l.tasks_helped from private.leaderboard_entries l
        where l.period = leaderboard.period and l.starts_on = v_starts_on and l.is_shown
          and l.user_id <> all (v_changed)
        order by l.points desc, l.user_id limit v_size) e;
  return query
    select pg_catalog.rank() over (order by e.points desc), e.user_id, u.name, u.avatar_path, e.points,
      e.tasks_helped, e.user_id = v_me
    from unnest(v_ids, v_points, v_helped) with ordinality e (user_id, points, tasks_helped, place)
    join public.users u on u.id = e.user_id
    order by e.place;
  if v_me = any (v_ids) then
    return;
  end if;

  -- the caller: one more than have more points, which are at each level the buckets above within the same larger bucket
  return query
    select 1 + b.members - h.members, u.id, u.name, u.avatar_path, o.points, o.tasks_helped, true
    from public.users u
    cross join lateral (
      select coalesce(max(e.points), 0) as points, coalesce(max(e.tasks_helped), 0) as tasks_helped
      from private.leaderboard_entries e
      where e.period = leaderboard.period and e.starts_on = v_starts_on and e.user_id = v_me) o
    cross join lateral (
      select coalesce(sum(c.members), 0)::bigint as members
      from pg_catalog.unnest('{0,1,2,3,4,5}'::smallint[]) v (level)
      join private.leaderboard_counts c on c.period = leaderboard.period and c.starts_on = v_starts_on
        and c.level = v.level
        and c.bucket > o.points >> (5 * v.level)
        and c.bucket < case when v.level = 5 then 9223372036854775807
          else ((o.points >> (5 * (v.level + 1))) + 1) << 5 end) b
    -- and who is counted there, but just not shown
    cross join lateral (
      select count(*) as members from private.leaderboard_entries e
      where e.user_id = any (v_changed) and e.period = leaderboard.period and e.starts_on = v_starts_on and e.is_shown
        and e.points > o.points) h
    where u.id = v_me;
end $$;
grant execute on function private.leaderboard(text, integer) to authenticated;

create function public.leaderboard(period text default 'month', page_size integer default null)
returns table (rank bigint, user_id uuid, name text, avatar_path text, points bigint, tasks_helped bigint,
  is_me boolean)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.leaderboard(leaderboard.period, leaderboard.page_size); end $$;
comment on function public.leaderboard(text, integer) is
  'Members who earned most by helping in the current week, month or year (by the community''s clock) or ever '
  '(all), best first; equal points share a rank. Only members who agreed to be shown, and always the caller, last '
  'when not among the first. page_size is clamped. May be null: avatar_path. Errors: period_invalid, not_signed_in, '
  'user_inactive.';
grant execute on function public.leaderboard(text, integer) to authenticated;

create function private.user_statistics(user_id uuid)
returns table (id uuid, name text, avatar_path text, member_since timestamptz, tasks_created integer,
  tasks_completed integer, tasks_helped integer, trust_score numeric, rating_average numeric, rating_count integer,
  points_balance integer, points_earned bigint, points_redeemed bigint)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_member();
  v_user uuid := coalesce(user_statistics.user_id, v_me);
begin
  return query
    select u.id, u.name, u.avatar_path, u.created_at, coalesce(m.tasks_created, 0), coalesce(m.tasks_completed, 0),
      coalesce(m.tasks_helped, 0), u.trust_score, u.rating_average, u.rating_count,
      case when u.id = v_me then a.balance end,
      case when u.id = v_me then coalesce(m.points_earned, 0) end,
      case when u.id = v_me then coalesce(m.points_redeemed, 0) end
    from public.users u
    join public.point_accounts a on a.user_id = u.id
    left join private.member_totals m on m.user_id = u.id
    where u.id = v_user and u.is_active;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
end $$;
grant execute on function private.user_statistics(uuid) to authenticated;

create function public.user_statistics(user_id uuid default null)
returns table (id uuid, name text, avatar_path text, member_since timestamptz, tasks_created integer,
  tasks_completed integer, tasks_helped integer, trust_score numeric, rating_average numeric, rating_count integer,
  points_balance integer, points_earned bigint, points_redeemed bigint)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.user_statistics(user_statistics.user_id); end $$;
comment on function public.user_statistics(uuid) is
  'What a member did so far: tasks posted, own tasks completed, tasks helped in, ratings. Without an argument the '
  'caller''s own, with points; of others points are null. May be null: avatar_path, points_balance, points_earned, '
  'points_redeemed. Errors: user_not_found, not_signed_in, user_inactive.';
grant execute on function public.user_statistics(uuid) to authenticated;

create function private.monthly_statistics(months integer, neighbourhood_id uuid)
returns table (month date, tasks_created bigint, tasks_completed bigint, points_issued bigint, points_redeemed bigint,
  people bigint, is_suppressed boolean)
language plpgsql stable security definer set search_path = ''
as $$
declare
  c_least   constant integer := 5;
  v_last    date := private.period_start('month', now());
  v_months  integer := greatest(1, least(coalesce(monthly_statistics.months, private.default_months()),
    private.max_months()));
  v_place   uuid := monthly_statistics.neighbourhood_id;
begin
  if v_place is not null and not exists (select from public.neighbourhoods n where n.id = v_place) then
    raise exception using errcode = 'PT404', message = 'neighbourhood_not_found',
      hint = 'There is no such neighbourhood.';
  end if;
  return query
    with calendar as (
      select (v_last - pg_catalog.make_interval(months => i))::date as month
      from pg_catalog.generate_series(0, v_months - 1) i),
    -- each figure with the people behind it
    figures as (
      select t.month, t.area, t.neighbourhood_id as place, t.people, f.name, f.amount, f.contributors
      from private.month_totals t
      cross join lateral (values
        ('tasks_created', t.tasks_created, t.creators), ('tasks_completed', t.tasks_completed, t.helpers),
        ('points_issued', t.points_issued, t.receivers), ('points_redeemed', t.points_redeemed, t.redeemers)
      ) f (name, amount, contributors)
      where t.month between (v_last - pg_catalog.make_interval(months => v_months - 1))::date and v_last
        -- other neighbourhoods matter only to what is left when they are subtracted from everywhere
        and (v_place is not null or t.area = 'everywhere')),
    -- what is not published can be had as everywhere less all that is: it must not be a small group either, or the
    -- neighbourhood with the fewest people behind the figure is kept back, too
    kept_back as (
      select h.month, h.name, h.place
      from (
        select f.month, f.name, f.place,
          row_number() over (partition by f.month, f.name
            order by f.area = 'neighbourhood' and f.contributors >= c_least desc, f.contributors, f.place) as position,
          coalesce(max(f.contributors) filter (where f.area = 'elsewhere' or f.contributors < c_least)
            over (partition by f.month, f.name), 0) as largest_rest
        from figures f where f.area <> 'everywhere') h
      where h.position = 1 and h.largest_rest between 1 and c_least - 1),
    exposed as materialized (
      select f.month from figures f
      where f.name = 'tasks_completed' and f.contributors > 0 and f.place is not distinct from v_place
        and f.area <> 'elsewhere' and not private.are_helpers_hidden_enough(f.month, v_place)),
    shown as (
      select f.month, f.name,
        case
          when f.people < c_least or f.contributors between 1 and c_least - 1 then null
          when exists (select from kept_back k where k.month = f.month and k.name = f.name and k.place = f.place)
            then null
          when f.name in ('tasks_completed', 'points_issued')
            and exists (select from exposed e where e.month = f.month) then null
          else f.amount end as amount,
        case when f.people >= c_least then f.people end as people
      from figures f
      where f.area = case when v_place is null then 'everywhere' else 'neighbourhood' end
        and f.place is not distinct from v_place),
    pivoted as (
      select s.month, max(s.amount) filter (where s.name = 'tasks_created') as created,
        max(s.amount) filter (where s.name = 'tasks_completed') as completed,
        max(s.amount) filter (where s.name = 'points_issued') as issued,
        max(s.amount) filter (where s.name = 'points_redeemed') as redeemed,
        max(s.people) as persons
      from shown s group by s.month)
    select c.month, p.created, p.completed, p.issued,
      -- points are spent in shops; where their owners live is nobody's business
      case when v_place is null then p.redeemed end,
      p.persons,
      p.created is null or p.completed is null or p.issued is null or (p.redeemed is null and v_place is null)
    from calendar c left join pivoted p on p.month = c.month
    order by c.month desc;
end $$;
grant execute on function private.monthly_statistics(integer, uuid) to anon, authenticated;

create function public.monthly_statistics(months integer default null, neighbourhood_id uuid default null)
returns table (month date, tasks_created bigint, tasks_completed bigint, points_issued bigint, points_redeemed bigint,
  people bigint, is_suppressed boolean)
language plpgsql stable set search_path = ''
as $$ begin
  return query select * from private.monthly_statistics(monthly_statistics.months, monthly_statistics.neighbourhood_id);
end $$;
comment on function public.monthly_statistics(integer, uuid) is
  'Figures of the last months (by the community''s clock, 1 to 120, the current one first), for the community or for '
  'the tasks of one neighbourhood. A figure with fewer than 5 people behind it is null, and so is one that would give '
  'away such a figure; is_suppressed says that something is held back. Callable by everyone. May be null: '
  'tasks_created, tasks_completed, points_issued, points_redeemed, people. Errors: neighbourhood_not_found.';
grant execute on function public.monthly_statistics(integer, uuid) to anon, authenticated;

-- schemas/statistics/reliability.sql

create function private.reliability(user_id uuid, out accepted integer, out finished integer)
language plpgsql stable security definer set search_path = ''
as $$
begin
  finished := coalesce((select m.tasks_helped from private.member_totals m where m.user_id = reliability.user_id), 0);
  accepted := finished + coalesce((
    select t.no_shows + t.late_releases from private.lapse_totals t where t.user_id = reliability.user_id), 0);
  if (accepted < private.min_tasks_for_reliability() and user_id is distinct from auth.uid())
     or not exists (select from public.users u where u.id = reliability.user_id and u.is_active) then
    accepted := null;
    finished := null;
  end if;
end $$;
comment on function private.reliability(uuid) is
  'How many accepted tasks a member finished, and how many of them ended well or badly by the member: finished ones, '
  'no-shows and late releases. Tasks called off, given back in time or taken away for other reasons are in neither. '
  'Null to others while they are too few.';
grant execute on function private.reliability(uuid) to authenticated, service_role;

create function public.accepted_tasks(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select r.accepted from private.reliability(users.id) r $$;
comment on function public.accepted_tasks(public.users) is
  'Computed field users.accepted_tasks: tasks the member helped with that ended by finishing, a no-show or a late '
  'release. Null on other members while they are fewer than 5.';
grant execute on function public.accepted_tasks(public.users) to authenticated, service_role;

create function public.finished_tasks(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select r.finished from private.reliability(users.id) r $$;
comment on function public.finished_tasks(public.users) is
  'Computed field users.finished_tasks: how many of accepted_tasks were completed. Null as that one.';
grant execute on function public.finished_tasks(public.users) to authenticated, service_role;
