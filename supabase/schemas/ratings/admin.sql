create function ops.list_revealed_ratings()
returns setof public.ratings
language sql stable security definer set search_path = ''
as $$ select r.* from public.ratings r where r.revealed_at is not null $$;
comment on function ops.list_revealed_ratings() is 'Every revealed rating; body of the view ops.revealed_ratings.';
grant execute on function ops.list_revealed_ratings() to service_role;

create view ops.revealed_ratings with (security_invoker = true) as select * from ops.list_revealed_ratings();

comment on view ops.revealed_ratings is
  'Ratings that everybody may read, for admins: not even the secret key reads hidden ones.';
comment on column ops.revealed_ratings.score is '1 to 5.';
comment on column ops.revealed_ratings.comment is 'In words.';
comment on column ops.revealed_ratings.revealed_at is 'When it became visible to everybody.';

grant select on ops.revealed_ratings to service_role;

create function ops.audit_ratings()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  with revealed as (
    select r.ratee_id, sum(r.score) as score_sum, count(*)::integer as score_count
    from public.ratings r where r.revealed_at is not null group by r.ratee_id
  )
  -- totals and what stands on users, from the ratings themselves
  select 'rating_totals_differ', u.id::text,
    pg_catalog.format('%s in %s, expected %s in %s',
      t.score_sum, t.score_count, coalesce(r.score_sum, 0), coalesce(r.score_count, 0))
  from public.users u left join private.rating_totals t on t.user_id = u.id left join revealed r on r.ratee_id = u.id
  where (t.score_sum, t.score_count) is distinct from (coalesce(r.score_sum, 0), coalesce(r.score_count, 0))
  union all
  select 'rating_counters_differ', u.id::text,
    pg_catalog.format('average %s, count %s, trust %s; expected %s, %s, %s',
      u.rating_average, u.rating_count, u.trust_score, e.average, e.count, e.trust)
  from public.users u left join revealed r on r.ratee_id = u.id
  cross join private.settings s
  cross join lateral (
    select coalesce(pg_catalog.round(r.score_sum::numeric / r.score_count, 2), 0) as average,
      coalesce(r.score_count, 0) as count,
      private.trust_score(coalesce(r.score_sum, 0), coalesce(r.score_count, 0), s.trust_formula, s.trust_prior,
        s.trust_weight) as trust) e
  where (u.rating_average, u.rating_count, u.trust_score) is distinct from (e.average, e.count, e.trust)
  union all
  -- the two sides of a completed task, each about the other: what the missing foreign key would not have said either
  select 'rating_by_stranger', r.id::text, null
  from public.ratings r left join public.tasks t on t.id = r.task_id and t.status in ('completed', 'archived')
  where (r.rater_id, r.ratee_id) is distinct from (t.creator_id, t.helper_id)
    and (r.rater_id, r.ratee_id) is distinct from (t.helper_id, t.creator_id)
  union all
  -- hidden although both have rated, or a day too long
  select 'rating_not_revealed', r.id::text, null
  from public.ratings r
  where r.revealed_at is null
    and (r.created_at < now() - interval '8 days'
      or exists (select from public.ratings o where o.task_id = r.task_id and o.rater_id = r.ratee_id))
  union all
  select 'comment_of_erased_member', r.id::text, null
  from public.ratings r join public.users u on u.id in (r.rater_id, r.ratee_id)
  where r.comment is not null and not u.is_active
$$;
comment on function ops.audit_ratings() is
  'Proves the ratings: counters equal a recomputation, everybody rated whom they may, nothing is hidden for too '
  'long, no comment of an erased member is left. One row for each problem, none when everything is right.';
grant execute on function ops.audit_ratings() to service_role, app_read;
