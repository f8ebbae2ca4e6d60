-- Written by npm run db:build from supabase/schemas/recommendations/: edit there.

-- schemas/recommendations/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.distance_band as text constraint distance_band_is_known check (value in (
  'under_1_km', '1_to_3_km', '3_to_10_km'));
comment on domain public.distance_band is 'How far away a suggested helper lives; nothing finer is known.';

-- schemas/recommendations/settings.sql

alter table private.settings
  add column recommendation_preference_weight numeric(4, 3) not null default 0.6,
  add column recommendation_rating_weight     numeric(4, 3) not null default 0.2,
  add column recommendation_popularity_weight numeric(4, 3) not null default 0.1,
  add column recommendation_proximity_weight  numeric(4, 3) not null default 0.1,
  add column recommendation_neutral_part      numeric(4, 3) not null default 0.5,
  add column suggestion_distance_weight       numeric(4, 3) not null default 0.3,
  add column suggestion_preference_weight     numeric(4, 3) not null default 0.3,
  add column suggestion_trust_weight          numeric(4, 3) not null default 0.2,
  add column suggestion_fatigue_weight        numeric(4, 3) not null default 0.2,
  add column suggestion_limit_per_day         integer not null default 20,
  add column suggestion_retention_days        integer not null default 90,
  add constraint recommendation_weights_sum_to_1 check (
    least(recommendation_preference_weight, recommendation_rating_weight,
      recommendation_popularity_weight, recommendation_proximity_weight) >= 0
    and recommendation_preference_weight + recommendation_rating_weight
      + recommendation_popularity_weight + recommendation_proximity_weight = 1),
  add constraint recommendation_neutral_part_is_between_0_and_1 check (recommendation_neutral_part between 0 and 1),
  add constraint suggestion_weights_sum_to_1 check (
    least(suggestion_distance_weight, suggestion_preference_weight,
      suggestion_trust_weight, suggestion_fatigue_weight) >= 0
    and suggestion_distance_weight + suggestion_preference_weight
      + suggestion_trust_weight + suggestion_fatigue_weight = 1),
  add constraint suggestion_limit_per_day_is_not_negative check (suggestion_limit_per_day >= 0),
  -- no shorter than the list of a day, which it would make anew
  add constraint suggestion_retention_days_is_between_7_and_3650 check (suggestion_retention_days between 7 and 3650);

comment on column private.settings.recommendation_preference_weight is
  'Recommendations: share of what the member likes. The four shares sum to 1.';
comment on column private.settings.recommendation_rating_weight is
  'Recommendations: share of the mean rating of the place, or of who asks for help.';
comment on column private.settings.recommendation_popularity_weight is
  'Recommendations: share of how many ratings there are.';
comment on column private.settings.recommendation_proximity_weight is 'Recommendations: share of how near it is.';
comment on column private.settings.recommendation_neutral_part is
  'Stands for the opinion that is not there: a category nobody asked the member about, a place or member without '
  'ratings. 0 to 1.';
comment on column private.settings.suggestion_distance_weight is
  'Suggested helpers: share of the distance band. The four shares sum to 1.';
comment on column private.settings.suggestion_preference_weight is
  'Suggested helpers: share of how much the helper likes the category.';
comment on column private.settings.suggestion_trust_weight is 'Suggested helpers: share of the trust score.';
comment on column private.settings.suggestion_fatigue_weight is 'Suggested helpers: share of how rested the helper is.';
comment on column private.settings.suggestion_limit_per_day is
  'Most times a member may have helpers picked in 24 hours; reading the same list again does not count.';
comment on column private.settings.suggestion_retention_days is
  'Days after which it is forgotten who was suggested for which task, and why.';

-- schemas/recommendations/tables.sql

-- Room: recommendations. What members like, and three rankings made of it: places and tasks for a member, and helpers
-- for a task. docs/rooms/recommendations.md says how they are made and what is exact. Lock order: homes and settings
-- of a member -> the member's users row -> private.open_helpers, rows in id order.

alter table private.open_tasks
  add column part_rating     real,
  add column part_popularity real,
  add column quality         real;
comment on column private.open_tasks.part_rating is
  'Mean rating of the creator, 0 to 1; the neutral part without ratings.';
