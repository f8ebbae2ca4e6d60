create function private.explain_recommendation(category_de text, category_en text, preference integer, who text,
  rating_average numeric, rating_count integer, distance_m integer, out explanation_de text, out explanation_en text)
language plpgsql immutable set search_path = ''
as $$
declare
  v_distance text := case when distance_m < 1000 then distance_m || ' m'
    else pg_catalog.to_char(distance_m / 1000.0, 'FM990.0') || ' km' end;
  v_average  text := pg_catalog.to_char(rating_average, 'FM0.0');
begin
  explanation_de := pg_catalog.concat_ws(' · ',
    case when preference is null then category_de || ': von dir noch nicht bewertet'
      else pg_catalog.format('%s: von dir mit %s von 5 bewertet', category_de, preference) end,
    who || case rating_count
      when 0 then 'noch ohne Bewertung'
      when 1 then pg_catalog.replace(v_average, '.', ',') || ' von 5 bei einer Bewertung'
      else pg_catalog.format('%s von 5 bei %s Bewertungen', pg_catalog.replace(v_average, '.', ','), rating_count) end,
    pg_catalog.replace(v_distance, '.', ',') || ' entfernt');
  explanation_en := pg_catalog.concat_ws(' · ',
    case when preference is null then category_en || ': not rated by you yet'
      else pg_catalog.format('%s: rated %s of 5 by you', category_en, preference) end,
    who || case rating_count
      when 0 then 'no ratings yet'
      when 1 then v_average || ' of 5 from one rating'
      else pg_catalog.format('%s of 5 from %s ratings', v_average, rating_count) end,
    v_distance || ' away');
end $$;
comment on function private.explain_recommendation(text, text, integer, text, numeric, integer, integer) is
  'Says in German and English what a recommendation rests on: the member''s preference, the ratings, the distance.';

create type private.recommended_place as (
  id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
    rating_average numeric(3, 2),
    rating_count integer, rating_sum integer,
  address text, latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source,
    source_id text, is_active boolean,
  created_at timestamptz, updated_at timestamptz,
  distance_m integer, score double precision, part_preference double precision, part_rating double precision,
    part_popularity double precision,
  part_proximity double precision, explanation_de text, explanation_en text, cursor text);

comment on type private.recommended_place is
  'Row of recommended_places: the columns of a place, its distance, its score with the parts, and why.';

-- As public.nearby_task: a row, and what it adds comes first.
create table public.recommended_task (
  score           double precision not null,
  part_preference double precision not null,
  part_rating     double precision not null,
  part_popularity double precision not null,
  part_proximity  double precision not null,
  explanation_de  text not null,
  explanation_en  text not null,
  like public.nearby_task including comments
);

comment on table public.recommended_task is
  'Row of recommended_tasks: the task, its distance, its score with the parts, and why. Holds nothing.';
comment on column public.recommended_task.score is 'The parts, weighed as in the settings, 0 to 1.';
comment on column public.recommended_task.part_preference is 'How the caller rated the category, 0 to 1.';
comment on column public.recommended_task.part_rating is 'How the creator is rated, 0 to 1.';
comment on column public.recommended_task.part_popularity is 'How often the creator was rated, 0 to 1.';
comment on column public.recommended_task.part_proximity is 'How near it is, 0 to 1.';
comment on column public.recommended_task.explanation_de is 'Why, in German.';
comment on column public.recommended_task.explanation_en is 'Why, in English.';

alter table public.recommended_task enable row level security;

-- Two queries much alike: as one over both projections they took 12 % longer.
create function private.recommended_places(latitude double precision, longitude double precision, radius_m integer,
  page_size integer, after text)
returns setof private.recommended_place
language plpgsql stable security definer set search_path = ''
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  c_nearest  constant integer := 300;
  v_me       uuid := private.require_member();
  v_limit    integer := private.clamp_page_size(recommended_places.page_size);
  v_circles  private.circle[] :=
    private.circles_around(recommended_places.latitude, recommended_places.longitude, recommended_places.radius_m);
  v_radius_m integer := private.clamp_radius(recommended_places.radius_m);
  v_settings private.settings;
  v_weights  integer[];  -- thousandths
  v_neutral  integer;    -- ten-thousandths
  v_rated    text[];     -- categories the member has rated
  v_ratings  integer[];
  v_liked    text[];     -- those that count for more than the unrated ones
  v_score    integer;
  v_id       uuid;
  v_squares  private.square_in_circle[];
  v_share    integer;    -- rows read of each square
