create type private.suggested_helper as (
  user_id uuid, name text, avatar_path text, distance_band public.distance_band, trust_score numeric(3, 2),
    rating_average numeric(3, 2), rating_count integer,
  score double precision, part_distance double precision, part_preference double precision,
    part_trust double precision, part_fatigue double precision,
  explanation_de text, explanation_en text);

comment on type private.suggested_helper is
  'Row of suggest_helpers: a member who might help, how far away in bands, the score with its parts, and why.';

create function private.pick_helpers(task public.tasks)
returns void
language plpgsql volatile set search_path = ''
set enable_bitmapscan = off
as $$
declare
  c_count    constant integer := 10;
  v_settings private.settings;
  v_hidden   uuid[] := task.creator_id || private.hidden_user_ids();
  v_round    bigint;
begin
  select s.* into v_settings from private.settings s;
  insert into private.suggestion_rounds (task_id, creator_id) values (task.id, task.creator_id)
    returning id into v_round;
  insert into private.helper_suggestions
    (round_id, user_id, rank, distance_band, score,
     part_distance, part_preference, part_trust, part_fatigue, preference)
  select v_round, s.user_id, row_number() over (order by s.score desc, md5(s.user_id::text || task.id)), s.band,
    s.score, s.part_distance, s.part_preference, s.part_trust, s.part_fatigue, s.preference
  from (
    select r.*, round(v_settings.suggestion_distance_weight * r.part_distance
      + v_settings.suggestion_preference_weight * r.part_preference + v_settings.suggestion_trust_weight * r.part_trust
      + v_settings.suggestion_fatigue_weight * r.part_fatigue, 4) as score
    from (
      select h.user_id, b.band, b.part_distance, l.preference,
        coalesce(l.preference / 5.0, v_settings.recommendation_neutral_part) as part_preference,
        case when u.rating_count > 0 then round(u.trust_score / 5, 4)
          else v_settings.recommendation_neutral_part end as part_trust,
        -- three occasions lately halve it
        round(1 / (1 + (
          (select count(*) from (select t.assigned_at from public.tasks t where t.helper_id = h.user_id
            order by t.created_at desc limit 30) l
           where l.assigned_at > now() - interval '30 days')
          + (select count(*) from (select p.suggested_at from private.helper_suggestions p where p.user_id = h.user_id
            order by p.suggested_at desc limit 30) l
             where l.suggested_at > now() - interval '7 days')) / 3.0), 4) as part_fatigue
      -- the home squares around, each as a whole in one band: where in it a home lies plays no part
      from private.squares_around(private.circles_around(task.latitude, task.longitude, 10000), 2048) q
      cross join lateral (select (q.centre <-> q.middle) * q.scale as distance) d
      join (values (0, 1000, 'under_1_km', 1.0, 40), (1000, 3000, '1_to_3_km', 0.6, 10),
        (3000, 10000, '3_to_10_km', 0.2, 3))
        b (from_m, to_m, band, part_distance, share) on d.distance >= b.from_m and d.distance < b.to_m
      cross join lateral (
        select o.user_id from private.open_helpers o
        where o.home_square = q.square and o.user_id <> all (v_hidden)
          and not exists (select from public.task_offers f where f.task_id = task.id and f.helper_id = o.user_id)
        order by o.last_suggested_at, o.user_id limit b.share) h
      join public.users u on u.id = h.user_id
      cross join lateral (select private.task_preference(h.user_id, task.category) as preference) l) r
    order by score desc, md5(r.user_id::text || task.id) limit c_count) s;
  -- lock in id order, as every round does; whoever is being erased takes this row away first
  perform from private.open_helpers h
  where h.user_id in (select p.user_id from private.helper_suggestions p where p.round_id = v_round)
  order by h.user_id for no key update;
  delete from private.helper_suggestions s
  where s.round_id = v_round and not exists (select from private.open_helpers h where h.user_id = s.user_id);
  update private.open_helpers h set last_suggested_at = now()
  where h.user_id in (select p.user_id from private.helper_suggestions p where p.round_id = v_round);
end $$;
comment on function private.pick_helpers(public.tasks) is
  'Picks up to ten helpers for an open task and remembers them. Looks at a bounded number of members, of each home '
  'square those who were not suggested for longest.';

create function private.suggest_helpers(task_id uuid)
returns setof private.suggested_helper
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_limit integer := (select s.suggestion_limit_per_day from private.settings s);
  v_task  public.tasks;
