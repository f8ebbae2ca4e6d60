-- A table only in name: its row is what nearby_tasks answers. Whatever tasks has stands in it by itself, and comes
-- last, so that a column added to both later lands in the same place.
create table public.nearby_task (
  distance_m integer not null,
  cursor     text not null,
  like public.tasks including comments
);

comment on table public.nearby_task is 'Row of nearby_tasks: the task, its distance and its cursor. Holds nothing.';
comment on column public.nearby_task.distance_m is 'Metres to the task''s 300 m cell, rounded to 100.';
comment on column public.nearby_task.cursor is 'Where the next page starts when this is the last row.';

alter table public.nearby_task enable row level security;

create function private.nearby_tasks(latitude double precision, longitude double precision, radius_m integer,
  category text, sort text, page_size integer, after text, starts_from text, starts_until text,
  centre point default null, radius double precision default null, scale double precision default null,
  share double precision default 1)
returns setof public.nearby_task
language plpgsql stable security definer set search_path = ''
-- the planner takes every box for small and would sort all that lies in it instead of following the index by distance
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_hidden     uuid[] := private.require_member() || private.hidden_user_ids();
  v_sort       text := coalesce(nearby_tasks.sort, 'newest');
  v_limit      integer := private.clamp_page_size(nearby_tasks.page_size);
  v_categories text[];
  v_starts     tstzrange;
  v_after_key  double precision;
  v_after_id   uuid;
  v_size       double precision;
  v_ids        uuid[];
  v_keys       double precision[];
  v_distances  double precision[];  -- in order of distance, the keys
