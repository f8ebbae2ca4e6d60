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