begin
  select t.* into v_task from public.tasks t where t.id = suggest_helpers.task_id and t.creator_id = v_me;
  if not found then
    raise exception using errcode = 'PT404', message = 'task_not_found',
      detail = coalesce(suggest_helpers.task_id::text, 'null'), hint = 'There is no such task.';
  end if;
  if v_task.status <> 'open' then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = v_task.status,
      hint = 'Helpers are suggested for open tasks only.';
  end if;
  -- lock: parallel calls make one list, and count each other
  perform private.lock_member(v_me);
  if not exists (
    select from private.suggestion_rounds r join private.helper_suggestions s on s.round_id = r.id
    where r.task_id = v_task.id and r.created_at > now() - interval '1 day') then
    perform private.check_daily_limit((select count(*) from private.suggestion_rounds r
      where r.creator_id = v_me and r.created_at > now() - interval '1 day'), v_limit, 'suggestion_limit_reached');
    perform private.pick_helpers(v_task);
  end if;
  return query
    select u.id, u.name, u.avatar_path, s.distance_band, u.trust_score, u.rating_average, u.rating_count,
      s.score::double precision, s.part_distance::double precision, s.part_preference::double precision,
        s.part_trust::double precision, s.part_fatigue::double precision,
      pg_catalog.concat_ws(' · ',
        case s.distance_band when 'under_1_km' then 'weniger als 1 km entfernt'
          when '1_to_3_km' then '1 bis 3 km entfernt' else '3 bis 10 km entfernt' end,
        case when s.preference is null then 'keine Angabe zu ' || c.name_de
          else pg_catalog.format('mag %s: %s von 5', c.name_de, s.preference) end,
        case when u.rating_count = 0 then 'noch ohne Bewertung'
          else pg_catalog.format('Vertrauen %s von 5',
            pg_catalog.replace(pg_catalog.to_char(u.trust_score, 'FM0.0'), '.', ',')) end,
        case when s.part_fatigue >= 0.5 then 'zuletzt selten gefragt' else 'zuletzt oft gefragt' end),
      pg_catalog.concat_ws(' · ',
        case s.distance_band when 'under_1_km' then 'less than 1 km away' when '1_to_3_km' then '1 to 3 km away'
          else '3 to 10 km away' end,
        case when s.preference is null then 'said nothing about ' || c.name_en
          else pg_catalog.format('likes %s: %s of 5', c.name_en, s.preference) end,
        case when u.rating_count = 0 then 'no ratings yet'
          else pg_catalog.format('trust %s of 5', pg_catalog.to_char(u.trust_score, 'FM0.0')) end,
        case when s.part_fatigue >= 0.5 then 'rarely asked lately' else 'often asked lately' end)
    from (select r.id from private.suggestion_rounds r
      where r.task_id = v_task.id and r.created_at > now() - interval '1 day' order by r.id desc limit 1) r
    join private.helper_suggestions s on s.round_id = r.id
    -- who stepped back, was banned, blocked or has offered meanwhile is left out
    join private.open_helpers h on h.user_id = s.user_id
    join public.users u on u.id = s.user_id
    join public.categories c on c.slug = v_task.category
    where s.user_id <> all (private.hidden_user_ids())
      and not exists (select from public.task_offers f where f.task_id = v_task.id and f.helper_id = s.user_id)
    order by s.rank;
end $$;
grant execute on function private.suggest_helpers(uuid) to authenticated;

create function public.suggest_helpers(task_id uuid)
returns table (user_id uuid, name text, avatar_path text, distance_band public.distance_band, trust_score numeric,
  rating_average numeric, rating_count integer,
  score double precision, part_distance double precision, part_preference double precision,
    part_trust double precision, part_fatigue double precision,
  explanation_de text, explanation_en text)
language sql volatile set search_path = ''
as $$ select * from private.suggest_helpers(suggest_helpers.task_id) $$;
comment on function public.suggest_helpers(uuid) is
  'Up to ten members who might help with the caller''s open task, best first, with the score, its four parts from '
  '0 to 1 and the reasons in German and English. Only members who agreed to be suggested and have a home, never '
  'where it is: distance_band is under_1_km, 1_to_3_km or 3_to_10_km. A task keeps its suggestions for a day. May '
  'be null: avatar_path. Errors: task_not_found, task_not_open, suggestion_limit_reached, not_signed_in, '
  'user_banned, user_inactive.';
grant execute on function public.suggest_helpers(uuid) to authenticated;