comment on column private.open_tasks.part_popularity is 'Number of ratings of the creator, 0 to 1.';
comment on column private.open_tasks.quality is
  'Both parts, weighed as in the settings: the order of the indexes for recommendations.';
create index open_tasks_best_in_square on private.open_tasks (square, quality desc, task_id);
create index open_tasks_best_of_category_in_square on private.open_tasks (square, category, quality desc, task_id);

create table public.preferences (
  user_id    uuid not null references public.users (id) on delete restrict,
  category   text not null,
  rating     integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, category),
  constraint preference_rating_is_between_0_and_5 check (rating between 0 and 5),
  constraint preference_category_has_1_to_100_characters check (char_length(category) between 1 and 100)
);

comment on table public.preferences is
  'How much a member likes a category of tasks or of places; readable by the member alone. Changed with '
  'set_preference.';
comment on column public.preferences.category is
  'Slug in categories, or a category of places such as cafe. A name that both use means both.';
comment on column public.preferences.rating is '0 (not at all) to 5 (very much).';
comment on column public.preferences.created_at is 'When first said.';

alter table public.preferences enable row level security;
create policy preferences_are_readable_by_owner on public.preferences for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.preferences', 'authenticated, service_role');

create trigger preferences_set_updated_at before update on public.preferences
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table private.listed_places (
  place_id        uuid primary key references public.places (id) on delete cascade,
  category        text not null,
  position        point not null,
  square          bigint not null,
  part_rating     real not null,
  part_popularity real not null,
  quality         real not null
);

comment on table private.listed_places is
  'Projection of the places that are shown, for recommendations; kept by triggers.';
comment on column private.listed_places.position is 'Where it lies on the plane, see private.position_at.';
comment on column private.listed_places.square is 'Square it lies in, see private.square_at.';
comment on column private.listed_places.part_rating is 'Mean rating, 0 to 1; the neutral part without reviews.';
comment on column private.listed_places.part_popularity is 'Number of reviews, 0 to 1.';
comment on column private.listed_places.quality is 'Both parts, weighed as in the settings: the order of the indexes.';

create index listed_places_by_position on private.listed_places using gist (position);
create index listed_places_best_in_square on private.listed_places (square, quality desc, place_id);
create index listed_places_best_of_category_in_square
  on private.listed_places (square, category, quality desc, place_id);

alter table private.listed_places enable row level security;

create table private.open_helpers (
  user_id           uuid primary key references public.users (id) on delete restrict,
  home_square       bigint not null,
  last_suggested_at timestamptz not null default '-infinity'
);

comment on table private.open_helpers is
  'Projection of the members who may be suggested as helpers: agreed, with a home, neither banned nor deleted. Kept '
  'by triggers.';
comment on column private.open_helpers.home_square is
  'Home square (about 1 km) that the home lies in; all that suggestions know of it.';
comment on column private.open_helpers.last_suggested_at is
  'When last suggested to anybody; who waited longest is looked at first.';

create index open_helpers_rested_in_home_square on private.open_helpers (home_square, last_suggested_at, user_id);

alter table private.open_helpers enable row level security;

create table private.suggestion_rounds (
  id         bigint generated always as identity primary key,
  task_id    uuid not null references public.tasks (id) on delete restrict,
  creator_id uuid not null references public.users (id) on delete restrict,
  created_at timestamptz not null default now()
);

comment on table private.suggestion_rounds is
  'Each time helpers were picked for a task. A day long the task keeps them; forgotten after '
  'suggestion_retention_days.';
comment on column private.suggestion_rounds.creator_id is 'Its creator, who asked.';

create index suggestion_rounds_by_task on private.suggestion_rounds (task_id, created_at desc);
create index suggestion_rounds_by_creator on private.suggestion_rounds (creator_id, created_at desc);
create index suggestion_rounds_by_age on private.suggestion_rounds (created_at);

alter table private.suggestion_rounds enable row level security;

create table private.helper_suggestions (
  round_id        bigint not null references private.suggestion_rounds (id) on delete cascade,
  user_id         uuid not null references public.users (id) on delete restrict,
  rank            integer not null,
  distance_band   public.distance_band not null,
  score           numeric(5, 4) not null,
  part_distance   numeric(5, 4) not null,
  part_preference numeric(5, 4) not null,
  part_trust      numeric(5, 4) not null,
  part_fatigue    numeric(5, 4) not null,
  preference      integer,
  suggested_at    timestamptz not null default now(),
  primary key (round_id, user_id)
);

