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
