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