comment on table private.helper_suggestions is 'Who was suggested, and why. Also what makes a helper count as tired.';
comment on column private.helper_suggestions.round_id is 'The round.';
comment on column private.helper_suggestions.user_id is 'The helper.';
comment on column private.helper_suggestions.rank is 'Place in the list, from 1.';
comment on column private.helper_suggestions.distance_band is
  'From the task''s cell to the helper''s home square.';
comment on column private.helper_suggestions.score is 'The parts, weighed as in the settings.';
comment on column private.helper_suggestions.part_distance is '1, 0.6 or 0.2 by distance band.';
comment on column private.helper_suggestions.part_preference is 'How much the helper likes the category, 0 to 1.';
comment on column private.helper_suggestions.part_trust is 'Trust score, 0 to 1; the neutral part without ratings.';
comment on column private.helper_suggestions.part_fatigue is
  '1 for a rested helper, less for one who helped or was suggested lately.';
comment on column private.helper_suggestions.preference is
  'What the helper said about the category, 0 to 5; null when nothing.';

create index helper_suggestions_by_user on private.helper_suggestions (user_id, suggested_at desc);

alter table private.helper_suggestions enable row level security;

-- schemas/recommendations/rules.sql

create function private.quality_parts(rating_average numeric, rating_count integer, out part_rating real,
  out part_popularity real, out quality real)
language plpgsql stable set search_path = ''
as $$
declare
  v_settings private.settings;
begin
  select s.* into v_settings from private.settings s;
  part_rating := round(case when rating_count > 0 then rating_average / 5
    else v_settings.recommendation_neutral_part end, 4);
  -- one hundred ratings are as popular as it gets
  part_popularity := round(least(1, ln(1 + rating_count::numeric) / ln(101::numeric)), 4);
  quality := coalesce((v_settings.recommendation_rating_weight * part_rating +
    v_settings.recommendation_popularity_weight * part_popularity)
    / nullif(v_settings.recommendation_rating_weight + v_settings.recommendation_popularity_weight, 0), 0);
end $$;
comment on function private.quality_parts(numeric, integer) is
  'Rating and popularity as parts from 0 to 1, and both weighed as in the settings. Without ratings the rating part '
  'is the neutral one.';

