-- As public.nearby_task: a row, and what it adds comes first.
create table public.found_task (
  rank    double precision not null,
  snippet text not null,
  like public.nearby_task including comments
);

comment on table public.found_task is
  'Row of search_tasks: the task, its distance, its rank, where the words are, and its cursor. Holds nothing.';
comment on column public.found_task.rank is
  'How well the words fit and how near it is, 0 to 1; below 0.5 some word is only spelt alike.';
comment on column public.found_task.snippet is 'Where the words are: plain text with the hits in «».';

alter table public.found_task enable row level security;

create type private.found_place as (
  id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
    rating_average numeric,
    rating_count integer, address text,
  latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source, created_at timestamptz,
    updated_at timestamptz,
  distance_m integer, rank double precision, snippet text, cursor text);

comment on type private.found_place is
  'Row of search_places: the public columns of a place, its distance, its rank, where the words are, and its cursor.';

create function private.search_texts(kind text, query text, latitude double precision, longitude double precision,
  radius_m integer, categories text[], page_size integer, after text, neighbourhood_id uuid, hidden uuid[],
  starts tstzrange)
returns table (id uuid, distance_m double precision, rank double precision, words text[],
  least_similarity double precision, cursor text)
language plpgsql stable rows 20 set search_path = ''
-- the planner takes every search for one that finds a lot; a search by words has to follow the index of words
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  c_few        constant integer := 10;    -- with fewer hits, similar spelling counts too
  c_read       constant integer := 2000;  -- hits that are read, nearest squares first
  c_ranked     constant integer := 500;   -- hits that are ranked, the nearest of these
  c_compared   constant integer := 1000;  -- nearest titles that are compared letter by letter
  c_alike      constant double precision := 0.4;  -- similarity of trigrams from which a word counts as misspelt
  -- seven parts how well the words fit, three parts nearness; whatever was found as written comes before what is
  -- spelt alike
  c_as_written constant double precision := 0.5;
  c_share      constant double precision := 0.499;
  v_list       text := pg_catalog.format('search_%ss', search_texts.kind);
  v_limit      integer := private.clamp_page_size(search_texts.page_size);
  v_circles    private.circle[] :=
    private.circles_around(search_texts.latitude, search_texts.longitude, search_texts.radius_m);
  v_radius_m   double precision := private.clamp_radius(search_texts.radius_m);
  v_circle     private.circle;
  v_after_rank double precision := 2;  -- above every rank
  v_after_id   uuid;
  v_search     record;
  v_query      text;
  v_ids        uuid[];
  v_distances  double precision[];
  v_ranks      double precision[];
  v_more_ids       uuid[];
  v_more_distances double precision[];
  v_more_ranks     double precision[];