begin
  if recommended_places.after is not null then
    select least(c.key, 10000), c.id into v_score, v_id
    from private.decode_cursor(recommended_places.after, 'recommended') c;
  end if;
  select s.* into v_settings from private.settings s;
  v_weights := array[v_settings.recommendation_preference_weight * 1000, v_settings.recommendation_rating_weight * 1000,
    v_settings.recommendation_popularity_weight * 1000, v_settings.recommendation_proximity_weight * 1000];
  v_neutral := v_settings.recommendation_neutral_part * 10000;
  select array_agg(p.category order by p.rating desc, p.category),
    array_agg(p.rating order by p.rating desc, p.category)
  into v_rated, v_ratings
  from public.preferences p
  where p.user_id = v_me and p.category in (select c.category from private.place_categories() c);
  v_liked  := array(select r.category from unnest(v_rated, v_ratings) with ordinality r (category, rating, line)
                    where r.rating * 2000 > v_neutral order by r.line);
  v_squares := array(select s from private.squares_around(v_circles) s);
  v_share   := greatest(10, least(50, 600 / cardinality(v_squares)));

  return query
    -- parts and scores are counted in ten-thousandths, so that sums are exact and equal scores are equal
    with candidates as (
      (select n.place_id, n.category, (n.position <-> c.centre) * c.scale as metres, n.part_rating, n.part_popularity
       from unnest(v_circles) c
       cross join lateral (
         select l.place_id, l.category, l.position, l.part_rating, l.part_popularity from private.listed_places l
         where l.position <@ c.area order by l.position <-> c.centre limit c_nearest) n)
      union all
      (select b.place_id, b.category, (b.position <-> s.centre) * s.scale, b.part_rating, b.part_popularity
       from unnest(v_squares) s
       cross join lateral (
         select l.place_id, l.category, l.position, l.part_rating, l.part_popularity from private.listed_places l
         where l.square = s.square order by l.quality desc, l.place_id limit v_share) b)
      union all
      (select b.place_id, b.category, (b.position <-> s.centre) * s.scale, b.part_rating, b.part_popularity
       from unnest(v_squares) s cross join unnest(v_liked) k (category)
       cross join lateral (
         select l.place_id, l.category, l.position, l.part_rating, l.part_popularity from private.listed_places l
         where l.square = s.square and l.category = k.category order by l.quality desc, l.place_id limit v_share) b)),
    parts as (
      select distinct on (c.place_id) c.place_id, d.distance_m, l.preference,
        coalesce(l.preference * 2000, v_neutral) as part_preference,
        round(c.part_rating * 10000)::integer as part_rating,
        round(c.part_popularity * 10000)::integer as part_popularity,
        greatest(0, ((v_radius_m - d.distance_m) * 20000 + v_radius_m) / (2 * v_radius_m)) as part_proximity
      from candidates c
      cross join lateral (select v_ratings[array_position(v_rated, c.category)] as preference) l
      cross join lateral (select round(c.metres)::integer as distance_m) d
      where c.metres <= v_radius_m),
    ranked as (
      select p.*, (v_weights[1] * p.part_preference + v_weights[2] * p.part_rating + v_weights[3] * p.part_popularity
        + v_weights[4] * p.part_proximity + 500) / 1000 as score
      from parts p),
    page as (
      select r.* from ranked r
      where v_id is null or (r.score, r.place_id) < (v_score, v_id)
      order by r.score desc, r.place_id desc limit v_limit)
    select p.id, p.partner_id, p.name, p.category, p.types, p.description, p.rating_average, p.rating_count,
      p.rating_sum, p.address, p.latitude, p.longitude, p.opening_hours, p.source, p.source_id, p.is_active,
      p.created_at, p.updated_at,
      g.distance_m, g.score / 1e4::double precision, g.part_preference / 1e4::double precision,
      g.part_rating / 1e4::double precision, g.part_popularity / 1e4::double precision,
      g.part_proximity / 1e4::double precision, e.explanation_de, e.explanation_en,
      private.encode_cursor('recommended', g.score, g.place_id)
    from page g
    join public.places p on p.id = g.place_id
    join private.place_categories() n on n.category = p.category
    cross join lateral private.explain_recommendation(n.name_de, n.name_en, g.preference, '', p.rating_average,
      p.rating_count, g.distance_m) e
    order by g.score desc, g.place_id desc;