create function private.project_place(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: whoever deletes the place, or switches its partner off, waits or is waited for
  perform from public.places p where p.id = project_place.place_id for key share;
  perform from public.partners n join public.places p on p.partner_id = n.id where p.id = project_place.place_id
    for share of n;
  insert into private.listed_places as l (place_id, category, position, square, part_rating, part_popularity, quality)
  select p.id, p.category, m.position, private.square_at(m.position), q.part_rating, q.part_popularity, q.quality
  from public.places p
  cross join lateral (select private.position_at(p.latitude, p.longitude) as position) m
  cross join lateral private.quality_parts(p.rating_average, p.rating_count) q
  where p.id = project_place.place_id and private.is_shown(p)
  on conflict on constraint listed_places_pkey do update
    set category = excluded.category, position = excluded.position, square = excluded.square,
      part_rating = excluded.part_rating, part_popularity = excluded.part_popularity, quality = excluded.quality;
  if not found then
    delete from private.listed_places l where l.place_id = project_place.place_id;
  end if;
end $$;
comment on function private.project_place(uuid) is
  'Puts a place into the projection, refreshes it there or takes it away, as it is shown or not.';

create function private.project_edited_place()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.project_place(new.id);
  return null;
end $$;
comment on function private.project_edited_place() is
  'Trigger on places: recommendations follow when a place is entered, moved, switched or rated.';
create trigger places_relist after insert
  or update of category, latitude, longitude, is_active, partner_id, rating_average, rating_count on public.places
  for each row execute function private.project_edited_place();

create function private.project_places_of_partner()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.project_place(p.id) from public.places p where p.partner_id = new.id order by p.id;
  return null;
end $$;
comment on function private.project_places_of_partner() is
  'Trigger on partners: places of an inactive partner are not recommended.';
create trigger partners_relist_places after update of is_active on public.partners
  for each row when (old.is_active <> new.is_active) execute function private.project_places_of_partner();

create function private.rate_open_task()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  select q.part_rating, q.part_popularity, q.quality into new.part_rating, new.part_popularity, new.quality
  from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
  where u.id = new.creator_id;
  return new;
end $$;
comment on function private.rate_open_task() is
  'Trigger on open_tasks: a listed task carries how its creator is rated.';
create trigger open_tasks_rate before insert on private.open_tasks
  for each row when (new.quality is null) execute function private.rate_open_task();

create function private.rate_tasks_of_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.open_tasks o
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from private.quality_parts(new.rating_average, new.rating_count) q
  where o.creator_id = new.id;
  return null;
end $$;
comment on function private.rate_tasks_of_member() is
  'Trigger on users: the open tasks of a member follow the member''s ratings.';
create trigger users_rate_tasks after update of rating_average, rating_count on public.users
  for each row when ((old.rating_average, old.rating_count) is distinct from (new.rating_average, new.rating_count))
  execute function private.rate_tasks_of_member();

create function private.weigh_anew()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- who lists something meanwhile waits, and then reads the new settings
  lock table private.open_tasks, private.listed_places in share row exclusive mode;
  update private.listed_places l
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from public.places p cross join lateral private.quality_parts(p.rating_average, p.rating_count) q
  where p.id = l.place_id
    and (l.part_rating, l.part_popularity, l.quality) is distinct from (q.part_rating, q.part_popularity, q.quality);
  update private.open_tasks o
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
  where u.id = o.creator_id
    and (o.part_rating, o.part_popularity, o.quality) is distinct from (q.part_rating, q.part_popularity, q.quality);
  return null;
end $$;
comment on function private.weigh_anew() is
  'Trigger on settings: new weights hold for everything that is listed. Rewrites both projections.';
create trigger settings_weigh_anew
  after update of recommendation_rating_weight, recommendation_popularity_weight, recommendation_neutral_part
  on private.settings
  for each row when (
    (old.recommendation_rating_weight, old.recommendation_popularity_weight, old.recommendation_neutral_part)
    is distinct from
    (new.recommendation_rating_weight, new.recommendation_popularity_weight, new.recommendation_neutral_part))
  execute function private.weigh_anew();

create function private.home_square(user_id uuid)
returns bigint
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select private.square_at(private.position_at(c.latitude, c.longitude), 2048)
    from public.users u
    join public.user_contacts c on c.user_id = u.id and c.latitude is not null
    join public.user_settings s on s.user_id = u.id and s.is_open_to_suggestions
    where u.id = home_square.user_id and u.is_active and not u.is_banned);
end $$;
comment on function private.home_square(uuid) is
  'The home square of a member who may be suggested as a helper: agreed, with a home, neither banned nor deleted; else '
  'null.';

