create function ops.audit_recommendations()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'place_rating_differs_from_reviews', p.id::text,
    pg_catalog.format('%s of %s (%s); reviews %s of %s', p.rating_sum, p.rating_count, p.rating_average, r.rating_sum,
      r.rating_count)
  from public.places p
  cross join lateral (
    select coalesce(sum(v.rating), 0) as rating_sum, count(*) as rating_count,
      coalesce(round(avg(v.rating), 2), 0) as rating_average
    from public.place_reviews v where v.place_id = p.id) r
  where (p.rating_sum, p.rating_count, p.rating_average) is distinct
    from (r.rating_sum, r.rating_count, r.rating_average)
  union all
  select 'shown_place_not_listed', p.id::text, null
  from public.places p
  where private.is_shown(p) and not exists (select from private.listed_places l where l.place_id = p.id)
  union all
  select 'listed_place_not_shown', p.id::text, null
  from private.listed_places l join public.places p on p.id = l.place_id where not private.is_shown(p)
  union all
  select 'listed_place_differs', p.id::text, null
  from private.listed_places l join public.places p on p.id = l.place_id
  cross join lateral private.quality_parts(p.rating_average, p.rating_count) q
  where (l.category, l.square, l.part_rating, l.part_popularity, l.quality)
        is distinct from (p.category, private.square_at(l.position), q.part_rating, q.part_popularity, q.quality)
     or not (l.position ~= private.position_at(p.latitude, p.longitude))
  union all
  select 'open_task_rated_wrong', o.task_id::text, null
  from private.open_tasks o join public.users u on u.id = o.creator_id
  cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
  where (o.part_rating, o.part_popularity, o.quality) is distinct from (q.part_rating, q.part_popularity, q.quality)
  union all
  select 'open_helpers_differ', coalesce(h.user_id, w.user_id)::text,
    pg_catalog.format('home square %s, expected %s', h.home_square, w.home_square)
  from private.open_helpers h
  full join (select u.id as user_id, private.home_square(u.id) as home_square from public.users u) w
    on w.user_id = h.user_id
  where h.home_square is distinct from w.home_square
$$;
comment on function ops.audit_recommendations() is
  'Proves that the ratings of places and the projections behind recommendations agree with what they are made from: '
  'one row for each problem, none when everything is right.';
grant execute on function ops.audit_recommendations() to service_role, app_read;