begin
  if search_texts.after is not null then
    select c.key, c.id into v_after_rank, v_after_id from private.decode_cursor(search_texts.after, v_list) c;
  end if;
  v_search := private.parse_search(search_texts.query);
  if v_search.words = '{}' then
    return;
  end if;
  v_query := private.bound_query(v_search.template, search_texts.categories, search_texts.neighbourhood_id);

  -- as written: square after square, until enough is read; the half of the other kind never runs
  with texts as not materialized (
    select 'task' as kind, t.task_id as id, t.creator_id, t.category, t.position, t.square, t.neighbourhood_id,
      t.expires_at, t.starts_at, t.title, t.terms
    from private.task_texts t
    union all
    select 'place', p.place_id, null, p.category, p.position, p.square, p.neighbourhood_id, 'infinity', null, p.title,
      p.terms
    from private.place_texts p)
  select pg_catalog.array_agg(n.id), pg_catalog.array_agg(n.distance),
    pg_catalog.array_agg(c_as_written + c_share *
      (0.7 * least(pg_catalog.ts_rank(n.terms, v_search.ranking), 1) + 0.3 * (1 - n.distance / v_radius_m)))
  into v_ids, v_distances, v_ranks
  from (
    select m.id, m.terms, m.distance
    from (
      select e.id, e.terms, e.distance
      from private.squares_around(v_circles) s
      cross join lateral (
        select b.id, b.terms, (b.position <-> s.centre) * s.scale as distance
        from texts b
        where b.kind = search_texts.kind
          and private.bind_terms(b.terms, b.square, b.category, b.neighbourhood_id) @@
            pg_catalog.replace(v_query, '%', s.square::text)::tsquery
          and (b.position <-> s.centre) * s.scale <= v_radius_m
          and b.creator_id <> all (search_texts.hidden) and b.expires_at > now()
          and (search_texts.starts is null or search_texts.starts @> b.starts_at)
        limit c_read
      ) e
      limit c_read
    ) m
    order by m.distance, m.id
    limit c_ranked
  ) n;

  -- spelt alike
  if coalesce(pg_catalog.cardinality(v_ids), 0) < c_few then
    foreach v_circle in array v_circles loop
      with texts as not materialized (
        select 'task' as kind, t.task_id as id, t.creator_id, t.category, t.position, t.square, t.neighbourhood_id,
          t.expires_at, t.starts_at, t.title, t.terms
        from private.task_texts t
        union all
        select 'place', p.place_id, null, p.category, p.position, p.square, p.neighbourhood_id, 'infinity', null,
          p.title, p.terms
        from private.place_texts p)
      select v_more_ids || pg_catalog.array_agg(s.id), v_more_distances || pg_catalog.array_agg(s.distance),
        v_more_ranks || pg_catalog.array_agg(c_share * (0.7 * s.similarity + 0.3 * (1 - s.distance / v_radius_m)))
      into v_more_ids, v_more_distances, v_more_ranks
      from (
        select e.id, (e.position <-> v_circle.centre) * v_circle.scale as distance,
          private.similarity_of(v_search.words, v_search.word_queries, e.title, e.terms, c_alike) as similarity
        from texts e
        where e.kind = search_texts.kind
          and e.id = any (private.nearest_texts(search_texts.kind, v_circle, c_compared))
          and (e.position <-> v_circle.centre) <= v_circle.radius
          and e.creator_id <> all (search_texts.hidden) and e.expires_at > now()
          and (search_texts.starts is null or search_texts.starts @> e.starts_at)
          and (search_texts.categories is null or e.category = any (search_texts.categories))
          and (search_texts.neighbourhood_id is null or e.neighbourhood_id = search_texts.neighbourhood_id)
          and (v_ids is null or e.id <> all (v_ids))
          -- the first word alone rules most of them out, and costs less here than in the function
          and (e.terms @@ v_search.word_queries[1]
            or extensions.word_similarity(v_search.words[1], e.title) >= c_alike)
        offset 0
      ) s
      where s.similarity is not null;
    end loop;
    v_ids       := v_ids || v_more_ids;
    v_distances := v_distances || v_more_distances;
    v_ranks     := v_ranks || v_more_ranks;
  end if;

  return query
    select h.id, h.distance, h.rank, v_search.words, case when h.rank < c_as_written then c_alike end,
      private.encode_cursor(v_list, h.rank, h.id)
    from unnest(v_ids, v_distances, v_ranks) h (id, distance, rank)
    where h.rank < v_after_rank or (h.rank = v_after_rank and h.id > v_after_id)
    order by h.rank desc, h.id
    limit v_limit;
end $$;
comment on function private.search_texts(text, text, double precision, double precision, integer, text[], integer, text,
  uuid, uuid[], tstzrange) is
  'Tasks or places (kind) that match words, without the tasks of hidden members or that start at another time: a page '
  'of them, best first. words and least_similarity, where it is only spelt alike, are for private.snippet.';

create function private.search_tasks(query text, latitude double precision, longitude double precision,
  radius_m integer, category text, page_size integer, after text, neighbourhood_id uuid, starts_from text,
  starts_until text)
returns setof public.found_task
language plpgsql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  -- own tasks stay in: who searches looks something up, not only for work (docs/decisions)
  perform private.require_member();
  return query
    select f.rank, private.snippet(t.title, t.description, f.words, f.least_similarity),
      (round(f.distance_m / 100) * 100)::integer, f.cursor, t.*
    from private.search_texts('task', search_tasks.query, search_tasks.latitude, search_tasks.longitude,
      search_tasks.radius_m, private.category_subtree(search_tasks.category), search_tasks.page_size,
      search_tasks.after, search_tasks.neighbourhood_id, private.hidden_user_ids(),
      private.read_period(search_tasks.starts_from, search_tasks.starts_until)) f
    -- left, because the input is to be checked also where there is nothing to join
    left join public.tasks t on t.id = f.id
    order by f.rank desc, f.id;
