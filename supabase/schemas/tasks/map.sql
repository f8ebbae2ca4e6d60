create domain public.marked_tasks as jsonb;
comment on domain public.marked_tasks is
  'Tasks that a marker of the map stands for, newest first: id, title, category, points_reward, starts_at.';

-- a table only in name, as public.nearby_task
create table public.task_marker (
  latitude       double precision not null,
  longitude      double precision not null,
  task_count     integer not null,
  splits_at_zoom integer,
  tasks          public.marked_tasks
);

comment on table public.task_marker is 'Row of map_tasks: a marker of the map. Holds nothing.';
comment on column public.task_marker.latitude is
  'Where to draw it: the centre of the tasks'' 300 m cell, or the middle of the smallest tile that holds them all.';
comment on column public.task_marker.longitude is 'As latitude.';
comment on column public.task_marker.task_count is
  'Open tasks it stands for; as many as private.max_marker_count() means so many or more.';
comment on column public.task_marker.splits_at_zoom is
  'The zoom at which it falls apart; null when all its tasks lie in one 300 m cell.';
comment on column public.task_marker.tasks is 'The newest, when all lie in one 300 m cell; null otherwise.';

alter table public.task_marker enable row level security;

create function private.map_tasks(west double precision, south double precision, east double precision,
  north double precision, zoom integer, category text, starts_from text, starts_until text)
returns setof public.task_marker
language plpgsql stable security definer set search_path = ''
-- the planner takes a tile for large and would read all of it to sort it, or the whole table
set enable_bitmapscan = off
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  c_finest     constant integer := private.finest_tiles();
  v_hidden     uuid[] := private.require_member() || private.hidden_user_ids();
  v_starts     tstzrange := private.read_period(map_tasks.starts_from, map_tasks.starts_until);
  -- what has no start counts as starting never
  v_first      timestamptz := coalesce(lower(v_starts), '-infinity');
  v_last       timestamptz := case when v_starts is null then 'infinity'
    else coalesce(upper(v_starts) - interval '1 microsecond', '294276-01-01 UTC') end;
  v_categories text[] := private.category_subtree(map_tasks.category);
  v_most       integer := private.max_marker_count();
  v_level      integer := least(greatest(map_tasks.zoom, 0) + 2, c_finest);
  v_left       integer;
  v_top        integer;
  v_columns    integer;
  v_rows       integer;
begin
  perform private.check_coordinates(south, west), private.check_coordinates(north, east);
  perform private.require_argument(south <= north, 'north'),
    private.require_argument(map_tasks.zoom is not null, 'zoom');
  loop
    v_left    := private.tile_column(west) >> (c_finest - v_level);
    v_top     := private.tile_row(north) >> (c_finest - v_level);
    v_columns := (private.tile_column(east) >> (c_finest - v_level)) - v_left + 1;
    if west > east then  -- across the date line
      v_columns := least(v_columns + (1 << v_level), 1 << v_level);
    end if;
    v_rows    := (private.tile_row(south) >> (c_finest - v_level)) - v_top + 1;
    exit when v_columns::bigint * v_rows <= private.max_task_markers();
    v_level := v_level - 1;
  end loop;

  return query
    select m.latitude, m.longitude, c.task_count,
      case when c.level < c_finest then c.level - 1 end, m.tasks::public.marked_tasks
    from pg_catalog.generate_series(v_left, v_left + v_columns - 1) x
    cross join pg_catalog.generate_series(v_top, v_top + v_rows - 1) y
    cross join lateral (
      select (private.spread_bits(x % (1 << v_level)) + 2 * private.spread_bits(y)) << 2 * (c_finest - v_level),
        1::bigint << 2 * (c_finest - v_level)
      offset 0
    ) t (tile, width)
    cross join lateral (
      select count(*)::integer as task_count, min(o.tile) as tile, pg_catalog.array_agg(o.task_id) as ids,
        -- of what is not read to its end nobody knows how far it reaches
        case when count(*) < v_most then private.tile_level(min(o.tile), max(o.tile)) else v_level end as level
      from (
        (select o.task_id, o.tile
         from private.open_tasks o
         where v_categories is null and o.tile >= t.tile and o.tile < t.tile + t.width
           and coalesce(o.starts_at, 'infinity') between v_first and v_last
           and o.creator_id <> all (v_hidden) and o.expires_at > now()
         limit v_most)
        union all
        (select o.task_id, o.tile
         from unnest(v_categories) s (slug)
         cross join lateral (
           select a.* from private.open_tasks a
           where a.category = s.slug and a.tile >= t.tile and a.tile < t.tile + t.width
             and coalesce(a.starts_at, 'infinity') between v_first and v_last
             and a.creator_id <> all (v_hidden) and a.expires_at > now()
           limit v_most  -- here, too, or the planner reads the other categories' tasks as well
         ) o
         limit v_most)
      ) o
    ) c
    cross join lateral (
      select p.latitude, p.longitude, null
      from private.tile_middle(c.tile, c.level) p where c.level < c_finest
      union all
      select min(n.latitude), min(n.longitude),
        pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', n.id, 'title', n.title, 'category', n.category,
          'points_reward', n.points_reward, 'starts_at', n.starts_at) order by n.created_at desc, n.id desc)
      from (
        select k.* from public.tasks k where k.id = any (c.ids)
        order by k.created_at desc, k.id desc limit private.max_marked_tasks()
      ) n
      where c.level = c_finest having count(*) > 0
    ) m (latitude, longitude, tasks)
    where c.task_count > 0;
end $$;
grant execute on function private.map_tasks(double precision, double precision, double precision, double precision,
  integer, text, text, text) to authenticated;

create function public.map_tasks(west double precision, south double precision, east double precision,
  north double precision, zoom integer, category text default null, starts_from text default null,
  starts_until text default null)
returns setof public.task_marker
language plpgsql stable set search_path = ''
as $$ begin
  return query select * from private.map_tasks(west, south, east, north, zoom, category, starts_from, starts_until);
end $$;
comment on function public.map_tasks(double precision, double precision, double precision, double precision, integer,
  text, text, text) is
  'Open tasks within the bounds of a map (WGS 84 degrees; west may be greater than east, across the date line), '
  'without the caller''s own, blocked or banned members'' tasks, as markers: one for each tile of 128 pixels that the '
  'bounds touch, of a world that is 512 pixels wide at zoom 0. A marker counts its tasks, and shows the newest where '
  'all lie in one 300 m cell. zoom is clamped, and lowered where there would be more than 300 tiles; category includes '
  'its descendants; starts_from and starts_until as in nearby_tasks. Errors: coordinates_invalid, category_not_found, '
  'validation_failed (detail names the field), not_signed_in, user_inactive.';
grant execute on function public.map_tasks(double precision, double precision, double precision, double precision,
  integer, text, text, text) to authenticated;