end $$;
grant execute on function private.recommended_places(double precision, double precision, integer, integer,
  text) to authenticated;

create function public.recommended_places(latitude double precision, longitude double precision,
  radius_m integer default null, page_size integer default null, after text default null)
returns table (id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
  rating_average numeric, rating_count integer, rating_sum integer,
  address text, latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source,
    source_id text, is_active boolean,
  created_at timestamptz, updated_at timestamptz,
  distance_m integer, score double precision, part_preference double precision, part_rating double precision,
    part_popularity double precision,
  part_proximity double precision, explanation_de text, explanation_en text, cursor text)
language sql stable set search_path = ''
as $$
  select * from private.recommended_places(recommended_places.latitude, recommended_places.longitude,
    recommended_places.radius_m,
    recommended_places.page_size, recommended_places.after)
$$;
comment on function public.recommended_places(double precision, double precision, integer, integer, text) is
  'Places around a point (WGS 84 degrees) that should please the caller, best first, with the score, its four '
  'parts from 0 to 1 and the reasons in German and English. radius_m and page_size are clamped; '
  'for the next page pass the cursor of the last row as after. A selection: where there are very many places, not '
  'all of them are looked at. May be null: as in places. Errors: coordinates_invalid, cursor_invalid, '
  'not_signed_in, user_inactive.';
grant execute on function public.recommended_places(double precision, double precision, integer, integer,
  text) to authenticated;

create function private.recommended_tasks(latitude double precision, longitude double precision, radius_m integer,
  page_size integer, after text)
returns setof public.recommended_task
language plpgsql stable security definer set search_path = ''
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  c_nearest  constant integer := 300;
  c_liked    constant integer := 8;
  v_me       uuid := private.require_member();
  v_hidden   uuid[] := v_me || private.hidden_user_ids();
  v_limit    integer := private.clamp_page_size(recommended_tasks.page_size);
  v_circles  private.circle[] :=
    private.circles_around(recommended_tasks.latitude, recommended_tasks.longitude, recommended_tasks.radius_m);
  v_radius_m integer := private.clamp_radius(recommended_tasks.radius_m);
  v_settings private.settings;
  v_weights  integer[];  -- thousandths
  v_neutral  integer;    -- ten-thousandths
  v_rated    text[];     -- categories the member has rated, or one above them
  v_ratings  integer[];
  v_liked    text[];     -- those that count for more than the unrated ones
  v_score    integer;
  v_id       uuid;
  v_squares  private.square_in_circle[];
  v_share    integer;    -- rows read of each square