end $$;
grant execute on function private.search_tasks(text, double precision, double precision, integer, text, integer, text,
  uuid, text, text) to authenticated;

create function public.search_tasks(query text, latitude double precision, longitude double precision,
  radius_m integer default null,
  category text default null, page_size integer default null, after text default null,
  neighbourhood_id uuid default null, starts_from text default null, starts_until text default null)
returns setof public.found_task
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from private.search_tasks(query, latitude, longitude, radius_m, category, page_size, after,
    neighbourhood_id, starts_from, starts_until);
end $$;
comment on function public.search_tasks(text, double precision, double precision, integer, text, integer, text, uuid,
  text, text) is
  'Open tasks around a point that match words in German or English, best first; own tasks too, not those of '
  'blocked or banned members. Words are found by their beginning and their stem, with or without accents and '
  'umlauts; where fewer than ten match, similarly spelt titles follow (rank below 0.5). Every word must match; '
  'stop words and what is after the eighth word do not count; any query is allowed, one without words finds '
  'nothing. rank is 0.7 how well the words fit and 0.3 nearness; snippet is plain text with hits in «», escape it '
  'like any text of a member. radius_m and page_size are clamped; category includes its '
  'descendants; starts_from and starts_until are as in nearby_tasks; distance_m is measured to the 300 m cell and '
  'rounded to 100 m; for the next page pass the cursor of the last row as after. Errors: coordinates_invalid, '
  'category_not_found, cursor_invalid, validation_failed (detail names the field), not_signed_in, user_inactive.';
grant execute on function public.search_tasks(text, double precision, double precision, integer, text, integer, text,
  uuid, text, text) to authenticated;

create function private.search_places(query text, latitude double precision, longitude double precision,
  radius_m integer, category text, page_size integer, after text, neighbourhood_id uuid)
returns setof private.found_place
language plpgsql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    select p.id, p.partner_id, p.name, p.category, p.types, p.description, p.rating_average, p.rating_count, p.address,
      p.latitude, p.longitude, p.opening_hours, p.source, p.created_at, p.updated_at, round(f.distance_m)::integer,
      f.rank, private.snippet(p.name, pg_catalog.concat_ws(' · ', p.description, p.address), f.words,
        f.least_similarity), f.cursor
    from private.search_texts('place', search_places.query, search_places.latitude, search_places.longitude,
      search_places.radius_m,
      case when search_places.category is not null then
        array[pg_catalog.left(pg_catalog.regexp_replace(search_places.category, '[^a-z0-9_-]', '', 'g'), 100)] end,
      search_places.page_size, search_places.after, search_places.neighbourhood_id, '{}', null) f
    left join public.places p on p.id = f.id
    order by f.rank desc, f.id;
end $$;
grant execute on function private.search_places(text, double precision, double precision, integer, text, integer,
  text, uuid) to anon, authenticated;

create function public.search_places(query text, latitude double precision, longitude double precision,
  radius_m integer default null,
  category text default null, page_size integer default null, after text default null,
  neighbourhood_id uuid default null)
returns table (id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
  rating_average numeric, rating_count integer, address text,
  latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source, created_at timestamptz,
    updated_at timestamptz,
  distance_m integer, rank double precision, snippet text, cursor text)
language sql stable set search_path = ''
as $$
  select * from private.search_places(search_places.query, search_places.latitude, search_places.longitude,
    search_places.radius_m, search_places.category, search_places.page_size, search_places.after,
    search_places.neighbourhood_id)
$$;
comment on function public.search_places(text, double precision, double precision, integer, text, integer,
  text, uuid) is
  'Places around a point that match words, best first, as search_tasks does; words are looked for in name, '
  'category, types, description and address. Also without signing in. category is one of places, an unknown one '
  'finds nothing; distance_m is exact. May be null: as in places. Errors: coordinates_invalid, cursor_invalid.';
grant execute on function public.search_places(text, double precision, double precision, integer, text, integer, text,
  uuid) to anon, authenticated;