create function private.project_helper(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: home, agreement and ban may change at the same time, and each must see the others
  perform from public.users u where u.id = project_helper.user_id for no key update;
  insert into private.open_helpers as h (user_id, home_square)
  select project_helper.user_id, q.home_square from private.home_square(project_helper.user_id) q (home_square)
  where q.home_square is not null
  on conflict on constraint open_helpers_pkey do update set home_square = excluded.home_square;
  if not found then
    delete from private.open_helpers h where h.user_id = project_helper.user_id;
  end if;
end $$;
comment on function private.project_helper(uuid) is
  'Puts a member among those who may be suggested as helpers, refreshes the home square there, or takes the member '
  'away.';

create function private.project_edited_helper()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(coalesce(new, old));
begin
  perform private.project_helper(coalesce(v_row ->> 'user_id', v_row ->> 'id')::uuid);
  return null;
end $$;
comment on function private.project_edited_helper() is
  'Trigger on users, user_contacts and user_settings: who may be suggested follows agreement, home, ban and deletion.';
create trigger user_settings_open_helper after insert on public.user_settings
  for each row when (new.is_open_to_suggestions) execute function private.project_edited_helper();
create trigger user_settings_relist_helper after update of is_open_to_suggestions on public.user_settings
  for each row when (old.is_open_to_suggestions <> new.is_open_to_suggestions)
  execute function private.project_edited_helper();
create trigger user_settings_close_helper after delete on public.user_settings
  for each row when (old.is_open_to_suggestions) execute function private.project_edited_helper();
create trigger user_contacts_open_helper after insert on public.user_contacts
  for each row when (new.latitude is not null) execute function private.project_edited_helper();
create trigger user_contacts_relist_helper after update of latitude, longitude on public.user_contacts
  for each row when ((old.latitude, old.longitude) is distinct from (new.latitude, new.longitude))
  execute function private.project_edited_helper();
create trigger user_contacts_close_helper after delete on public.user_contacts
  for each row when (old.latitude is not null) execute function private.project_edited_helper();
create trigger users_relist_helper after update of is_banned, is_active on public.users
  for each row when ((old.is_banned, old.is_active) <> (new.is_banned, new.is_active))
  execute function private.project_edited_helper();

-- what is there already
select private.project_place(p.id) from public.places p;
-- undo: nothing

update private.open_tasks o
set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
where u.id = o.creator_id;

alter table private.open_tasks
  alter column part_rating set not null,
  alter column part_popularity set not null,
  alter column quality set not null;

select private.project_helper(u.id) from public.users u;
-- undo: nothing

-- schemas/recommendations/admin.sql

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

-- schemas/recommendations/helpers.sql

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

-- schemas/recommendations/jobs.sql

create function private.purge_suggestions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from private.suggestion_rounds r
  where r.id in (select o.id from private.suggestion_rounds o
    where o.created_at < as_of - (select pg_catalog.make_interval(days => s.suggestion_retention_days)
      from private.settings s)
    order by o.created_at limit batch for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.purge_suggestions(timestamptz, integer) is
  'Job: forgets suggestions after suggestion_retention_days.';

insert into private.jobs (job, room, step, every) values
  ('purge_suggestions', 'recommendations', 40, '1 hour');
-- undo: delete from private.jobs where room = 'recommendations';

-- schemas/recommendations/preferences.sql

create function private.set_preference(category text, rating integer)
returns public.preferences
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me         uuid := private.require_active_user();
  v_preference public.preferences;
begin
  if not exists (select from public.categories c where c.slug = set_preference.category and c.is_active)
     and not exists (select from private.place_categories() c where c.category = set_preference.category) then
    raise exception using errcode = 'PT400', message = 'category_not_found',
      detail = coalesce(pg_catalog.left(set_preference.category, 100), 'null'),
      hint = 'Please choose one of the categories.';
  end if;
  if set_preference.rating not between 0 and 5 then
    raise exception using errcode = 'PT400', message = 'preference_rating_out_of_range',
      detail = set_preference.rating::text,
      hint = 'Please choose 0 (not at all) to 5 (very much).';
  end if;
  perform private.lock_member(v_me);
  if set_preference.rating is null then
    delete from public.preferences p where p.user_id = v_me and p.category = set_preference.category;
    return null;
  end if;
  insert into public.preferences as p (user_id, category, rating)
    values (v_me, set_preference.category, set_preference.rating)
  on conflict on constraint preferences_pkey do update set rating = excluded.rating
  returning p.* into v_preference;
  return v_preference;
end $$;
grant execute on function private.set_preference(text, integer) to authenticated;

create function public.set_preference(category text, rating integer)
returns public.preferences
language plpgsql volatile set search_path = ''
as $$ begin return private.set_preference(category, rating); end $$;
comment on function public.set_preference(text, integer) is
  'Says how much the caller likes a category of tasks or places, 0 (not at all) to 5 (very much), and returns it; '
  'null takes the word back and returns a row of nulls. Errors: category_not_found, preference_rating_out_of_range, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.set_preference(text, integer) to authenticated;

create function private.task_preference(user_id uuid, category text)
returns integer
language plpgsql stable set search_path = ''
as $$
declare
  v_category text := category;
  v_rating   integer;
begin
  -- what was said about the nearest category above holds
  while v_category is not null loop
    select p.rating into v_rating from public.preferences p
      where p.user_id = task_preference.user_id and p.category = v_category;
    exit when found;
    select c.parent_slug into v_category from public.categories c where c.slug = v_category;
  end loop;
  return v_rating;
end $$;
comment on function private.task_preference(uuid, text) is
  'How much a member likes a category of tasks, 0 to 5: as said about it, or about the nearest one above it. Null '
  'when nothing was said.';

-- schemas/recommendations/reads.sql

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