begin
  if recommended_tasks.after is not null then
    select least(c.key, 10000), c.id into v_score, v_id
    from private.decode_cursor(recommended_tasks.after, 'recommended') c;
  end if;
  select s.* into v_settings from private.settings s;
  v_weights := array[v_settings.recommendation_preference_weight * 1000, v_settings.recommendation_rating_weight * 1000,
    v_settings.recommendation_popularity_weight * 1000, v_settings.recommendation_proximity_weight * 1000];
  v_neutral := v_settings.recommendation_neutral_part * 10000;
  if exists (select from public.preferences p where p.user_id = v_me) then
    select array_agg(r.slug order by r.rating desc, r.slug), array_agg(r.rating order by r.rating desc, r.slug)
    into v_rated, v_ratings
    from (select c.slug, private.task_preference(v_me, c.slug) as rating from public.categories c) r
    where r.rating is not null;
  end if;
  v_liked  := array(select r.category from unnest(v_rated, v_ratings) with ordinality r (category, rating, line)
                    where r.rating * 2000 > v_neutral order by r.line limit c_liked);
  v_squares := array(select s from private.squares_around(v_circles) s);
  v_share   := greatest(10, least(50, 600 / cardinality(v_squares)));

  return query
    -- parts and scores are counted in ten-thousandths, so that sums are exact and equal scores are equal
    with candidates as (
      -- who is hidden, and what is past its deadline, is left out below, so that a search never reads more than this
      (select n.task_id, n.creator_id, n.category, (n.position <-> c.centre) * c.scale as metres, n.expires_at,
         n.part_rating, n.part_popularity
       from unnest(v_circles) c
       cross join lateral (
         select o.task_id, o.creator_id, o.category, o.position, o.expires_at, o.part_rating, o.part_popularity
         from private.open_tasks o
         where o.position <@ c.area order by o.position <-> c.centre limit c_nearest) n)
      union all
      (select b.task_id, b.creator_id, b.category, (b.position <-> s.centre) * s.scale, b.expires_at, b.part_rating,
         b.part_popularity
       from unnest(v_squares) s
       cross join lateral (
         select o.task_id, o.creator_id, o.category, o.position, o.expires_at, o.part_rating, o.part_popularity
         from private.open_tasks o
         where o.square = s.square order by o.quality desc, o.task_id limit v_share) b)
      union all
      (select b.task_id, b.creator_id, b.category, (b.position <-> s.centre) * s.scale, b.expires_at, b.part_rating,
         b.part_popularity
       from unnest(v_squares) s cross join unnest(v_liked) k (category)
       cross join lateral (
         select o.task_id, o.creator_id, o.category, o.position, o.expires_at, o.part_rating, o.part_popularity
         from private.open_tasks o
         where o.square = s.square and o.category = k.category order by o.quality desc, o.task_id limit v_share) b)),
    parts as (
      select distinct on (c.task_id) c.task_id, d.distance_m, l.preference,
        coalesce(l.preference * 2000, v_neutral) as part_preference,
        round(c.part_rating * 10000)::integer as part_rating,
        round(c.part_popularity * 10000)::integer as part_popularity,
        greatest(0, ((v_radius_m - d.distance_m) * 20000 + v_radius_m) / (2 * v_radius_m)) as part_proximity
      from candidates c
      cross join lateral (select v_ratings[array_position(v_rated, c.category)] as preference) l
      cross join lateral (select (round(c.metres / 100) * 100)::integer as distance_m) d
      where c.metres <= v_radius_m and c.creator_id <> all (v_hidden) and c.expires_at > now()),
    ranked as (
      select p.*, (v_weights[1] * p.part_preference + v_weights[2] * p.part_rating + v_weights[3] * p.part_popularity
        + v_weights[4] * p.part_proximity + 500) / 1000 as score
      from parts p),
    page as (
      select r.* from ranked r
      where v_id is null or (r.score, r.task_id) < (v_score, v_id)
      order by r.score desc, r.task_id desc limit v_limit)
    select g.score / 1e4::double precision, g.part_preference / 1e4::double precision,
      g.part_rating / 1e4::double precision, g.part_popularity / 1e4::double precision,
      g.part_proximity / 1e4::double precision, e.explanation_de, e.explanation_en, g.distance_m,
      private.encode_cursor('recommended', g.score, g.task_id), t.*
    from page g
    join public.tasks t on t.id = g.task_id
    join public.users u on u.id = t.creator_id
    join public.categories n on n.slug = t.category
    cross join lateral private.explain_recommendation(n.name_de, n.name_en, g.preference, u.name || ': ',
      u.rating_average, u.rating_count, g.distance_m) e
    order by g.score desc, g.task_id desc;
end $$;
grant execute on function private.recommended_tasks(double precision, double precision, integer, integer,
  text) to authenticated;

create function public.recommended_tasks(latitude double precision, longitude double precision,
  radius_m integer default null, page_size integer default null, after text default null)
returns setof public.recommended_task
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from private.recommended_tasks(latitude, longitude, radius_m, page_size, after);
end $$;
comment on function public.recommended_tasks(double precision, double precision, integer, integer, text) is
  'Open tasks around a point (WGS 84 degrees) that should suit the caller, best first, with the score, its four '
  'parts from 0 to 1 and the reasons in German and English; without the caller''s own, blocked or banned members'' '
  'tasks. radius_m and page_size are clamped; distance_m is measured to the 300 m cell and rounded '
  'to 100 m; for the next page pass the cursor of the last row as after. A selection: where there are very many '
  'tasks, not all of them are looked at. Errors: coordinates_invalid, cursor_invalid, not_signed_in, user_inactive.';
grant execute on function public.recommended_tasks(double precision, double precision, integer, integer,
  text) to authenticated;