begin
  -- (arrays below keep the order of the sorted subquery they are made from)
  if starts_from is not null or starts_until is not null then
    v_starts := private.read_period(starts_from, starts_until);
  elsif centre is null then
    if (nearby_tasks.latitude between -66 and 66 and nearby_tasks.longitude between -178 and 178) is not true then
      -- at the edges of the maps there are several circles: a page of each, and of these the best
      return query
        select n.*
        from private.circles_around(nearby_tasks.latitude, nearby_tasks.longitude, nearby_tasks.radius_m) a (circles)
        cross join lateral unnest(a.circles) c
        cross join lateral private.nearby_tasks(nearby_tasks.latitude, nearby_tasks.longitude, nearby_tasks.radius_m,
          nearby_tasks.category, v_sort, v_limit, nearby_tasks.after, null, null, c.centre, c.radius, c.scale,
          c.scale / (a.circles[1]).scale) n
        order by case when v_sort = 'distance' then (private.decode_cursor(n.cursor, v_sort)).key end,
          case when v_sort = 'distance' then n.id end, n.created_at desc, n.id desc
        limit v_limit;
      return;
    end if;
    -- nearly always one: what private.circles_around makes of it; its call would take some 5 % of this search
    centre := private.mercator(nearby_tasks.latitude, nearby_tasks.longitude);
    scale  := cos(radians(nearby_tasks.latitude));
    radius := private.clamp_radius(nearby_tasks.radius_m) / scale;
  end if;
  if v_sort <> all (private.nearby_sorts()) then
    raise exception using errcode = 'PT400', message = 'sort_invalid',
      hint = 'Sort by ' || pg_catalog.array_to_string(private.nearby_sorts(), ' or by ') || '.';
  end if;
  if nearby_tasks.category is not null then
    v_categories := private.category_subtree(nearby_tasks.category);
  end if;
  if nearby_tasks.after is not null then
    select c.key, c.id into v_after_key, v_after_id from private.decode_cursor(nearby_tasks.after, v_sort) c;
  end if;

  if v_starts is not null then
    scale := 1;  -- distances are in real metres here, whatever the circle
    -- all that starts then, by an index of its own: few enough to be sorted
    select pg_catalog.array_agg(n.task_id), pg_catalog.array_agg(n.key), pg_catalog.array_agg(n.distance)
    into v_ids, v_keys, v_distances
    from (
      select o.task_id, o.distance, k.key
      from private.squares_around(private.circles_around(nearby_tasks.latitude, nearby_tasks.longitude,
        nearby_tasks.radius_m)) s
      cross join lateral (
        select f.task_id, f.created_at, (f.position <-> s.centre) * s.scale as distance
        from private.open_tasks f
        where f.square = s.square and f.starts_at >= coalesce(lower(v_starts), '-infinity')
          and f.starts_at < coalesce(upper(v_starts), 'infinity') and f.creator_id <> all (v_hidden)
          and (v_categories is null or f.category = any (v_categories)) and f.expires_at > now()
      ) o
      cross join lateral (select case v_sort when 'distance' then o.distance
        else (extract(epoch from o.created_at) * 1000000)::double precision end as key) k
      where o.distance <= private.clamp_radius(nearby_tasks.radius_m)
        and (v_after_id is null or case v_sort when 'distance' then (k.key, o.task_id) > (v_after_key, v_after_id)
          else (k.key, o.task_id) < (v_after_key, v_after_id) end)
      -- ascending by distance, descending by time
      order by case v_sort when 'distance' then k.key end, case v_sort when 'distance' then o.task_id end,
        k.key desc, o.task_id desc
      limit v_limit
    ) n;
  elsif v_sort = 'distance' then
    select pg_catalog.array_agg(n.task_id), pg_catalog.array_agg(n.distance)
    into v_ids, v_keys
    from (
      -- many tasks share a cell and so a distance: read whole groups of equals, then cut by id
      select k.task_id, k.distance * share as distance
      from (
        select o.task_id, o.position <-> centre as distance
        from private.open_tasks o
        where o.position <@ box(point(centre[0] - radius, centre[1] - radius),
          point(centre[0] + radius, centre[1] + radius))
          and (v_after_id is null or (o.position <-> centre) * share > v_after_key
            or ((o.position <-> centre) * share = v_after_key and o.task_id > v_after_id))
          and o.creator_id <> all (v_hidden)
          and (v_categories is null or o.category = any (v_categories))
          and o.expires_at > now()
        order by o.position <-> centre
        fetch first (v_limit) rows with ties
      ) k
      where k.distance <= radius
      order by k.distance, k.task_id
      limit v_limit
    ) n;
  else
    v_size := case when radius > 32768 then 65536 else 8192 end;
    select pg_catalog.array_agg(n.task_id),
      pg_catalog.array_agg((extract(epoch from n.created_at) * 1000000)::double precision),
      pg_catalog.array_agg((n.position <-> centre) * share)
    into v_ids, v_keys, v_distances
    from (
      select o.task_id, o.created_at, o.position
      -- what private.squares_around finds: its call would take some 4 % of this search
      from unnest(array(
        select (x::bigint << 24) + y
        from pg_catalog.generate_series(floor((centre[0] - radius) / v_size)::integer,
          floor((centre[0] + radius) / v_size)::integer) x
        cross join pg_catalog.generate_series(floor((centre[1] - radius) / v_size)::integer,
          floor((centre[1] + radius) / v_size)::integer) y
        where (centre <-> box(point(x * v_size, y * v_size), point((x + 1) * v_size, (y + 1) * v_size))) <= radius
      )) s (square)
      cross join lateral (
        -- the newest of each square, read in index order; the branch of the other size never runs
        select f.task_id, f.created_at, f.position
        from (
          select 8192 as size, t.square, t.* from private.open_tasks t
          union all
          select 65536, t.wide_square, t.* from private.open_tasks t
        ) f (size, at)
        where f.size = v_size and f.at = s.square
          and (f.created_at, f.task_id) <
            (coalesce(timestamptz 'epoch' + v_after_key * interval '1 microsecond', 'infinity'),
             coalesce(v_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          and (f.position <-> centre) <= radius and f.creator_id <> all (v_hidden)
          and (v_categories is null or f.category = any (v_categories)) and f.expires_at > now()
        order by f.created_at desc, f.task_id desc limit v_limit
      ) o
      order by o.created_at desc, o.task_id desc
      limit v_limit
    ) n;
  end if;

  return query
    select (round(n.distance * scale / share / 100) * 100)::integer,
      -- what private.encode_cursor writes: a call for each row would take some 10 % of this search
      pg_catalog.replace(pg_catalog.encode(pg_catalog.convert_to(v_sort || '|' || n.key || '|' || n.id, 'utf8'),
        'base64'), E'\n', ''),
      t.*
    from unnest(v_ids, v_keys, coalesce(v_distances, v_keys)) with ordinality as n (id, key, distance, rank)
    join public.tasks t on t.id = n.id
    order by n.rank;
end $$;
grant execute on function private.nearby_tasks(double precision, double precision, integer, text, text, integer,
  text, text, text, point, double precision, double precision, double precision) to authenticated;

create function public.nearby_tasks(latitude double precision, longitude double precision,
  radius_m integer default null, category text default null,
  sort text default 'newest', page_size integer default null, after text default null,
  starts_from text default null, starts_until text default null)
returns setof public.nearby_task
language plpgsql stable set search_path = ''
as $$
begin
  -- in plpgsql, because a body in SQL is planned again at each call: a sixth of this search
  return query select * from private.nearby_tasks(latitude, longitude, radius_m, category, sort, page_size, after,
    starts_from, starts_until);
end $$;
comment on function public.nearby_tasks(double precision, double precision, integer, text, text, integer, text,
  text, text) is
  'Open tasks around a point (WGS 84 degrees), newest first or nearest first, without the caller''s own, blocked '
  'or banned members'' tasks. radius_m and page_size are clamped; category includes its descendants; starts_from '
  'and starts_until (ISO 8601 with an offset) keep the tasks that start from the one and before the other; distance_m '
  'is measured to the 300 m cell and rounded to 100 m; for the next page pass the cursor of the last row as after. '
  'Errors: coordinates_invalid, category_not_found, sort_invalid, cursor_invalid, validation_failed (detail names the '
  'field), not_signed_in, user_inactive.';
grant execute on function public.nearby_tasks(double precision, double precision, integer, text, text, integer,
  text, text, text) to authenticated;
