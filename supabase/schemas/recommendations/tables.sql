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
