-- Written by npm run db:build from supabase/schemas/tasks/: edit there.

-- schemas/tasks/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.reward_funding as text constraint reward_funding_is_known check (value in (
  'community', 'creator'));
comment on domain public.reward_funding is
  'Who pays a reward: the community issues the points, or the creator''s points are held.';

create function private.task_statuses() returns text[] language sql immutable set search_path = ''
  return array['open', 'assigned', 'in_progress', 'pending_confirmation',
    'completed', 'cancelled', 'expired', 'archived'];
comment on function private.task_statuses() is 'Where a task is in its life.';

-- no check: private.status_fits refuses what it does not know
create domain public.task_status as text;
comment on domain public.task_status is 'One of private.task_statuses().';

create domain public.offer_status as text constraint offer_status_is_known check (value in (
  'pending', 'accepted', 'not_chosen', 'declined', 'withdrawn'));
comment on domain public.offer_status is
  'What became of an offer; not_chosen turns into pending again when the accepted helper steps back.';

create domain public.task_event_action as text constraint task_event_action_is_known check (value in (
  'created', 'updated', 'assigned', 'started', 'finished', 'confirmed', 'auto_confirmed',
  'completion_rejected', 'released', 'replaced', 'cancelled', 'expired', 'archived'));
comment on domain public.task_event_action is 'What happened to a task.';

create domain public.lapse_kind as text constraint lapse_kind_is_known check (value in ('no_show', 'late_release'));
comment on domain public.lapse_kind is 'How a helper let a task down.';

create function private.no_show_decisions() returns text[] language sql immutable set search_path = ''
  return array['upheld', 'withdrawn'];
comment on function private.no_show_decisions() is 'What admins decide about a no-show.';

create domain public.no_show_decision as text
  constraint decision_is_known check (value = any (private.no_show_decisions()));
comment on domain public.no_show_decision is 'What admins decided about a no-show; a withdrawn one no longer counts.';

create domain public.phone_status as text constraint phone_status_is_known check (value in (
  'shared', 'requested', 'on_request', 'not_shared'));
comment on domain public.phone_status is
  'Whether the other side of a task shows its phone number: now, once it allows it, if it is asked, or not.';

create function private.nearby_sorts() returns text[] language sql immutable set search_path = ''
  return array['newest', 'distance'];
comment on function private.nearby_sorts() is 'Orders of the nearby search.';

create function private.min_points_reward() returns integer language sql immutable set search_path = '' return 1;
comment on function private.min_points_reward() is 'Smallest reward for a task in points.';

create function private.max_points_reward() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_points_reward() is 'Largest reward for a task in points.';

create function private.min_title_length() returns integer language sql immutable set search_path = '' return 3;
comment on function private.min_title_length() is 'Fewest characters of a title.';

create function private.max_title_length() returns integer language sql immutable set search_path = '' return 255;
comment on function private.max_title_length() is 'Most characters of a title.';

create function private.max_description_length()
returns integer language sql immutable set search_path = '' return 5000;
comment on function private.max_description_length() is 'Most characters of a description.';

create function private.max_images() returns integer language sql immutable set search_path = '' return 10;
comment on function private.max_images() is 'Most pictures of a task.';

create function private.max_task_markers() returns integer language sql immutable set search_path = '' return 300;
comment on function private.max_task_markers() is 'Most markers of tasks on a map.';

create function private.max_marker_count() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_marker_count() is 'How far the tasks of a marker are counted: so many, or more.';

create function private.max_marked_tasks() returns integer language sql immutable set search_path = '' return 10;
comment on function private.max_marked_tasks() is 'Most tasks that a marker shows.';

-- schemas/tasks/categories.sql

-- Room: tasks. Posting, finding, offering, accepting, doing, confirming. docs/rooms/tasks.md holds the full table of
-- state x action x actor that these functions implement and the tests assert.
-- Lock order, everywhere: task row -> creator's users row -> point accounts. Never the other way round.

create table public.categories (
  slug        text primary key,
  parent_slug text references public.categories (slug) on update cascade on delete restrict,
  name_de     text not null,
  name_en     text not null,
  position    integer not null default 0,
  is_active   boolean not null default true,
  constraint slug_is_lower_case_words check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
  constraint category_is_not_its_own_parent check (parent_slug <> slug)
);

comment on table public.categories is
  'Tree of task categories; admins add rows in Studio. A search for a category includes its descendants.';
comment on column public.categories.slug is 'Stable name used by the API, for example handwerk.';
comment on column public.categories.parent_slug is 'Category this one belongs to; null for a root.';
comment on column public.categories.name_de is 'German name.';
comment on column public.categories.name_en is 'English name.';
comment on column public.categories.position is 'Order among siblings, ascending.';
comment on column public.categories.is_active is 'False hides it from new tasks; existing ones keep it.';

-- None touches tasks.status, so a change of state stays a heap-only update.
create index categories_by_parent on public.categories (parent_slug);

alter table public.categories enable row level security;
create policy categories_are_readable_by_everyone on public.categories for select to anon, authenticated using (true);

call private.grant_columns('public.categories', 'anon, authenticated, service_role');

create function private.refuse_category_cycle()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (
    with recursive ancestors as (
      select new.parent_slug as slug
      union
      select c.parent_slug from public.categories c join ancestors a on c.slug = a.slug)
    select from ancestors where slug = new.slug) then
    raise exception using errcode = 'PT400', message = 'category_cycle', detail = new.slug,
      hint = 'A category cannot be below itself.';
  end if;
  return null;
end $$;
comment on function private.refuse_category_cycle() is
  'Trigger on categories: keeps the tree a tree. Raises PT400 category_cycle.';
create trigger categories_stay_a_tree after insert or update on public.categories
  for each row when (new.parent_slug is not null) execute function private.refuse_category_cycle();

create function private.stop_tasks()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  lock table public.tasks in exclusive mode;
  return null;
end $$;
comment on function private.stop_tasks() is
  'Trigger on categories: before a slug is renamed, in all its tasks, what works on tasks ends and what comes waits. '
  'A command that holds some of these tasks and lists others would end in a deadlock.';
create trigger categories_stop_tasks before update of slug on public.categories
  for each statement execute function private.stop_tasks();

create function private.category_subtree(category text)
returns text[]
language plpgsql stable set search_path = ''
as $$
declare
  v_slugs text[];
begin
  if category is null then
    return null;
  end if;
  v_slugs := array(
    with recursive subtree as (
      select c.slug from public.categories c where c.slug = category_subtree.category
      union
      select c.slug from public.categories c join subtree s on c.parent_slug = s.slug)
    select s.slug from subtree s);
  if v_slugs = '{}' then
    raise exception using errcode = 'PT400', message = 'category_not_found', detail = pg_catalog.left(category, 100),
      hint = 'Please choose one of the categories.';
  end if;
  return v_slugs;
end $$;
comment on function private.category_subtree(text) is
  'Slugs of a category and all below it; null for null. Raises PT400 category_not_found.';

insert into public.categories (slug, name_de, name_en, position) values
  ('handwerk', 'Handwerk', 'Handiwork', 1),
  ('garten', 'Garten', 'Garden', 2),
  ('technik', 'Technik', 'Technology', 3),
  ('transport', 'Transport', 'Transport', 4),
  ('sonstiges', 'Sonstiges', 'Other', 5);

-- schemas/tasks/predicates.sql

create function private.status_fits(status text, helper_id uuid, completed_at timestamptz, closed_at timestamptz)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when status in ('completed', 'archived')
      then helper_id is not null and completed_at is not null and closed_at is null
    when status in ('assigned', 'in_progress', 'pending_confirmation')
      then helper_id is not null and completed_at is null and closed_at is null
    when status = 'open' then helper_id is null and completed_at is null and closed_at is null
    when status = 'expired' then helper_id is null and completed_at is null and closed_at is not null
    when status = 'cancelled' then completed_at is null and closed_at is not null
    else false end;
end $$;
comment on function private.status_fits(text, uuid, timestamptz, timestamptz) is
  'Whether a task''s status is a known one and agrees with who helps and when it ended.';

-- Functions, because a subquery inside a policy brings the other table's policy into every plan (measured:
-- docs/performance.md).
create function private.has_offered_on(task_id uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (select from public.task_offers o
    where o.task_id = has_offered_on.task_id and o.helper_id = auth.uid());
end $$;
comment on function private.has_offered_on(uuid) is
  'Whether the caller ever offered help on a task; such members may keep reading it.';
grant execute on function private.has_offered_on(uuid) to authenticated;

-- schemas/tasks/tables.sql

create table public.tasks (
  id             uuid primary key default gen_random_uuid(),
  creator_id     uuid not null references public.users (id) on delete restrict,
  helper_id      uuid references public.users (id) on delete restrict,
  title          text not null,
  description    text not null,
  category       text not null references public.categories (slug) on update cascade on delete restrict,
  latitude       double precision not null,
  longitude      double precision not null,
  neighbourhood_id uuid references public.neighbourhoods (id) on delete set null,
  image_paths    text[] not null default '{}',
  points_reward  integer not null,
  reward_funding public.reward_funding not null,
  status         public.task_status not null default 'open',
  expires_at     timestamptz,
  starts_at      timestamptz,
  ends_at        timestamptz,
  is_flexible    boolean not null default false,
  terms_version  integer not null default 1,
  metadata       jsonb not null default '{}',
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  assigned_at    timestamptz,
  started_at     timestamptz,
  finished_at    timestamptz,
  completed_at   timestamptz,
  closed_at      timestamptz,
  -- few constraints, and this one as a function: PostgreSQL reads a constraint's whole expression again for every
  -- update. The content is checked by private.prepare_task.
  constraint creator_is_not_helper check (creator_id <> helper_id),
  constraint status_fits_its_facts check (private.status_fits(status, helper_id, completed_at, closed_at))
) with (fillfactor = 75);

comment on table public.tasks is
  'Tasks with their public columns. The exact place is in private.task_locations; every change is a command such as '
  'accept_offer or confirm_task.';
comment on column public.tasks.creator_id is 'Who asks for help.';
comment on column public.tasks.helper_id is 'Who was accepted to help; null while open.';
comment on column public.tasks.title is 'What is to be done, in one line.';
comment on column public.tasks.description is 'What is to be done, and how.';
comment on column public.tasks.category is 'Slug in categories.';
comment on column public.tasks.latitude is
  'Centre of the roughly 300 m wide grid cell the task lies in, WGS 84 degrees; never the exact place.';
comment on column public.tasks.longitude is
  'Centre of the roughly 300 m wide grid cell the task lies in, WGS 84 degrees; never the exact place.';
comment on column public.tasks.neighbourhood_id is
  'Neighbourhood the cell centre lies in, derived; null outside of all.';
comment on column public.tasks.image_paths is
  'Paths in the storage bucket task-images, in the creator''s folder.';
comment on column public.tasks.points_reward is 'Points the helper receives at confirmation.';
comment on column public.tasks.reward_funding is
  'community: points are issued; creator: held from the creator at posting. Fixed at creation from the setting.';
comment on column public.tasks.status is 'Where it is in its life.';
comment on column public.tasks.expires_at is
  'When an open task ends by itself; null for never, or at starts_at unless is_flexible.';
comment on column public.tasks.starts_at is 'When help is wanted; null for whenever it suits.';
comment on column public.tasks.ends_at is 'Until when; null where only the start is known.';
comment on column public.tasks.is_flexible is
  'Whether another time would do, too. Otherwise an open task ends by itself at starts_at.';
comment on column public.tasks.terms_version is
  'Counts what offers are made for: rises when title, description, category, cell or times change or the reward falls. '
  'A higher reward alone does not count.';
comment on column public.tasks.metadata is
  'Free JSON object of the frontend, at most 8 kB. Public: put nothing private here.';
comment on column public.tasks.created_at is 'When it was posted.';
comment on column public.tasks.assigned_at is 'When the helper was accepted.';
comment on column public.tasks.started_at is 'When the helper started.';
comment on column public.tasks.finished_at is 'When the helper reported it done (the last time).';
comment on column public.tasks.completed_at is 'When it was confirmed and the points moved.';
comment on column public.tasks.closed_at is 'When it was cancelled or expired.';

create index tasks_by_creator on public.tasks (creator_id, created_at desc, id desc);
create index tasks_by_helper on public.tasks (helper_id, created_at desc, id desc) where helper_id is not null;
create index tasks_by_category on public.tasks (category);
create index tasks_by_start on public.tasks (starts_at) where starts_at is not null;
create index tasks_by_neighbourhood on public.tasks (neighbourhood_id) where neighbourhood_id is not null;
-- partial: most tasks have no pictures, and none of these columns changes with the status
create index tasks_by_image on public.tasks using gin (image_paths) where image_paths <> '{}';

alter table public.tasks enable row level security;
create policy tasks_are_readable_by_parties_and_while_open on public.tasks for select to authenticated using (
  (select auth.uid()) = any (array[creator_id, helper_id])
  or (status = 'open' and creator_id <> all ((select private.hidden_user_ids())::uuid[]))
  or private.has_offered_on(id));

call private.grant_columns('public.tasks', 'authenticated, service_role');

create table private.task_locations (
  task_id    uuid primary key references public.tasks (id) on delete restrict,
  creator_id uuid not null references public.users (id) on delete restrict,
  latitude   double precision not null,
  longitude  double precision not null,
  address    text,
  constraint address_has_at_most_500_characters check (char_length(address) <= 500)
);

comment on table private.task_locations is
  'Exact place of a task. get_task_location shows it to its creator, reveal_task_contact to its helper; deleted '
  'exact_place_days after the task has ended.';
comment on column private.task_locations.latitude is 'Exact, WGS 84 degrees.';
comment on column private.task_locations.longitude is 'Exact, WGS 84 degrees.';
comment on column private.task_locations.address is 'Postal address, at most 500 characters.';

create index task_locations_by_creator on private.task_locations (creator_id);

alter table private.task_locations enable row level security;

create table private.task_keys (
  task_id    uuid primary key references public.tasks (id) on delete cascade,
  creator_id uuid not null,
  key        uuid not null,
  input_hash bytea not null
);

comment on table private.task_keys is
  'Idempotency keys with which tasks were posted, kept until their creator leaves.';
comment on column private.task_keys.creator_id is 'Whose key it is: two members may choose the same one.';
comment on column private.task_keys.key is 'Chosen by the app: a repetition with the same key gives the same task.';
comment on column private.task_keys.input_hash is
  'SHA-256 of all that was asked for: another task needs another key. Goes with the exact place, which it was made of.';

create unique index task_is_posted_once on private.task_keys (creator_id, key);

alter table private.task_keys enable row level security;

create table public.task_offers (
  id         uuid primary key default gen_random_uuid(),
  task_id    uuid not null references public.tasks (id) on delete restrict,
  creator_id uuid not null references public.users (id) on delete restrict,
  helper_id  uuid not null references public.users (id) on delete restrict,
  message    text,
  status     public.offer_status not null default 'pending',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  decided_at timestamptz,
  terms_version integer not null default 1,
  constraint member_offers_once_per_task unique (task_id, helper_id),
  constraint message_has_at_most_1000_characters check (char_length(message) <= 1000),
  constraint creator_does_not_offer check (creator_id <> helper_id)
);

comment on table public.task_offers is 'Offers of help: readable by the offering member and the task''s creator.';
comment on column public.task_offers.helper_id is 'Who offers help.';
comment on column public.task_offers.message is 'Words to the creator, at most 1000 characters.';
comment on column public.task_offers.status is
  'What became of it; not_chosen: another was accepted, pending again if that helper steps back.';
comment on column public.task_offers.created_at is 'When it was made.';
comment on column public.task_offers.decided_at is 'When it was accepted, declined, withdrawn or passed over.';
comment on column public.task_offers.terms_version is
  'The task''s terms_version it was made for, or renewed for. When the task''s is higher it is outdated.';

create index task_offers_by_helper on public.task_offers (helper_id, created_at desc, id desc);
create index task_offers_by_creator on public.task_offers (creator_id, created_at desc, id desc);

alter table public.task_offers enable row level security;
-- coalesce hides the comparison from the planner's estimates: with it, the planner expects one row of a busy member's
-- many and sorts them all
create policy task_offers_are_readable_by_both_sides on public.task_offers for select to authenticated using (
  coalesce((select auth.uid()) = any (array[helper_id, creator_id]), false));

call private.grant_columns('public.task_offers', 'authenticated, service_role');

create table public.task_events (
  id         bigint generated always as identity,
  task_id    uuid not null references public.tasks (id) on delete restrict,
  creator_id uuid not null,
  helper_id  uuid,
  actor_id   uuid,
  action     public.task_event_action not null,
  details    jsonb,
  created_at timestamptz not null default now(),
  primary key (task_id, id)
);

comment on table public.task_events is
  'Who did what when on a task: readable by its creator, and by the helper for the time they were the helper; what was '
  'updated also by whoever has offered help. Append-only, but for words that leave with their creator.';
comment on column public.task_events.id is 'Order of events.';
comment on column public.task_events.helper_id is
  'The task''s helper at that time, who may read the event; null while there was none.';
comment on column public.task_events.actor_id is 'Who acted; null for the system (deadlines) and for admins.';
comment on column public.task_events.action is 'What happened.';
comment on column public.task_events.details is
  'Facts: reason, note; of updated what changed, each column before (<column>_before) and after (<column>).';

create index task_events_of_posting on public.task_events (id) where action = 'created';

alter table public.task_events enable row level security;
create policy task_events_are_readable_by_parties on public.task_events for select to authenticated using (
  (select auth.uid()) = any (array[creator_id, helper_id])
  or (action = 'updated' and private.has_offered_on(task_id)));

call private.grant_columns('public.task_events', 'authenticated, service_role');

create function private.without_words(details jsonb)
returns jsonb
language sql immutable set search_path = ''
as $$ select details - '{title_before,title,description_before,description}'::text[] $$;
comment on function private.without_words(jsonb) is 'Details of an event without what somebody wrote as title or text.';

create function private.forgets_words(before public.task_events, after public.task_events)
returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(before.action = 'updated'
    and (to_jsonb(after) - 'details', after.details)
      = (to_jsonb(before) - 'details', private.without_words(before.details))
    and not exists (select from public.users u where u.id = before.creator_id and u.is_active), false)
$$;
comment on function private.forgets_words(public.task_events, public.task_events) is
  'Whether a change of an event does nothing but take out words of a creator who has left.';

create trigger task_events_are_not_removed before delete on public.task_events
  for each row execute function private.refuse_change();
create trigger task_events_are_append_only before update on public.task_events
  for each row when (not private.forgets_words(old, new)) execute function private.refuse_change();
create trigger task_events_are_not_truncated before truncate on public.task_events
  for each statement execute function private.refuse_change();

create table private.pending_confirmations (
  task_id     uuid primary key references public.tasks (id) on delete restrict,
  finished_at timestamptz not null
);

comment on table private.pending_confirmations is
  'Queue of finished tasks for auto-confirmation. Rows of tasks answered meanwhile are dropped when they come due.';
comment on column private.pending_confirmations.finished_at is 'When the helper reported it done.';

create index pending_confirmations_by_finished_at on private.pending_confirmations (finished_at);

alter table private.pending_confirmations enable row level security;

create function private.record_event(task public.tasks, helper_id uuid, actor_id uuid, action text,
  details jsonb default null)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into public.task_events (task_id, creator_id, helper_id, actor_id, action, details)
  values (task.id, task.creator_id, helper_id, actor_id, action, details);
end $$;
comment on function private.record_event(public.tasks, uuid, uuid, text, jsonb) is
  'Appends one event to a task. helper_id is the helper concerned, who may read it; actor_id is null for the system.';

create function private.last_event_is(task_id uuid, actor_id uuid, action text)
returns boolean
language sql stable set search_path = ''
as $$
  select coalesce((
    select (e.actor_id, e.action) = (last_event_is.actor_id, last_event_is.action)
    from public.task_events e where e.task_id = last_event_is.task_id order by e.id desc limit 1), false)
$$;
comment on function private.last_event_is(uuid, uuid, text) is
  'Whether the newest event of a task is this action by this member: the mark of a repeated call.';

alter table public.point_transactions
  add constraint point_transactions_task_id_fkey foreign key (task_id) references public.tasks (id) on delete restrict;

-- schemas/tasks/open_tasks.sql

create table private.open_tasks (
  task_id     uuid primary key references public.tasks (id) on delete restrict,
  creator_id  uuid not null references public.users (id) on delete restrict,
  category    text not null references public.categories (slug) on update cascade on delete restrict,
  position    point not null,
  square      bigint not null,
  wide_square bigint not null,
  tile        bigint not null,
  neighbourhood_id uuid,
  created_at  timestamptz not null,
  expires_at  timestamptz not null default 'infinity',
  starts_at   timestamptz
);

comment on table private.open_tasks is
  'Projection of open tasks for nearby search and expiry, kept by the lifecycle functions; tasks of banned members '
  'are left out.';
comment on column private.open_tasks.position is 'Its cell centre on the plane, see private.position_at.';
comment on column private.open_tasks.square is 'Square it lies in, see private.square_at.';
comment on column private.open_tasks.wide_square is 'Wide square it lies in, for searches of a large radius.';
comment on column private.open_tasks.tile is 'Tile its cell centre lies in, see private.tile_at, for the map.';
comment on column private.open_tasks.neighbourhood_id is 'Its neighbourhood, for filters; null outside of all.';
comment on column private.open_tasks.created_at is 'When the task was posted.';
comment on column private.open_tasks.expires_at is
  'When it ends by itself, see private.deadline_of; infinity for never.';
comment on column private.open_tasks.starts_at is 'When help is wanted, for filters; null for whenever it suits.';

create index open_tasks_by_creator on private.open_tasks (creator_id);
-- with all that the map looks at: its tasks lie all over the table, and reading them there takes twice as long.
-- starts_at once more, because of an expression alone the planner does not know that it is enough
create index open_tasks_in_tile on private.open_tasks (tile, (coalesce(starts_at, 'infinity')))
  include (task_id, creator_id, expires_at, starts_at);
create index open_tasks_of_category_in_tile on private.open_tasks (category, tile, (coalesce(starts_at, 'infinity')))
  include (task_id, creator_id, expires_at, starts_at);
create index open_tasks_newest_in_square on private.open_tasks (square, created_at desc, task_id desc);
create index open_tasks_newest_in_wide_square on private.open_tasks (wide_square, created_at desc, task_id desc);
create index open_tasks_by_position on private.open_tasks using gist (position);
create index open_tasks_by_expiry on private.open_tasks (expires_at);
create index open_tasks_starting_in_square on private.open_tasks (square, starts_at) where starts_at is not null;

alter table private.open_tasks enable row level security;

create function private.deadline_of(task public.tasks)
returns timestamptz
language sql immutable set search_path = ''
as $$ select least(task.expires_at, case when not task.is_flexible then task.starts_at end) $$;
comment on function private.deadline_of(public.tasks) is
  'When a task ends by itself as long as it is open: at expires_at, and at its start unless that is flexible; null for '
  'never.';

create function private.project_task(task public.tasks)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_position point := private.position_at(task.latitude, task.longitude);
begin
  -- share lock: a ban that runs at the same time waits, then takes the row away again
  if (select not u.is_banned from public.users u where u.id = task.creator_id for share) then
    insert into private.open_tasks as o
      (task_id, creator_id, category, position, square, wide_square, tile, neighbourhood_id, created_at,
      expires_at, starts_at)
    values (task.id, task.creator_id, task.category, v_position, private.square_at(v_position),
      private.square_at(v_position, 65536), private.tile_at(task.latitude, task.longitude), task.neighbourhood_id,
      task.created_at, coalesce(private.deadline_of(task), 'infinity'), task.starts_at)
    on conflict (task_id) do update
      set category = excluded.category, position = excluded.position, square = excluded.square,
        wide_square = excluded.wide_square, tile = excluded.tile,
        neighbourhood_id = excluded.neighbourhood_id, expires_at = excluded.expires_at,
        starts_at = excluded.starts_at;
  end if;
end $$;
comment on function private.project_task(public.tasks) is
  'Puts an open task into the search projection, or refreshes it there; not for banned creators.';

create function private.project_edited_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.status = 'open' then
    perform private.project_task(new);
  end if;
  return null;
end $$;
comment on function private.project_edited_task() is
  'Trigger on tasks: the search follows when what it looks at is edited, by update_task or in Studio.';
create trigger tasks_are_projected
  after update of category, latitude, longitude, neighbourhood_id, expires_at, starts_at, is_flexible on public.tasks
  for each row execute function private.project_edited_task();

create function private.project_tasks_of_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  delete from private.open_tasks o where o.creator_id = new.id;
  if not new.is_banned then
    for v_task in select t.* from public.tasks t where t.creator_id = new.id and t.status = 'open' loop
      perform private.project_task(v_task);
    end loop;
  end if;
  return null;
end $$;
comment on function private.project_tasks_of_member() is
  'Trigger on users: a ban takes the member''s open tasks out of the search, lifting it puts them back.';
create trigger users_project_tasks after update of is_banned on public.users
  for each row when (old.is_banned <> new.is_banned) execute function private.project_tasks_of_member();

-- schemas/tasks/settings.sql

alter table private.settings
  add column reward_funding           public.reward_funding not null default 'community',
  add column confirmation_days        integer not null default 14,
  add column points_limit_per_creator integer not null default 5000,
  add column points_limit_per_pair    integer not null default 2000,
  add column points_limit_days        integer not null default 30,
  add column open_task_limit          integer not null default 20,
  add column points_limit_per_helper  integer not null default 5000,
  add column new_member_days          integer not null default 7,
  add column new_member_points_limit  integer not null default 500,
  add column task_limit_per_day       integer not null default 100,
  add column offer_limit_per_day      integer not null default 200,
  add column task_change_limit_per_day integer not null default 200,
  add column start_reminder_days      integer not null default 2,
  add column replace_grace_hours      integer not null default 24,
  add column late_release_hours       integer not null default 24,
  add column unended_task_days        integer not null default 14,
  add column exact_place_days         integer not null default 90,
  add column contact_reveal_days      integer not null default 365,
  add column task_archive_days        integer not null default 365,
  add column community_reward_requires_verified_contact boolean not null default true;

alter table private.settings
  add constraint confirmation_days_is_between_1_and_365 check (confirmation_days between 1 and 365),
  add constraint points_limit_per_creator_is_not_negative check (points_limit_per_creator >= 0),
  add constraint points_limit_per_pair_is_not_negative check (points_limit_per_pair >= 0),
  add constraint points_limit_days_is_between_1_and_365 check (points_limit_days between 1 and 365),
  add constraint open_task_limit_is_not_negative check (open_task_limit >= 0),
  add constraint points_limit_per_helper_is_not_negative check (points_limit_per_helper >= 0),
  add constraint new_member_days_is_between_0_and_365 check (new_member_days between 0 and 365),
  add constraint new_member_points_limit_is_not_negative check (new_member_points_limit >= 0),
  add constraint task_limit_per_day_is_not_negative check (task_limit_per_day >= 0),
  add constraint offer_limit_per_day_is_not_negative check (offer_limit_per_day >= 0),
  add constraint task_change_limit_per_day_is_not_negative check (task_change_limit_per_day >= 0),
  add constraint start_reminder_days_is_between_0_and_365 check (start_reminder_days between 0 and 365),
  add constraint replace_grace_hours_is_between_0_and_720 check (replace_grace_hours between 0 and 720),
  add constraint late_release_hours_is_between_0_and_720 check (late_release_hours between 0 and 720),
  add constraint unended_task_days_is_between_1_and_365 check (unended_task_days between 1 and 365),
  -- not before its helper has seen the last of it
  add constraint exact_place_days_is_between_14_and_3650 check (exact_place_days between 14 and 3650),
  add constraint contact_reveal_days_is_between_30_and_3650 check (contact_reveal_days between 30 and 3650),
  -- not while its two sides may still reach each other
  add constraint task_archive_days_is_between_14_and_3650 check (task_archive_days between 14 and 3650);

comment on column private.settings.reward_funding is
  'Who pays rewards of tasks created from now on: community (points are issued) or creator (held at posting, paid at '
  'confirmation).';
comment on column private.settings.confirmation_days is
  'Days after which a finished task that nobody answered confirms itself.';
comment on column private.settings.points_limit_per_creator is
  'Most community points one creator may commit and issue within points_limit_days.';
comment on column private.settings.points_limit_per_pair is
  'Most community points one creator may commit and issue to the same helper within points_limit_days.';
comment on column private.settings.points_limit_per_helper is
  'Most community points that all creators together may commit and issue to one helper within points_limit_days.';
comment on column private.settings.points_limit_days is 'Length in days of the window for the points limits.';
comment on column private.settings.new_member_days is 'How many days after sign-up somebody counts as a new member.';
comment on column private.settings.new_member_points_limit is
  'Most community points a new member may commit and issue.';
comment on column private.settings.community_reward_requires_verified_contact is
  'Whether community points need a confirmed e-mail address or phone number, of the creator and of the helper.';
comment on column private.settings.task_limit_per_day is 'Most tasks a member may post in 24 hours.';
comment on column private.settings.offer_limit_per_day is
  'Most times a member may offer help in 24 hours; taking an offer back does not give it back.';
comment on column private.settings.task_change_limit_per_day is
  'Most times a creator may change tasks or reject finished work in 24 hours.';
comment on column private.settings.open_task_limit is 'Most open tasks a creator may have when posting another.';
comment on column private.settings.start_reminder_days is
  'Days after the acceptance by which a helper is expected to begin where no start was agreed; then they are reminded. '
  'Holds for helpers accepted from now on.';
comment on column private.settings.replace_grace_hours is
  'Hours after the helper was expected from which on the creator may replace them.';
comment on column private.settings.late_release_hours is
  'Hours before an agreed start within which stepping back is late.';
comment on column private.settings.unended_task_days is
  'Days after its start, expected or real, from which on a task that nobody ends is stuck: both are reminded, admins '
  'see it, and a helper who has started may be replaced.';
comment on column private.settings.exact_place_days is
  'Days after a task''s end from which its exact place and address are deleted.';
comment on column private.settings.contact_reveal_days is
  'Days for which members see who was shown their contact data; then it is deleted.';
comment on column private.settings.task_archive_days is
  'Days after its completion from which a task is archived: it stays as it is, with another status.';

create function private.task_rules()
returns table (time_zone text, reward_funding public.reward_funding,
  community_reward_requires_verified_contact boolean, open_task_limit integer, confirmation_days integer,
  start_reminder_days integer, replace_grace_hours integer, late_release_hours integer, exact_place_days integer,
  contact_reveal_days integer)
language plpgsql stable security definer set search_path = ''
as $$ begin
  perform private.require_member();
  return query
    select s.time_zone, s.reward_funding, s.community_reward_requires_verified_contact, s.open_task_limit,
      s.confirmation_days, s.start_reminder_days, s.replace_grace_hours, s.late_release_hours, s.exact_place_days,
      s.contact_reveal_days
    from private.settings s;
end $$;
grant execute on function private.task_rules() to authenticated;

create function public.task_rules()
returns table (time_zone text, reward_funding public.reward_funding,
  community_reward_requires_verified_contact boolean, open_task_limit integer, confirmation_days integer,
  start_reminder_days integer, replace_grace_hours integer, late_release_hours integer, exact_place_days integer,
  contact_reveal_days integer)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.task_rules(); end $$;
comment on function public.task_rules() is
  'How helping each other works here, for apps to say it before somebody acts: one row with those settings that '
  'concern every member, by their names in private.settings. Limits against abuse are not among them. '
  'Errors: not_signed_in, user_inactive.';
grant execute on function public.task_rules() to authenticated;

-- schemas/tasks/under_way.sql

create table private.tasks_under_way (
  task_id     uuid primary key references public.tasks (id) on delete restrict,
  expected_at timestamptz not null
);

comment on table private.tasks_under_way is
  'Queue of tasks that are assigned or in progress: for reminders, and for who may be replaced from when on.';
comment on column private.tasks_under_way.expected_at is
  'When the helper is expected to begin; once begun, or sent back by the creator, since when the end is awaited: '
  'at ends_at where that is to come.';

create index tasks_under_way_by_expected_at on private.tasks_under_way (expected_at);

alter table private.tasks_under_way enable row level security;

create function private.agreed_start(task public.tasks)
returns timestamptz
language sql immutable set search_path = ''
as $$ select case when task.starts_at > task.assigned_at then task.starts_at end $$;
comment on function private.agreed_start(public.tasks) is
  'When a task is to begin; null where its creator named no time, or the helper was accepted after it.';

create function private.start_expected_at(task public.tasks)
returns timestamptz
language sql stable set search_path = ''
as $$
  -- an edit in Studio may leave out when the helper was accepted
  select coalesce(private.agreed_start(task),
    coalesce(task.assigned_at, now()) + pg_catalog.make_interval(days => s.start_reminder_days))
  from private.settings s
$$;
comment on function private.start_expected_at(public.tasks) is
  'When the helper of a task is expected to begin: at the agreed start, else some days after the acceptance.';

create function private.release_is_late(task public.tasks)
returns boolean
language sql stable set search_path = ''
as $$
  -- whoever was accepted later than that may still step back until the start
  select now() >= case when l.late_from > task.assigned_at then l.late_from else private.start_expected_at(task) end
  from (
    select private.agreed_start(task) - pg_catalog.make_interval(hours => s.late_release_hours) as late_from
    from private.settings s) l
$$;
comment on function private.release_is_late(public.tasks) is
  'Whether the helper of a task that steps back now leaves its creator no time to find somebody else.';

create function private.follow_work()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- judged here, not in a WHEN, which PostgreSQL would read anew for every statement; confirming finds nothing to do
  if new.status = old.status then
    return null;
  elsif new.status in ('assigned', 'in_progress') then
    insert into private.tasks_under_way as w (task_id, expected_at)
    values (new.id, case new.status when 'assigned' then private.start_expected_at(new)
      else greatest(now(), new.ends_at) end)
    on conflict on constraint tasks_under_way_pkey do update set expected_at = excluded.expected_at;
  elsif old.status in ('assigned', 'in_progress') then
    delete from private.tasks_under_way w where w.task_id = new.id;
  end if;
  return null;
end $$;
comment on function private.follow_work() is
  'Trigger on tasks: the queue of tasks under way follows their status.';
create trigger tasks_follow_work after update of status on public.tasks
  for each row execute function private.follow_work();

-- schemas/tasks/lapses.sql

create table public.lapses (
  id              bigint generated always as identity primary key,
  task_id         uuid not null references public.tasks (id) on delete restrict,
  helper_id       uuid not null references public.users (id) on delete restrict,
  kind            public.lapse_kind not null,
  assigned_at     timestamptz not null,
  created_at      timestamptz not null default now(),
  statement       text,
  contested_at    timestamptz,
  decision        public.no_show_decision,
  decision_reason text,
  decided_at      timestamptz,
  constraint acceptance_lapses_once unique (task_id, helper_id, assigned_at),
  constraint statement_has_its_moment check ((statement is null) = (contested_at is null)),
  constraint statement_has_at_most_1000_characters check (char_length(statement) <= 1000),
  constraint decision_has_reason_and_moment check (
    (decision is null) = (decided_at is null) and (decision is null) = (decision_reason is null)),
  constraint only_no_shows_are_contested check (kind = 'no_show' or (statement is null and decision is null))
);

comment on table public.lapses is
  'Accepted tasks that a helper did not come to, or gave back too late. Readable by the helper alone; others learn '
  'accepted_tasks and finished_tasks of a member.';
comment on column public.lapses.helper_id is 'Whose lapse it is.';
comment on column public.lapses.kind is 'What happened.';
comment on column public.lapses.assigned_at is 'When the helper had been accepted.';
comment on column public.lapses.created_at is 'When the creator asked for somebody else, or the helper stepped back.';
comment on column public.lapses.statement is 'What the helper says against a no-show, once; null for nothing.';
comment on column public.lapses.contested_at is 'When the helper said it.';
comment on column public.lapses.decision is 'What admins decided about a no-show; a withdrawn one no longer counts.';
comment on column public.lapses.decision_reason is 'Why, in words meant for the helper.';
comment on column public.lapses.decided_at is 'When they decided; null until then.';

create index lapses_by_helper on public.lapses (helper_id, id desc);
create index lapses_to_decide on public.lapses (contested_at) where contested_at is not null and decision is null;

alter table public.lapses enable row level security;
create policy lapses_are_readable_by_helper on public.lapses for select to authenticated
  using (helper_id = (select auth.uid()));

call private.grant_columns('public.lapses', 'authenticated, service_role');

-- the planner's estimates (Prefer: count=planned) would tell how often somebody is in it
call private.keep_no_statistics('public.lapses');

create table private.lapse_totals (
  user_id       uuid primary key references public.users (id) on delete restrict,
  no_shows      integer not null default 0,
  late_releases integer not null default 0,
  constraint lapse_totals_are_possible check (no_shows >= 0 and late_releases >= 0)
);

comment on table private.lapse_totals is
  'How many lapses of a member count, kept by trigger; no row for members without.';
comment on column private.lapse_totals.no_shows is 'No-shows that admins did not withdraw.';
comment on column private.lapse_totals.late_releases is 'Tasks given back too late.';

alter table private.lapse_totals enable row level security;

create function private.count_lapse()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_lapse  public.lapses := coalesce(new, old);
  v_change integer :=
    (tg_op <> 'DELETE' and new.decision is distinct from 'withdrawn')::integer
    - (tg_op <> 'INSERT' and old.decision is distinct from 'withdrawn')::integer;
begin
  insert into private.lapse_totals as t (user_id, no_shows, late_releases)
  values (v_lapse.helper_id, (v_lapse.kind = 'no_show')::integer, (v_lapse.kind = 'late_release')::integer)
  on conflict on constraint lapse_totals_pkey do update
    set no_shows = t.no_shows + v_change * excluded.no_shows,
      late_releases = t.late_releases + v_change * excluded.late_releases;
  return null;
end $$;
comment on function private.count_lapse() is
  'Trigger on lapses: the only writer of the totals. A no-show that was withdrawn does not count.';
create trigger lapses_are_counted after insert or delete or update of decision on public.lapses
  for each row execute function private.count_lapse();

create function private.record_lapse(task public.tasks, kind text)
returns void
language sql volatile set search_path = ''
as $$
  insert into public.lapses (task_id, helper_id, kind, assigned_at)
  values (task.id, task.helper_id, record_lapse.kind, task.assigned_at)
$$;
comment on function private.record_lapse(public.tasks, text) is
  'Notes a lapse of the helper of a task. The caller holds the task and the helper''s users row.';

-- schemas/tasks/admin.sql

create function ops.audit_tasks()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'open_task_not_listed', t.id::text, null
  from public.tasks t join public.users u on u.id = t.creator_id
  where t.status = 'open' and not u.is_banned and not exists (select from private.open_tasks o where o.task_id = t.id)
  union all
  select 'listed_task_not_open', t.id::text, t.status
  from private.open_tasks o join public.tasks t on t.id = o.task_id join public.users u on u.id = t.creator_id
  where t.status <> 'open' or u.is_banned
  union all
  select 'listed_task_differs', t.id::text, null
  from private.open_tasks o join public.tasks t on t.id = o.task_id
  where (o.creator_id, o.category, o.neighbourhood_id, o.created_at, o.expires_at, o.starts_at) is distinct from
      (t.creator_id, t.category, t.neighbourhood_id, t.created_at, coalesce(private.deadline_of(t), 'infinity'),
        t.starts_at)
    or not (o.position ~= private.position_at(t.latitude, t.longitude))
    or (o.square, o.wide_square, o.tile) is distinct from (private.square_at(o.position),
      private.square_at(o.position, 65536), private.tile_at(t.latitude, t.longitude))
  union all
  select 'finished_task_not_queued', t.id::text, null
  from public.tasks t
  where t.status = 'pending_confirmation'
    and not exists (
      select from private.pending_confirmations p where p.task_id = t.id and p.finished_at = t.finished_at)
  union all
  select 'queue_of_tasks_under_way_differs', coalesce(w.task_id, t.id)::text, t.status
  from private.tasks_under_way w
  full join (select u.id, u.status from public.tasks u where u.status in ('assigned', 'in_progress')) t
    on t.id = w.task_id
  where w.task_id is null or t.id is null
  union all
  select 'lapse_totals_differ', coalesce(e.helper_id, t.user_id)::text,
    pg_catalog.format('%s and %s, expected %s and %s', t.no_shows, t.late_releases, e.no_shows, e.late_releases)
  from private.lapse_totals t
  full join (
    select l.helper_id, count(*) filter (where l.kind = 'no_show') as no_shows,
      count(*) filter (where l.kind = 'late_release') as late_releases
    from public.lapses l where l.decision is distinct from 'withdrawn' group by l.helper_id) e
    on e.helper_id = t.user_id
  where (coalesce(t.no_shows, 0), coalesce(t.late_releases, 0))
    <> (coalesce(e.no_shows, 0), coalesce(e.late_releases, 0))
  union all
  select 'task_without_one_accepted_offer', t.id::text, pg_catalog.format('%s accepted', count(o.id))
  from public.tasks t left join public.task_offers o on o.task_id = t.id and o.status = 'accepted'
  group by t.id
  having count(o.id) <> (t.helper_id is not null)::integer or min(o.helper_id::text) <> t.helper_id::text
$$;
comment on function ops.audit_tasks() is
  'Proves that the search projection, the queues and the offers agree with the tasks, and the totals with the lapses: '
  'one row for each problem, none when everything is right.';
grant execute on function ops.audit_tasks() to service_role, app_read;

create function ops.confirm_task(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(confirm_task.reason, 'reason', 1, private.max_message_length(), true);
  v_task   public.tasks := private.complete_task(confirm_task.task_id, null);
begin
  if v_task.id is null then
    select t.* into v_task from public.tasks t where t.id = confirm_task.task_id;
    if not found then
      raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
    end if;
    if v_task.status not in ('completed', 'archived') then
      raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
        hint = 'This task does not wait for a confirmation.';
    end if;
    return v_task;
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'confirmed_by_admin', v_task.id, pg_catalog.jsonb_build_object('reason', v_reason));
  return v_task;
end $$;
comment on function ops.confirm_task(uuid, text) is
  'Confirms finished work that waits because its creator or helper is banned, and pays the helper; repeating it '
  'returns the task. Errors: task_not_found, task_not_pending_confirmation, text_blank, text_too_long.';
grant execute on function ops.confirm_task(uuid, text) to service_role;

-- schemas/tasks/books.sql

create view ops.ledger_entries with (security_invoker = true) as
select p.id as transaction_id, e.account, e.amount, p.created_at
from public.point_transactions p
left join public.tasks t on t.id = p.task_id
cross join lateral (values
  ('member:' || p.user_id, p.amount),
  (case
     when p.type = 'task_hold' or (p.type in ('task_completed', 'refund') and t.reward_funding = 'creator') then 'held'
     when p.type in ('redemption', 'refund') then 'redeemed'
     when p.type = 'admin_adjustment' then 'adjusted'
     else 'issued'
   end, -p.amount)) as e (account, amount);

comment on view ops.ledger_entries is
  'The ledger as double entry: each transaction on the member''s account and on its counter-account. Always sums to '
  'zero.';
comment on column ops.ledger_entries.transaction_id is 'Row in point_transactions.';
comment on column ops.ledger_entries.account is 'member:<id>, or the counter-account issued, held, redeemed, adjusted.';
comment on column ops.ledger_entries.amount is 'Points; positive is received.';

grant select on ops.ledger_entries to service_role;

create function private.audit_payments()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- every completed task paid its helper its reward, once; nothing else paid anybody
  select 'completed_task_not_paid_right', t.id::text, pg_catalog.format('%s payments', count(p.id))
  from public.tasks t
  left join public.point_transactions p on p.task_id = t.id and p.type = 'task_completed' and p.user_id = t.helper_id
    and p.amount = t.points_reward
  where t.status in ('completed', 'archived')
  group by t.id having count(p.id) <> 1
  union all
  select 'payment_without_completed_task', p.id::text, t.status
  from public.point_transactions p join public.tasks t on t.id = p.task_id
  where p.type = 'task_completed' and t.status not in ('completed', 'archived')
  union all
  -- creator-funded tasks hold exactly their reward until they end without payment
  select 'held_points_wrong', t.id::text,
    pg_catalog.format('held %s of %s, task is %s', h.held, t.points_reward, t.status)
  from public.tasks t
  cross join lateral (
    select coalesce(-sum(p.amount), 0) as held from public.point_transactions p
    where p.task_id = t.id and p.user_id = t.creator_id and p.type in ('task_hold', 'refund')) h
  where h.held <> case when t.reward_funding = 'creator' and t.status not in ('cancelled', 'expired')
    then t.points_reward else 0 end
  union all
  select 'ledger_does_not_sum_to_zero', null, s.total::text
  from (select coalesce(sum(e.amount), 0) as total from ops.ledger_entries e) s where s.total <> 0
$$;
comment on function private.audit_payments() is
  'Part of ops.audit_books: what tasks paid and hold, and the double entry.';

-- schemas/tasks/contact.sql

-- What the two sides of a task are shown of each other, and who was shown what.

create table private.phone_shares (
  task_id      uuid not null references public.tasks (id) on delete restrict,
  user_id      uuid not null references public.users (id) on delete restrict,
  actor_id     uuid not null references public.users (id) on delete restrict,
  requested_at timestamptz,
  shared_at    timestamptz,
  primary key (task_id, user_id, actor_id)
);

comment on table private.phone_shares is
  'Who asked whom for the phone number on a task, and who allowed it. Deleted with the exact place.';
comment on column private.phone_shares.user_id is 'Whose phone number it is.';
comment on column private.phone_shares.actor_id is 'Who asked for it, or is shown it.';
comment on column private.phone_shares.requested_at is 'When it was asked for; null for never.';
comment on column private.phone_shares.shared_at is 'When its owner allowed it; null until then.';

create index phone_shares_by_user on private.phone_shares (user_id);
create index phone_shares_by_actor on private.phone_shares (actor_id);

alter table private.phone_shares enable row level security;

create table private.contact_reveals (
  id                  bigint generated always as identity primary key,
  user_id             uuid not null references public.users (id) on delete restrict,
  task_id             uuid not null references public.tasks (id) on delete restrict,
  actor_id            uuid not null,
  showed_place        boolean not null,
  showed_phone_number boolean not null,
  revealed_at         timestamptz not null default now(),
  constraint something_was_shown check (showed_place or showed_phone_number)
);

comment on table private.contact_reveals is
  'Who was shown whose exact place or phone number: never changed, deleted contact_reveal_days later or with the '
  'account of whose data it was.';
comment on column private.contact_reveals.user_id is 'Whose data was shown.';
comment on column private.contact_reveals.actor_id is 'To whom it was shown.';
comment on column private.contact_reveals.showed_place is 'True: exact place and address of the task.';
comment on column private.contact_reveals.showed_phone_number is 'True: the phone number.';
comment on column private.contact_reveals.revealed_at is 'When it was shown for the first time in that hour.';

create index contact_reveals_by_user on private.contact_reveals (user_id, id);
-- a phone that asks again and again, and one that repeats a call, add a row an hour
create unique index reveal_is_logged_once_an_hour on private.contact_reveals
  (task_id, user_id, actor_id, showed_place, showed_phone_number,
    date_trunc('hour', revealed_at at time zone 'UTC'));

alter table private.contact_reveals enable row level security;

create trigger contact_reveals_are_append_only before update on private.contact_reveals
  for each row execute function private.refuse_change();

create function private.lock_contact(task_id uuid, out task public.tasks, out me uuid, out other_id uuid)
language plpgsql volatile set search_path = ''
as $$
begin
  me := private.require_active_user();
  -- lock: a task's helper is the one after whatever was under way, so who was replaced or stepped back is none
  task := private.lock_task(lock_contact.task_id, creator_id => me, helper_id => me);
  other_id := case when task.creator_id = me then task.helper_id else task.creator_id end;
  perform private.lock_member(me, other_id);
  if not (task.status in ('assigned', 'in_progress', 'pending_confirmation')
      or (task.status = 'completed' and task.completed_at > now() - interval '14 days'))
    or not exists (select from public.users u where u.id = other_id and u.is_active) then
    raise exception using errcode = 'PT409', message = 'contact_not_open', detail = task.status,
      hint = 'Contact data is shown from the acceptance of a helper until 14 days after completion.';
  end if;
end $$;
comment on function private.lock_contact(uuid) is
  'Locks a task of the caller with its two members, creator and present helper: neither changes or is erased '
  'meanwhile. Raises PT409 contact_not_open unless they may see of each other what reveal_task_contact shows, PT404 '
  'task_not_found, and like private.require_active_user.';

create function private.phone_status(task_id uuid, user_id uuid, actor_id uuid)
returns public.phone_status
language sql stable set search_path = ''
as $$
  select case
    -- whoever is blocked is not told, so a block looks like a number that nobody sees
    when s.phone_sharing = 'never' or private.are_blocked(s.user_id, phone_status.actor_id) then 'not_shared'
    when s.phone_sharing = 'on_shared_tasks' or p.shared_at is not null
      then case when c.phone_number is null then 'not_shared' else 'shared' end
    when p.requested_at is not null then 'requested'
    else 'on_request' end
  from public.user_settings s
  join public.user_contacts c on c.user_id = s.user_id
  left join private.phone_shares p
    on (p.task_id, p.user_id, p.actor_id) = (phone_status.task_id, s.user_id, phone_status.actor_id)
  where s.user_id = phone_status.user_id
$$;
comment on function private.phone_status(uuid, uuid, uuid) is
  'Whether a member''s phone number is shown to another one on a task that they share.';

create function private.reveal_task_contact(task_id uuid)
returns table (user_id uuid, latitude double precision, longitude double precision, address text, phone_number text,
  phone_status public.phone_status)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact      record := private.lock_contact(reveal_task_contact.task_id);
  v_task         public.tasks := v_contact.task;
  v_showed_place boolean;
begin
  user_id := v_contact.other_id;
  phone_status := private.phone_status(v_task.id, v_contact.other_id, v_contact.me);
  select l.latitude, l.longitude, l.address into latitude, longitude, address
  from private.task_locations l where l.task_id = v_task.id;
  v_showed_place := found and v_task.helper_id = v_contact.me;
  if phone_status = 'shared' then
    select c.phone_number into phone_number from public.user_contacts c where c.user_id = v_contact.other_id;
  end if;
  if v_showed_place or phone_number is not null then
    insert into private.contact_reveals (user_id, task_id, actor_id, showed_place, showed_phone_number)
    values (v_contact.other_id, v_task.id, v_contact.me, v_showed_place, phone_number is not null)
    on conflict do nothing;
  end if;
  return next;
end $$;
grant execute on function private.reveal_task_contact(uuid) to authenticated;

create function public.reveal_task_contact(task_id uuid)
returns table (user_id uuid, latitude double precision, longitude double precision, address text, phone_number text,
  phone_status public.phone_status)
language plpgsql volatile set search_path = ''
as $$ begin return query select * from private.reveal_task_contact(reveal_task_contact.task_id); end $$;
comment on function public.reveal_task_contact(uuid) is
  'Where a task is and how to reach the other side, as one row: for its creator and its present helper, from the '
  'acceptance until 14 days after completion. user_id is the other side; place and address are the task''s, WGS 84 '
  'degrees; the phone number is the other''s, where phone_status is shared. What it shows of the other is noted for '
  'them, once an hour: my_contact_reveals. May be null: address, phone_number. Errors: task_not_found, '
  'contact_not_open, not_signed_in, user_banned, user_inactive.';
grant execute on function public.reveal_task_contact(uuid) to authenticated;

create function private.request_phone_number(task_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact record := private.lock_contact(request_phone_number.task_id);
  v_task    public.tasks := v_contact.task;
  v_status  public.phone_status := private.phone_status(v_task.id, v_contact.other_id, v_contact.me);
begin
  if v_status = 'not_shared' then
    raise exception using errcode = 'PT409', message = 'phone_number_not_shared',
      hint = 'This member does not show a phone number.';
  end if;
  if v_status = 'on_request' then
    insert into private.phone_shares (task_id, user_id, actor_id, requested_at)
    values (v_task.id, v_contact.other_id, v_contact.me, now());
  end if;
end $$;
grant execute on function private.request_phone_number(uuid) to authenticated;

create function public.request_phone_number(task_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.request_phone_number(task_id); end $$;
comment on function public.request_phone_number(uuid) is
  'Asks the other side of a task for the phone number: they are told once, and may allow it with share_phone_number. '
  'Repeating it, and asking for what is shown already, changes nothing. Errors: task_not_found, contact_not_open, '
  'phone_number_not_shared, not_signed_in, user_banned, user_inactive.';
grant execute on function public.request_phone_number(uuid) to authenticated;

create function private.share_phone_number(task_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact record := private.lock_contact(share_phone_number.task_id);
  v_task    public.tasks := v_contact.task;
begin
  if exists (select from public.user_settings s where s.user_id = v_contact.me and s.phone_sharing = 'never') then
    raise exception using errcode = 'PT409', message = 'phone_sharing_is_off',
      hint = 'Your settings say never to show the phone number. Please change them first.';
  end if;
  if exists (select from public.user_contacts c where c.user_id = v_contact.me and c.phone_number is null) then
    raise exception using errcode = 'PT409', message = 'phone_number_missing',
      hint = 'Please add your phone number first.';
  end if;
  insert into private.phone_shares as p (task_id, user_id, actor_id, shared_at)
  values (v_task.id, v_contact.me, v_contact.other_id, now())
  on conflict on constraint phone_shares_pkey do update set shared_at = excluded.shared_at where p.shared_at is null;
end $$;
grant execute on function private.share_phone_number(uuid) to authenticated;

create function public.share_phone_number(task_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.share_phone_number(task_id); end $$;
comment on function public.share_phone_number(uuid) is
  'Shows the caller''s phone number to the other side of a task, on this task, also unasked; repeating it changes '
  'nothing. The setting never ends it. Errors: task_not_found, contact_not_open, phone_sharing_is_off, '
  'phone_number_missing, not_signed_in, user_banned, user_inactive.';
grant execute on function public.share_phone_number(uuid) to authenticated;

create function private.get_task_location(task_id uuid)
returns table (latitude double precision, longitude double precision, address text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  if not exists (select from public.tasks t where t.id = get_task_location.task_id and t.creator_id = v_me) then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  return query select l.latitude, l.longitude, l.address from private.task_locations l
    where l.task_id = get_task_location.task_id;
end $$;
grant execute on function private.get_task_location(uuid) to authenticated;

create function public.get_task_location(task_id uuid)
returns table (latitude double precision, longitude double precision, address text)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.get_task_location(get_task_location.task_id); end $$;
comment on function public.get_task_location(uuid) is
  'Exact place (WGS 84 degrees) and address of a task of the caller''s own, as one row; none once they were deleted, '
  'exact_place_days after its end. May be null: address. Errors: task_not_found, not_signed_in, user_inactive.';
grant execute on function public.get_task_location(uuid) to authenticated;

create function private.my_contact_reveals(page_size integer, after bigint)
returns table (id bigint, task_id uuid, task_title text, viewer_id uuid, viewer_name text, showed_place boolean,
  showed_phone_number boolean, revealed_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  return query
    select r.id, r.task_id, t.title, r.actor_id, u.name, r.showed_place, r.showed_phone_number, r.revealed_at
    from (
      select c.* from private.contact_reveals c
      where c.user_id = v_me and c.id < coalesce(my_contact_reveals.after, 9223372036854775807)
      order by c.id desc limit private.clamp_page_size(my_contact_reveals.page_size)) r
    join public.tasks t on t.id = r.task_id
    join public.users u on u.id = r.actor_id
    order by r.id desc;
end $$;
grant execute on function private.my_contact_reveals(integer, bigint) to authenticated;

create function public.my_contact_reveals(page_size integer default null, after bigint default null)
returns table (id bigint, task_id uuid, task_title text, viewer_id uuid, viewer_name text, showed_place boolean,
  showed_phone_number boolean, revealed_at timestamptz)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.my_contact_reveals(page_size, after); end $$;
comment on function public.my_contact_reveals(integer, bigint) is
  'Who was shown the caller''s exact place or phone number, on which task and when, newest first: one row for each '
  'hour in which somebody looked, kept contact_reveal_days. page_size is clamped; for the next page pass the id of '
  'the last row as after. Errors: not_signed_in, user_inactive.';
grant execute on function public.my_contact_reveals(integer, bigint) to authenticated;

-- schemas/tasks/jobs.sql

create function private.expire_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  processed := 0; failed := 0;
  for v_task in
    select t.* from public.tasks t
    where t.status = 'open' and t.id in (
      select o.task_id from private.open_tasks o where o.expires_at <= as_of
      union all  -- tasks of banned creators are not listed
      select b.id from public.users u join public.tasks b on b.creator_id = u.id
      where u.is_banned and b.status = 'open' and private.deadline_of(b) <= as_of)
    order by private.deadline_of(t) limit batch
    for no key update of t skip locked
  loop
    begin
      -- task, then member, as everywhere: a ban may be running. Busy members wait for the next run: this one may have
      -- locked what they wait for
      perform from public.users u where u.id = v_task.creator_id for share skip locked;
      continue when not found;
      perform private.close_task(v_task, null, 'expired', null);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'task % could not expire: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.expire_tasks(timestamptz, integer) is
  'Job: expires open tasks past their deadline, and returns what is held for them.';

create function private.confirm_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_waiting timestamptz := as_of - (select pg_catalog.make_interval(days => s.confirmation_days)
    from private.settings s);
  v_task    public.tasks;
begin
  processed := 0; failed := 0;
  delete from private.pending_confirmations p using public.tasks t
  where t.id = p.task_id and p.finished_at <= v_waiting and t.status <> 'pending_confirmation';
  for v_task in
    select t.* from private.pending_confirmations p join public.tasks t on t.id = p.task_id
    where p.finished_at <= v_waiting and t.status = 'pending_confirmation'
      -- what a ban stopped is for an admin to decide: ops.confirm_task, or lifting the ban
      and not exists (select from public.users u where u.id in (t.creator_id, t.helper_id) and u.is_banned)
    order by p.finished_at limit batch
    for no key update of t skip locked
  loop
    begin
      perform private.complete_task(v_task.id, null);
      delete from private.pending_confirmations p where p.task_id = v_task.id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'task % could not be confirmed: % %', v_task.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.confirm_tasks(timestamptz, integer) is
  'Job: completes and pays finished tasks that nobody answered for confirmation_days.';

create table private.job_progress (
  job      text primary key,
  position bigint not null default 0
);

comment on table private.job_progress is 'How far a job that works through a log has come.';
comment on column private.job_progress.job is 'Name of the job.';
comment on column private.job_progress.position is 'Last id it has dealt with.';

alter table private.job_progress enable row level security;

insert into private.job_progress (job) values ('archive_tasks'), ('forget_places');

create function private.archive_tasks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_until timestamptz := as_of - (select pg_catalog.make_interval(days => s.task_archive_days)
    from private.settings s);
  v_from  bigint;
  v_to    bigint;
begin
  processed := 0; failed := 0;
  -- payments stand in the ledger in order of completion, so old tasks are found without an index on tasks
  select j.position into v_from from private.job_progress j where j.job = 'archive_tasks' for update skip locked;
  -- the next ones first, then which are old: the other way round all that are not would be read in every run
  select max(b.id) into v_to
  from (select p.id, p.created_at from public.point_transactions p where p.id > v_from order by p.id limit batch) b
  where b.created_at < v_until;
  if v_to is not null then
    with old as materialized (
      select t.id from public.point_transactions p join public.tasks t on t.id = p.task_id
      where p.id > v_from and p.id <= v_to and p.type = 'task_completed' and t.status = 'completed'
      for no key update of t skip locked),
    archived as (
      update public.tasks t set status = 'archived', updated_at = now() from old where t.id = old.id
      returning t.*)
    insert into public.task_events (task_id, creator_id, helper_id, action)
    select a.id, a.creator_id, a.helper_id, 'archived' from archived a;
    get diagnostics processed = row_count;
    -- what an erasure is just holding is looked at again
    select coalesce(min(p.id) - 1, v_to) into v_to
    from public.point_transactions p join public.tasks t on t.id = p.task_id
    where p.id > v_from and p.id <= v_to and p.type = 'task_completed' and t.status = 'completed';
    update private.job_progress j set position = v_to where j.job = 'archive_tasks';
  end if;
end $$;
comment on function private.archive_tasks(timestamptz, integer) is
  'Job: archives tasks completed more than task_archive_days ago.';

create function private.forget_places(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_ends  constant text[] := '{confirmed,auto_confirmed,cancelled,expired}';
  v_until timestamptz := as_of - (select pg_catalog.make_interval(days => s.exact_place_days) from private.settings s);
  v_from  bigint;
  v_to    bigint;
  v_ended uuid[];
begin
  processed := 0; failed := 0;
  -- ends stand in the audit log in their order, so old ones are found without an index on tasks
  select j.position into v_from from private.job_progress j where j.job = 'forget_places' for update skip locked;
  select max(b.id), pg_catalog.array_agg(b.subject_id) filter (where b.action = any (c_ends)) into v_to, v_ended
  from (select a.id, a.action, a.subject_id, a.created_at from private.audit_log a
        where a.id > v_from order by a.id limit batch) b
  where b.created_at < v_until;
  if v_to is not null then
    delete from private.phone_shares p
    where (p.task_id, p.user_id, p.actor_id) in (
      select o.task_id, o.user_id, o.actor_id from private.phone_shares o where o.task_id = any (v_ended)
      for update skip locked);
    delete from private.task_locations l
    where l.task_id in (
      select o.task_id from private.task_locations o where o.task_id = any (v_ended) for update skip locked);
    get diagnostics processed = row_count;
    -- what an erasure is just deleting is looked at again
    select coalesce(min(a.id) - 1, v_to) into v_to from private.audit_log a
    where a.id > v_from and a.id <= v_to and a.action = any (c_ends)
      and (exists (select from private.task_locations l where l.task_id = a.subject_id)
        or exists (select from private.phone_shares p where p.task_id = a.subject_id));
    update private.job_progress j set position = v_to where j.job = 'forget_places';
  end if;
end $$;
comment on function private.forget_places(timestamptz, integer) is
  'Job: deletes exact places, addresses and allowed phone numbers of tasks that ended exact_place_days ago.';

create function private.forget_contact_reveals(
  as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from private.contact_reveals r
  where r.id in (
    select c.id from private.contact_reveals c
    where c.id <= (
      -- the oldest come first
      select max(b.id) from (select o.id, o.revealed_at from private.contact_reveals o order by o.id limit batch) b
      where b.revealed_at < as_of - (
        select pg_catalog.make_interval(days => s.contact_reveal_days) from private.settings s))
    for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.forget_contact_reveals(timestamptz, integer) is
  'Job: deletes what was noted about contact data shown contact_reveal_days ago.';

insert into private.jobs (job, room, step, every) values
  ('expire_tasks', 'tasks', 20, '1 minute'),
  ('confirm_tasks', 'tasks', 21, '1 minute'),
  ('archive_tasks', 'tasks', 60, '1 minute'),
  ('forget_places', 'tasks', 61, '1 minute'),
  ('forget_contact_reveals', 'tasks', 62, '1 hour');
-- undo: delete from private.jobs where room = 'tasks';

-- schemas/tasks/limits.sql

create function private.is_verified(user_id uuid)
returns boolean
language sql stable set search_path = ''
as $$
  select not (select s.community_reward_requires_verified_contact from private.settings s)
    or coalesce((select u.is_email_verified or u.is_phone_verified from public.users u where u.id = user_id), false)
$$;
comment on function private.is_verified(uuid) is
  'Whether a member may promise or be promised community points: has a confirmed e-mail address or phone number, where '
  'the settings want one.';

create function private.require_verified(user_id uuid)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not private.is_verified(user_id) then
    raise exception using errcode = 'PT403', message = 'contact_not_verified',
      hint = 'Please confirm your e-mail address or phone number first.';
  end if;
end $$;
comment on function private.require_verified(uuid) is
  'Raises PT403 contact_not_verified unless private.is_verified, for the caller.';

create function private.promised_points(creator_id uuid, helper_id uuid)
returns bigint
language sql stable set search_path = ''
as $$
  -- a branch for each index: one condition for both would read all tasks
  select coalesce(sum(t.points_reward), 0)
  from private.settings s, (
    select c.* from public.tasks c
    where c.creator_id = promised_points.creator_id
      and (promised_points.helper_id is null or c.helper_id = promised_points.helper_id)
    union all
    select h.* from public.tasks h where promised_points.creator_id is null and h.helper_id = promised_points.helper_id
  ) t
  where t.reward_funding = 'community'
    and (t.status in ('open', 'assigned', 'in_progress', 'pending_confirmation')
         or t.completed_at > now() - pg_catalog.make_interval(days => s.points_limit_days))
$$;
comment on function private.promised_points(uuid, uuid) is
  'Community points that a creator has promised or that a helper was promised, or one the other: by live tasks, and '
  'issued within points_limit_days.';

create function private.refuse_beyond(promised bigint, points integer, points_limit integer, days integer, slug text,
  template text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if promised + points > points_limit then
    raise exception using errcode = 'PT429', message = slug,
      hint = private.fill_in(template, pg_catalog.jsonb_build_object('days', days)),
      detail = pg_catalog.format('%s of %s points', promised, points_limit);
  end if;
end $$;
comment on function private.refuse_beyond(bigint, integer, integer, integer, text, text) is
  'Raises PT429 with this slug when points on top of what is promised are more than the limit of so many days; the '
  'template of the hint is filled in only then.';

create function private.check_promise(creator_id uuid, points integer)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings private.settings;
  v_is_new   boolean;
begin
  select s.* into v_settings from private.settings s;
  select u.created_at > now() - pg_catalog.make_interval(days => v_settings.new_member_days) into v_is_new
  from public.users u where u.id = creator_id;
  perform private.require_verified(creator_id);
  perform private.refuse_beyond(private.promised_points(creator_id, null), points,
    case when v_is_new then least(v_settings.new_member_points_limit, v_settings.points_limit_per_creator)
      else v_settings.points_limit_per_creator end,
    case when v_is_new then v_settings.new_member_days else v_settings.points_limit_days end, 'points_limit_reached',
    'You have promised as many points as is allowed in {days, plural, one {# day} other {# days}}.');
end $$;
comment on function private.check_promise(uuid, integer) is
  'Refuses to promise more community points than the settings allow a creator, or a new one. The caller holds the '
  'creator''s users row. Raises PT403 contact_not_verified, PT429 points_limit_reached.';

create function private.check_acceptance(task public.tasks, helper_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings private.settings;
begin
  select s.* into v_settings from private.settings s;
  perform private.require_verified(task.creator_id);
  if not private.is_verified(helper_id) then
    raise exception using errcode = 'PT409', message = 'helper_not_verified',
      hint = 'This member has not confirmed an e-mail address or phone number yet.';
  end if;
  perform private.refuse_beyond(private.promised_points(task.creator_id, helper_id), task.points_reward,
    v_settings.points_limit_per_pair, v_settings.points_limit_days, 'pair_points_limit_reached',
    'You have given this helper as many points as is allowed in {days, plural, one {# day} other {# days}}.');
  perform private.refuse_beyond(private.promised_points(null, helper_id), task.points_reward,
    v_settings.points_limit_per_helper, v_settings.points_limit_days, 'helper_points_limit_reached',
    'This helper has been promised as many points as is allowed in {days, plural, one {# day} other {# days}}.');
end $$;
comment on function private.check_acceptance(public.tasks, uuid) is
  'Refuses to promise the reward of a community task to a helper beyond what the settings allow a pair, and a helper. '
  'The caller holds the users rows of both. Raises PT403 contact_not_verified, PT409 helper_not_verified, PT429 '
  'pair_points_limit_reached, helper_points_limit_reached.';

-- schemas/tasks/map.sql

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

-- schemas/tasks/nearby.sql

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

-- schemas/tasks/offers.sql

create function private.check_is_open(task public.tasks)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if task.status <> 'open' or private.deadline_of(task) <= now()
     or (select u.is_banned from public.users u where u.id = task.creator_id) then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = task.status,
      hint = 'This task is no longer open.';
  end if;
end $$;
comment on function private.check_is_open(public.tasks) is
  'Raises PT409 task_not_open for a task that takes no offers: not open, past its deadline, or of a banned member.';

create function private.offer_help(task_id uuid, message text)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: shared, so that offers run side by side while changes of the task wait
  select t.* into v_task from public.tasks t where t.id = offer_help.task_id for share;
  -- and the member, so that parallel offers count each other, and what is said goes with its author
  perform private.lock_member(v_me);
  -- check: a task the member could not have read is as good as absent
  select o.* into v_offer from public.task_offers o where o.task_id = v_task.id and o.helper_id = v_me;
  if v_task.id is null or private.are_blocked(v_task.creator_id, v_me)
     or (v_task.status <> 'open' and v_task.creator_id <> v_me and v_offer.id is null) then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  if v_task.creator_id = v_me then
    raise exception using errcode = 'PT409', message = 'cannot_help_own_task', hint = 'This is your own task.';
  end if;
  if v_offer.status in ('pending', 'accepted') then
    return v_offer;
  end if;
  perform private.check_is_open(v_task);
  if v_offer.status = 'declined' then
    raise exception using errcode = 'PT409', message = 'offer_declined', hint = 'The creator has declined your offer.';
  end if;
  perform private.count_action(v_me, 'offer_limit_reached', (select s.offer_limit_per_day from private.settings s));
  if v_task.reward_funding = 'community' then
    perform private.require_verified(v_me);
  end if;
  -- act
  insert into public.task_offers as o (task_id, creator_id, helper_id, message, terms_version)
  values (v_task.id, v_task.creator_id, v_me, private.clean_optional_text(offer_help.message, 'message',
    private.max_message_length(), true), v_task.terms_version)
  on conflict on constraint member_offers_once_per_task do update
    set status     = case when o.status in ('withdrawn', 'not_chosen') then 'pending' else o.status end,
        decided_at = case when o.status in ('withdrawn', 'not_chosen') then null else o.decided_at end,
        message    = case when o.status in ('withdrawn', 'not_chosen') then excluded.message else o.message end,
        updated_at = case when o.status in ('withdrawn', 'not_chosen') then now() else o.updated_at end,
        terms_version = case when o.status in ('withdrawn', 'not_chosen') then excluded.terms_version
          else o.terms_version end
  returning o.* into v_offer;
  return v_offer;
end $$;
grant execute on function private.offer_help(uuid, text) to authenticated;

create function public.offer_help(task_id uuid, message text default null)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.offer_help(task_id, message); end $$;
comment on function public.offer_help(uuid, text) is
  'Offers help on an open task and returns the offer; repeating it returns the same offer. Errors: task_not_found, '
  'task_not_open, cannot_help_own_task, offer_declined, offer_limit_reached, contact_not_verified, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.offer_help(uuid, text) to authenticated;

create function private.renew_offer(offer_id uuid, terms_version integer)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: task and member as offer_help; then the offer, which the creator may be declining
  select t.* into v_task
  from public.tasks t join public.task_offers o on o.task_id = t.id
  where o.id = renew_offer.offer_id and o.helper_id = v_me
  for share of t;
  perform private.lock_member(v_me);
  -- check: between members who are blocked it is as good as absent
  if v_task.id is null or private.are_blocked(v_task.creator_id, v_me) then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  select o.* into v_offer from public.task_offers o where o.id = renew_offer.offer_id for no key update;
  if v_offer.status in ('pending', 'accepted') and v_offer.terms_version = v_task.terms_version then
    return v_offer;
  end if;
  if v_offer.status <> 'pending' then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  perform private.check_is_open(v_task);
  if renew_offer.terms_version <> v_task.terms_version then
    raise exception using errcode = 'PT409', message = 'offer_outdated', detail = v_task.terms_version::text,
      hint = 'The task was changed once more; please look at it again.';
  end if;
  perform private.count_action(v_me, 'offer_limit_reached', (select s.offer_limit_per_day from private.settings s));
  -- act
  update public.task_offers o set terms_version = v_task.terms_version, updated_at = now()
  where o.id = v_offer.id
  returning o.* into v_offer;
  return v_offer;
end $$;
grant execute on function private.renew_offer(uuid, integer) to authenticated;

create function public.renew_offer(offer_id uuid, terms_version integer default null)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.renew_offer(offer_id, terms_version); end $$;
comment on function public.renew_offer(uuid, integer) is
  'Makes the caller''s own pending offer hold for the task as it was changed, and returns it; repeating it changes '
  'nothing. terms_version is that of the task the caller has seen: when the task has another one by now, the offer '
  'stays outdated; null for the task as it is. Counts as an offer for the limit of a day. Errors: offer_not_found, '
  'offer_not_pending, task_not_open, offer_outdated, offer_limit_reached, not_signed_in, user_banned, user_inactive.';
grant execute on function public.renew_offer(uuid, integer) to authenticated;

create function public.is_outdated(task_offers public.task_offers)
returns boolean
language sql stable set search_path = ''
as $$
  select t.terms_version > task_offers.terms_version from public.tasks t where t.id = task_offers.task_id
$$;
comment on function public.is_outdated(public.task_offers) is
  'Computed field task_offers.is_outdated: whether the task was changed after the offer was made or renewed. Such an '
  'offer cannot be accepted.';
grant execute on function public.is_outdated(public.task_offers) to authenticated, service_role;

create function private.decide_offer(offer_id uuid, member_id uuid, decision text)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$
declare
  v_offer public.task_offers;
begin
  -- lock: the offer is enough, because whoever accepts it locks it, too
  select o.* into v_offer from public.task_offers o
  where o.id = offer_id and member_id = case decision when 'withdrawn' then o.helper_id else o.creator_id end
  for no key update;
  -- check
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  if v_offer.status = decision then
    return v_offer;
  end if;
  if v_offer.status not in ('pending', 'not_chosen') then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  -- act
  update public.task_offers o set status = decision, decided_at = now(), updated_at = now()
  where o.id = v_offer.id
  returning o.* into v_offer;
  return v_offer;
end $$;
comment on function private.decide_offer(uuid, uuid, text) is
  'Withdraws (by its helper) or declines (by the creator) an offer that is not accepted.';

create function private.withdraw_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$ begin return private.decide_offer(offer_id, private.require_active_user(), 'withdrawn'); end $$;
grant execute on function private.withdraw_offer(uuid) to authenticated;

create function public.withdraw_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.withdraw_offer(offer_id); end $$;
comment on function public.withdraw_offer(uuid) is
  'Takes the caller''s own offer back and returns it; repeating it changes nothing. An accepted offer is given back '
  'with release_task. Errors: offer_not_found, offer_not_pending, not_signed_in, user_banned, user_inactive.';
grant execute on function public.withdraw_offer(uuid) to authenticated;

create function private.decline_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$ begin return private.decide_offer(offer_id, private.require_active_user(), 'declined'); end $$;
grant execute on function private.decline_offer(uuid) to authenticated;

create function public.decline_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.decline_offer(offer_id); end $$;
comment on function public.decline_offer(uuid) is
  'Declines an offer on the caller''s task for good and returns it; repeating it changes nothing. Errors: '
  'offer_not_found, offer_not_pending, not_signed_in, user_banned, user_inactive.';
grant execute on function public.decline_offer(uuid) to authenticated;

create function private.accept_offer(offer_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: one winner per task; then the offer, which its helper may be withdrawing
  select t.* into v_task
  from public.tasks t join public.task_offers o on o.task_id = t.id
  where o.id = accept_offer.offer_id and t.creator_id = v_me
  for no key update of t;
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  select o.* into v_offer from public.task_offers o where o.id = accept_offer.offer_id for no key update;
  -- check
  if v_offer.status = 'accepted' then
    return v_task;
  end if;
  if v_task.status <> 'open' or private.deadline_of(v_task) <= now() then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = v_task.status,
      hint = 'This task is no longer open.';
  end if;
  if v_offer.status <> 'pending' then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  if v_offer.terms_version < v_task.terms_version then
    raise exception using errcode = 'PT409', message = 'offer_outdated',
      hint = 'The task was changed after this offer; the member has to renew it first.';
  end if;
  -- lock: both, so that promises to and by either count each other
  perform private.lock_member(v_me, v_offer.helper_id);
  if not (select u.is_active and not u.is_banned from public.users u where u.id = v_offer.helper_id)
     or private.are_blocked(v_me, v_offer.helper_id) then
    raise exception using errcode = 'PT409', message = 'helper_unavailable',
      hint = 'This member cannot help at the moment.';
  end if;
  if v_task.reward_funding = 'community' then
    perform private.check_acceptance(v_task, v_offer.helper_id);
  end if;
  -- act
  update public.tasks t set status = 'assigned', helper_id = v_offer.helper_id, assigned_at = now(), updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  delete from private.open_tasks o where o.task_id = v_task.id;
  update public.task_offers o
  set status = case when o.id = v_offer.id then 'accepted' else 'not_chosen' end, decided_at = now(), updated_at = now()
  where o.task_id = v_task.id and o.status = 'pending';
  -- record
  perform private.record_event(v_task, v_task.helper_id, v_me, 'assigned');
  return v_task;
end $$;
grant execute on function private.accept_offer(uuid) to authenticated;

create function public.accept_offer(offer_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.accept_offer(offer_id); end $$;
comment on function public.accept_offer(uuid) is
  'Accepts an offer on the caller''s open task: the task is assigned to that helper and returned, other offers are '
  'passed over; repeating it returns the task. Errors: offer_not_found, task_not_open, offer_not_pending, '
  'offer_outdated (the task was changed since), helper_unavailable, helper_not_verified, contact_not_verified, '
  'pair_points_limit_reached, helper_points_limit_reached, not_signed_in, user_banned, user_inactive.';
grant execute on function public.accept_offer(uuid) to authenticated;

-- schemas/tasks/oversight.sql

create function ops.list_stuck_tasks()
returns table (task_id uuid, title text, status text, creator_id uuid, helper_id uuid, expected_at timestamptz,
  stuck_since timestamptz)
language sql stable security definer set search_path = ''
as $$
  select t.id, t.title, t.status, t.creator_id, t.helper_id, w.expected_at,
    w.expected_at + pg_catalog.make_interval(days => s.unended_task_days)
  from private.settings s
  join private.tasks_under_way w on w.expected_at <= now() - pg_catalog.make_interval(days => s.unended_task_days)
  join public.tasks t on t.id = w.task_id
$$;
comment on function ops.list_stuck_tasks() is 'Tasks that nobody ends; body of the view ops.stuck_tasks.';
grant execute on function ops.list_stuck_tasks() to service_role;

create view ops.stuck_tasks with (security_invoker = true) as
select * from ops.list_stuck_tasks() order by stuck_since;

comment on view ops.stuck_tasks is
  'Tasks assigned or in progress that nobody ends, longest first: unended_task_days have passed since the helper was '
  'expected, or began. They end when the helper finishes or steps back, or the creator replaces the helper or cancels.';
comment on column ops.stuck_tasks.title is 'Title of the task.';
comment on column ops.stuck_tasks.status is 'assigned or in_progress.';
comment on column ops.stuck_tasks.expected_at is 'When the helper was expected to begin, or began.';
comment on column ops.stuck_tasks.stuck_since is 'Since when it stands here.';

grant select on ops.stuck_tasks to service_role;

create view ops.no_shows with (security_invoker = true) as
select l.id as no_show_id, l.task_id, t.title, l.helper_id, h.name as helper, t.creator_id, c.name as creator,
  e.details ->> 'reason' as reason, l.assigned_at, l.created_at, l.statement, l.contested_at, l.decision,
  l.decision_reason, l.decided_at,
  (select count(*) from public.lapses o where o.helper_id = l.helper_id and o.kind = 'no_show') as no_shows_of_helper,
  (select count(*) from public.tasks ot join public.lapses o on o.task_id = ot.id
    where ot.creator_id = t.creator_id and o.kind = 'no_show') as no_shows_by_creator
from public.lapses l
join public.tasks t on t.id = l.task_id
join public.users h on h.id = l.helper_id
join public.users c on c.id = t.creator_id
left join public.task_events e
  on e.task_id = l.task_id and e.action = 'replaced' and e.helper_id = l.helper_id and e.created_at = l.created_at
where l.kind = 'no_show';

comment on view ops.no_shows is
  'No-shows with what both sides say, for ops.decide_no_show. To decide: those with contested_at and without decision.';
comment on column ops.no_shows.title is 'Title of the task.';
comment on column ops.no_shows.helper is 'Name of who is said not to have come.';
comment on column ops.no_shows.creator is 'Name of who says so.';
comment on column ops.no_shows.reason is 'What the creator said when asking for somebody else.';
comment on column ops.no_shows.statement is 'What the helper says against it.';
comment on column ops.no_shows.decision is 'upheld, withdrawn; null until decided.';
comment on column ops.no_shows.decision_reason is 'What the helper was told about it.';
comment on column ops.no_shows.no_shows_of_helper is 'No-shows of this helper in all, withdrawn ones, too.';
comment on column ops.no_shows.no_shows_by_creator is
  'No-shows on this creator''s tasks in all: many, with different helpers, may say more about the creator.';

grant select on ops.no_shows to service_role;

create function ops.decide_no_show(no_show_id bigint, decision text, reason text)
returns public.lapses
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(decide_no_show.reason, 'reason', 1, private.max_message_length(), true);
  v_lapse  public.lapses;
begin
  if decide_no_show.decision is null or decide_no_show.decision <> all (private.no_show_decisions()) then
    raise exception using errcode = 'PT400', message = 'decision_invalid',
      detail = coalesce(pg_catalog.left(decide_no_show.decision, 100), 'null'),
      hint = 'A no-show is upheld or withdrawn.';
  end if;
  -- lock: the member first, who may be contesting it, or leaving
  perform from public.users u
  where u.id = (select l.helper_id from public.lapses l where l.id = decide_no_show.no_show_id)
  for no key update;
  select l.* into v_lapse from public.lapses l
  where l.id = decide_no_show.no_show_id and l.kind = 'no_show'
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'no_show_not_found', hint = 'There is no such no-show.';
  end if;
  if v_lapse.decision = decide_no_show.decision then
    return v_lapse;
  end if;
  update public.lapses l set decision = decide_no_show.decision, decision_reason = v_reason, decided_at = now()
  where l.id = v_lapse.id
  returning l.* into v_lapse;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'no_show_' || v_lapse.decision, v_lapse.task_id,
    pg_catalog.jsonb_build_object('no_show_id', v_lapse.id, 'reason', v_reason));
  return v_lapse;
end $$;
comment on function ops.decide_no_show(bigint, text, text) is
  'Decides about a no-show, contested or not, with a reason the helper can read: upheld, or withdrawn, which no longer '
  'counts. Repeating a decision changes nothing, another one replaces it. Errors: no_show_not_found, decision_invalid, '
  'text_blank, text_too_long.';
grant execute on function ops.decide_no_show(bigint, text, text) to service_role;

-- schemas/tasks/posting.sql

create function private.posted_before(creator_id uuid, key uuid, input_hash bytea)
returns public.tasks
language plpgsql stable set search_path = ''
as $$
declare
  v_key  private.task_keys;
  v_task public.tasks;
begin
  select k.* into v_key from private.task_keys k
  where k.creator_id = posted_before.creator_id and k.key = posted_before.key;
  if v_key.input_hash <> posted_before.input_hash then
    raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
      hint = 'Choose a new key for another task.';
  end if;
  select t.* into v_task from public.tasks t where t.id = v_key.task_id;
  return v_task;
end $$;
comment on function private.posted_before(uuid, uuid, bytea) is
  'The task that a member posted with this key; null if none. Raises PT409 idempotency_key_reused for another input.';

create function private.create_task(title text, description text, category text, latitude double precision,
  longitude double precision, points_reward integer, address text, image_paths text[], expires_at text,
  metadata jsonb, idempotency_key uuid, starts_at text, ends_at text, is_flexible boolean)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me         uuid := private.require_active_user();
  v_expires_at timestamptz := private.read_moment(create_task.expires_at, 'expires_at');
  v_starts_at  timestamptz := private.read_moment(create_task.starts_at, 'starts_at');
  v_ends_at    timestamptz := private.read_moment(create_task.ends_at, 'ends_at');
  v_settings   private.settings;
  v_centre     record;
  v_task       public.tasks;
  v_hash       bytea;
begin
  -- a repetition gets the task of the first time, whatever has changed since
  if create_task.idempotency_key is not null then
    v_hash := pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(title, description, category,
      latitude, longitude, points_reward, address, image_paths, expires_at, metadata, starts_at, ends_at,
      is_flexible)::text, 'UTF8'));
    -- lock: one that comes while the first is under way waits for it
    perform private.lock_member(v_me);
    v_task := private.posted_before(v_me, create_task.idempotency_key, v_hash);
    if v_task.id is not null then
      return v_task;
    end if;
  end if;

  -- check the input; the rest of the content is checked on the row, by private.prepare_task
  perform private.check_coordinates(create_task.latitude, create_task.longitude);
  perform private.check_reward(create_task.points_reward);
  perform private.check_category(create_task.category);
  perform private.check_expiry(v_expires_at);
  perform private.check_start(v_starts_at);

  -- lock: the creator's row, so that parallel posts count each other
  perform private.lock_member(v_me);
  select s.* into v_settings from private.settings s;
  if (select count(*) from private.open_tasks o where o.creator_id = v_me) >= v_settings.open_task_limit then
    raise exception using errcode = 'PT429', message = 'open_task_limit_reached',
      detail = v_settings.open_task_limit::text,
      hint = 'You have as many open tasks as is allowed. Please close one first.';
  end if;
  perform private.check_daily_limit((select count(*) from public.tasks t
    where t.creator_id = v_me and t.created_at > now() - interval '24 hours'), v_settings.task_limit_per_day,
    'task_limit_reached');
  if v_settings.reward_funding = 'community' then
    perform private.check_promise(v_me, create_task.points_reward);
  end if;

  -- act
  v_centre := private.cell_centre(create_task.latitude, create_task.longitude);
  insert into public.tasks (creator_id, title, description, category, latitude, longitude, image_paths, points_reward,
    reward_funding, expires_at, starts_at, ends_at, is_flexible, metadata)
  values (v_me, create_task.title, create_task.description, create_task.category, v_centre.latitude_centre,
    v_centre.longitude_centre, coalesce(create_task.image_paths, '{}'), create_task.points_reward,
    v_settings.reward_funding, v_expires_at, v_starts_at, v_ends_at, coalesce(create_task.is_flexible, false),
    coalesce(create_task.metadata, '{}'))
  returning * into v_task;
  insert into private.task_locations (task_id, creator_id, latitude, longitude, address)
  values (v_task.id, v_me, create_task.latitude, create_task.longitude,
    private.clean_optional_text(create_task.address, 'address', private.max_address_length()));
  if v_hash is not null then
    insert into private.task_keys (task_id, creator_id, key, input_hash)
    values (v_task.id, v_me, create_task.idempotency_key, v_hash);
  end if;
  perform private.project_task(v_task);
  perform private.record_event(v_task, null, v_me, 'created');
  if v_task.reward_funding = 'creator' then
    insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
    values (v_me, v_task.id, -v_task.points_reward, 'task_hold', 0);
  end if;
  return v_task;
end $$;
grant execute on function private.create_task(text, text, text, double precision, double precision, integer, text,
  text[], text, jsonb, uuid, text, text, boolean) to authenticated;

create function public.create_task(title text, description text, category text, latitude double precision,
  longitude double precision, points_reward integer, address text default null, image_paths text[] default '{}',
  expires_at text default null, metadata jsonb default '{}',
  idempotency_key uuid default null, starts_at text default null, ends_at text default null,
  is_flexible boolean default false)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.create_task(title, description, category, latitude, longitude, points_reward, address,
  image_paths, expires_at, metadata, idempotency_key, starts_at, ends_at, is_flexible); end $$;
comment on function public.create_task(text, text, text, double precision, double precision, integer, text,
  text[], text, jsonb, uuid, text, text, boolean) is
  'Posts a task near a place and returns it. category is a slug; coordinates are exact WGS 84 degrees and stay '
  'private (the task shows the centre of a 300 m cell); image_paths lie in the caller''s storage folder; with '
  'creator funding the reward is held from the caller''s points; expires_at, starts_at and ends_at are ISO 8601 with '
  'an offset; unless is_flexible, an open task ends by itself at its start; the same idempotency_key gives the same '
  'task. Errors: text_blank, text_too_short, text_too_long, text_has_control_characters, validation_failed (detail '
  'names the field), coordinates_invalid, '
  'category_not_found, points_reward_out_of_range, expires_at_in_past, expires_at_too_far, starts_at_in_past, '
  'starts_at_too_far, ends_at_invalid, image_paths_invalid, metadata_invalid, idempotency_key_reused, '
  'open_task_limit_reached, task_limit_reached, contact_not_verified, points_limit_reached, insufficient_points, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.create_task(text, text, text, double precision, double precision, integer, text,
  text[], text, jsonb, uuid, text, text, boolean) to authenticated;

create function private.task_changes(before public.tasks, after public.tasks)
returns jsonb
language sql stable set search_path = ''
as $$
  select pg_catalog.jsonb_object_agg(c.key, c.value)
  from pg_catalog.jsonb_each(to_jsonb(before)) b
  join pg_catalog.jsonb_each(to_jsonb(after)) a on a.key = b.key and a.value <> b.value
  cross join lateral (values (b.key || '_before', b.value), (a.key, a.value)) c (key, value)
  where a.key in ('title', 'description', 'category', 'latitude', 'longitude', 'starts_at', 'ends_at', 'is_flexible',
    'points_reward', 'terms_version')
$$;
comment on function private.task_changes(public.tasks, public.tasks) is
  'What an edit changed of a task, each column before and after, for its event; null for nothing that offers look at.';

create function private.update_task(task_id uuid, title text, description text, category text,
  latitude double precision, longitude double precision, points_reward integer, address text, image_paths text[],
  expires_at text, metadata jsonb, starts_at text, ends_at text, is_flexible boolean)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me         uuid := private.require_active_user();
  v_expires_at timestamptz := private.read_moment(update_task.expires_at, 'expires_at');
  v_starts_at  timestamptz := private.read_moment(nullif(update_task.starts_at, ''), 'starts_at');
  v_ends_at    timestamptz := private.read_moment(nullif(update_task.ends_at, ''), 'ends_at');
  v_old        public.tasks := private.lock_task(update_task.task_id, creator_id => v_me);
  v_task       public.tasks;
  v_rise       integer := coalesce(update_task.points_reward, v_old.points_reward) - v_old.points_reward;
  v_centre     record;
  v_moves      boolean := update_task.latitude is not null or update_task.longitude is not null;
begin
  -- check
  if v_old.status <> 'open' or private.deadline_of(v_old) <= now() then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = v_old.status,
      hint = 'This task is no longer open.';
  end if;
  perform private.check_reward(coalesce(update_task.points_reward, v_old.points_reward));
  if v_rise < 0 and exists (
    select from public.task_offers o where o.task_id = v_old.id and o.status in ('pending', 'not_chosen')) then
    raise exception using errcode = 'PT409', message = 'reward_may_only_rise',
      hint = 'Someone has offered help already; the reward may only rise.';
  end if;
  if v_rise > 0 and v_old.reward_funding = 'community' then
    perform private.lock_member(v_me);
    perform private.check_promise(v_me, v_rise);
  end if;
  if update_task.category is not null then
    perform private.check_category(update_task.category);
  end if;
  perform private.check_expiry(v_expires_at);
  perform private.check_start(v_starts_at);
  if v_moves then
    perform private.check_coordinates(update_task.latitude, update_task.longitude);
  end if;
  v_centre := private.cell_centre(update_task.latitude, update_task.longitude);
  -- the member before what is counted of them; an edit that waited here for a ban was sent before it
  perform private.lock_member(v_me, may_be_banned => true);
  perform private.count_action(v_me, 'task_change_limit_reached',
    (select s.task_change_limit_per_day from private.settings s));

  -- act
  update public.tasks t
  set title         = coalesce(update_task.title, t.title),
      description   = coalesce(update_task.description, t.description),
      category      = coalesce(update_task.category, t.category),
      latitude      = case when v_moves then v_centre.latitude_centre else t.latitude end,
      longitude     = case when v_moves then v_centre.longitude_centre else t.longitude end,
      points_reward = coalesce(update_task.points_reward, t.points_reward),
      image_paths   = coalesce(update_task.image_paths, t.image_paths),
      expires_at    = coalesce(v_expires_at, t.expires_at),
      starts_at     = case when update_task.starts_at = '' then null else coalesce(v_starts_at, t.starts_at) end,
      ends_at       = case when '' in (update_task.starts_at, update_task.ends_at) then v_ends_at
        else coalesce(v_ends_at, t.ends_at) end,
      is_flexible   = coalesce(update_task.is_flexible, t.is_flexible),
      metadata      = coalesce(update_task.metadata, t.metadata)
  where t.id = v_old.id
  returning t.* into v_task;
  if private.deadline_of(v_task) <= now() then  -- it was flexible, and its start has passed
    perform private.check_start(v_task.starts_at);
  end if;
  update private.task_locations l
  set latitude = coalesce(update_task.latitude, l.latitude), longitude = coalesce(update_task.longitude, l.longitude),
    address = case when update_task.address is null then l.address
      else private.clean_optional_text(update_task.address, 'address', private.max_address_length()) end
  where l.task_id = v_task.id;

  -- record
  perform private.record_event(v_task, null, v_me, 'updated', private.task_changes(v_old, v_task));
  if v_rise <> 0 and v_task.reward_funding = 'creator' then
    insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
    values (v_me, v_task.id, -v_rise, case when v_rise > 0 then 'task_hold' else 'refund' end, 0);
  end if;
  return v_task;
end $$;
grant execute on function private.update_task(uuid, text, text, text, double precision, double precision, integer,
  text, text[], text, jsonb, text, text, boolean) to authenticated;

create function public.update_task(task_id uuid, title text default null, description text default null,
  category text default null, latitude double precision default null, longitude double precision default null,
  points_reward integer default null, address text default null, image_paths text[] default null,
  expires_at text default null, metadata jsonb default null, starts_at text default null, ends_at text default null,
  is_flexible boolean default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.update_task(task_id, title, description, category, latitude, longitude, points_reward,
  address, image_paths, expires_at, metadata, starts_at, ends_at, is_flexible); end $$;
comment on function public.update_task(uuid, text, text, text, double precision, double precision, integer,
  text, text[], text, jsonb, text, text, boolean) is
  'Changes the caller''s open task and returns it; null leaves a field as it is, an empty address, starts_at (with '
  'ends_at) or ends_at clears it. Once somebody has offered help the reward may only rise, and any other change of '
  'what they offered help with leaves their offers outdated until they renew them. Errors: as create_task, and '
  'task_not_found, task_not_open, '
  'reward_may_only_rise, task_change_limit_reached.';
grant execute on function public.update_task(uuid, text, text, text, double precision, double precision, integer,
  text, text[], text, jsonb, text, text, boolean) to authenticated;

create function private.cancel_task(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_active_user();
  v_task   public.tasks := private.lock_task(cancel_task.task_id, creator_id => v_me);
  v_reason text := private.clean_optional_text(cancel_task.reason, 'reason', private.max_message_length(), true);
begin
  if v_task.status = 'cancelled' then
    return v_task;
  end if;
  if v_task.status not in ('open', 'assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'task_not_cancellable', detail = v_task.status,
      hint = 'This task can no longer be cancelled.';
  end if;
  return private.close_task(v_task, v_me, 'cancelled', v_reason);
end $$;
grant execute on function private.cancel_task(uuid, text) to authenticated;

create function public.cancel_task(task_id uuid, reason text default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.cancel_task(task_id, reason); end $$;
comment on function public.cancel_task(uuid, text) is
  'The creator calls a task off, as long as it is not reported as done; held points come back; repeating it returns '
  'the task. Errors: task_not_found, task_not_cancellable, text_too_long, text_has_control_characters, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.cancel_task(uuid, text) to authenticated;

-- schemas/tasks/realtime.sql

-- Open apps hear of changes where the platform has Realtime.
do $$
declare
  v_table text;
begin
  if exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    foreach v_table in array array['tasks', 'task_offers', 'task_events', 'point_transactions'] loop
      if not exists (select from pg_catalog.pg_publication_tables
                     where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = v_table) then
        execute pg_catalog.format('alter publication supabase_realtime add table public.%I', v_table);
      end if;
    end loop;
  end if;
end $$;
-- undo: nothing

-- schemas/tasks/replacing.sql

create function private.is_no_show(task public.tasks)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return task.started_at is null
    and not private.has_written(task.id, task.helper_id, task.assigned_at)
    -- whoever is kept from starting or writing has not stayed away
    and not private.are_blocked(task.creator_id, task.helper_id)
    and not exists (
      select from public.user_bans b
      where b.user_id = task.helper_id and coalesce(b.lifted_at > task.assigned_at, true));
end $$;
comment on function private.is_no_show(public.tasks) is
  'Whether nothing was heard of the helper of a locked task who could have started or written: no start, no message. '
  'The caller holds the helper''s users row, as whoever writes a message does.';

create function private.replace_helper(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_active_user();
  v_task     public.tasks := private.lock_task(replace_helper.task_id, creator_id => v_me);
  v_reason   text;
  v_from     timestamptz;
  v_flexible public.tasks;
begin
  if v_task.status = 'open' and private.last_event_is(v_task.id, v_me, 'replaced') then
    return v_task;
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'helper_not_replaceable', detail = v_task.status,
      hint = 'Nobody is helping with this task at the moment.';
  end if;
  v_reason := private.clean_text(replace_helper.reason, 'reason', 1, private.max_message_length(), true);
  select w.expected_at + case v_task.status
      when 'assigned' then pg_catalog.make_interval(hours => s.replace_grace_hours)
      else pg_catalog.make_interval(days => s.unended_task_days) end
  into v_from
  from private.tasks_under_way w, private.settings s where w.task_id = v_task.id;
  if now() < v_from then
    raise exception using errcode = 'PT409', message = 'helper_not_overdue', detail = to_json(v_from) #>> '{}',
      hint = 'Please give your helper some more time.';
  end if;
  -- lock: both, so that the helper is not erased, and what they are just writing is seen below
  perform private.lock_member(v_me, v_task.helper_id);
  if private.is_no_show(v_task) then
    perform private.record_lapse(v_task, 'no_show');
  end if;
  -- for a time that has passed nobody else can come: another one has to do, for which offers are renewed
  if v_task.starts_at <= now() and not v_task.is_flexible then
    update public.tasks t set is_flexible = true where t.id = v_task.id returning t.* into v_flexible;
    perform private.record_event(v_task, v_task.helper_id, v_me, 'updated',
      private.task_changes(v_task, v_flexible));
    v_task := v_flexible;
  end if;
  return private.reopen_task(v_task, v_me, 'replaced', pg_catalog.jsonb_build_object('reason', v_reason));
end $$;
grant execute on function private.replace_helper(uuid, text) to authenticated;

create function public.replace_helper(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.replace_helper(task_id, reason); end $$;
comment on function public.replace_helper(uuid, text) is
  'The creator gives up waiting for a helper who is overdue: the task is open again and passed-over offers are pending '
  'again; repeating it returns the task. Possible from replace_grace_hours after the helper was expected, once they '
  'have started from unended_task_days after. A fixed start that has passed becomes flexible. A no-show counts when '
  'the helper neither started nor wrote. Errors: '
  'task_not_found, helper_not_replaceable, helper_not_overdue (detail: from when on), text_blank, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.replace_helper(uuid, text) to authenticated;

create function private.contest_no_show(no_show_id bigint, statement text)
returns public.lapses
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me        uuid := private.require_active_user();
  v_statement text :=
    private.clean_text(contest_no_show.statement, 'statement', 1, private.max_message_length(), true);
  v_lapse     public.lapses;
begin
  perform private.lock_member(v_me);
  select l.* into v_lapse from public.lapses l
  where l.id = contest_no_show.no_show_id and l.helper_id = v_me and l.kind = 'no_show'
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'no_show_not_found', hint = 'There is no such no-show.';
  end if;
  if v_lapse.statement = v_statement then
    return v_lapse;
  end if;
  if v_lapse.statement is not null then
    raise exception using errcode = 'PT409', message = 'no_show_already_contested',
      hint = 'You have said something about this already.';
  end if;
  if v_lapse.decision is not null then
    raise exception using errcode = 'PT409', message = 'no_show_decided', detail = v_lapse.decision,
      hint = 'This was decided already.';
  end if;
  update public.lapses l set statement = v_statement, contested_at = now()
  where l.id = v_lapse.id
  returning l.* into v_lapse;
  return v_lapse;
end $$;
grant execute on function private.contest_no_show(bigint, text) to authenticated;

create function public.contest_no_show(no_show_id bigint, statement text)
returns public.lapses
language plpgsql volatile set search_path = ''
as $$ begin return private.contest_no_show(no_show_id, statement); end $$;
comment on function public.contest_no_show(bigint, text) is
  'The helper says, once, why a no-show is wrong; admins read it and decide. Repeating it with the same words returns '
  'the row. Errors: no_show_not_found, no_show_already_contested, no_show_decided, text_blank, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.contest_no_show(bigint, text) to authenticated;

-- schemas/tasks/rules.sql

create function private.check_reward(points_reward integer)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if points_reward is null or points_reward not between private.min_points_reward() and private.max_points_reward()
  then
    raise exception using errcode = 'PT400', message = 'points_reward_out_of_range',
      hint = pg_catalog.format('The reward must be between %s and %s points.',
        private.min_points_reward(), private.max_points_reward());
  end if;
end $$;
comment on function private.check_reward(integer) is 'Raises PT400 points_reward_out_of_range unless 1 to 1000.';

create function private.check_expiry(expires_at timestamptz)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if expires_at <= now() then
    raise exception using errcode = 'PT400', message = 'expires_at_in_past',
      hint = 'The deadline must be in the future.';
  end if;
  if expires_at > now() + interval '1 year' then
    raise exception using errcode = 'PT400', message = 'expires_at_too_far',
      hint = 'The deadline must be within a year.';
  end if;
end $$;
comment on function private.check_expiry(timestamptz) is
  'Raises PT400 expires_at_in_past or expires_at_too_far (more than a year); null passes.';

create function private.check_start(starts_at timestamptz)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if starts_at <= now() then
    raise exception using errcode = 'PT400', message = 'starts_at_in_past', hint = 'The start must be in the future.';
  end if;
  if starts_at > now() + interval '1 year' then
    raise exception using errcode = 'PT400', message = 'starts_at_too_far', hint = 'The start must be within a year.';
  end if;
end $$;
comment on function private.check_start(timestamptz) is
  'Raises PT400 starts_at_in_past or starts_at_too_far (more than a year); null passes.';

create function private.check_end(starts_at timestamptz, ends_at timestamptz)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if ends_at is not null and (ends_at > starts_at and ends_at <= starts_at + interval '744 hours') is not true then
    raise exception using errcode = 'PT400', message = 'ends_at_invalid',
      hint = 'The end must come after a start, by 31 days at most.';
  end if;
end $$;
comment on function private.check_end(timestamptz, timestamptz) is
  'Raises PT400 ends_at_invalid for an end without a start, not after it, or more than 31 days after it; null passes.';

create function private.check_category(category text)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from public.categories c where c.slug = category and c.is_active) then
    raise exception using errcode = 'PT400', message = 'category_not_found',
      detail = coalesce(pg_catalog.left(category, 100), 'null'), hint = 'Please choose one of the categories.';
  end if;
end $$;
comment on function private.check_category(text) is
  'Raises PT400 category_not_found unless there is such an active category.';

create function private.have_terms_changed(before public.tasks, after public.tasks)
returns boolean
language sql immutable set search_path = ''
as $$
  select (before.title, before.description, before.category, before.latitude, before.longitude, before.starts_at,
      before.ends_at, before.is_flexible)
    is distinct from (after.title, after.description, after.category, after.latitude, after.longitude, after.starts_at,
      after.ends_at, after.is_flexible)
    or after.points_reward < before.points_reward
$$;
comment on function private.have_terms_changed(public.tasks, public.tasks) is
  'Whether what offers were made for is different after a change of a task.';

create function private.prepare_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.title := private.clean_text(new.title, 'title', private.min_title_length(), private.max_title_length());
  new.description := private.clean_text(new.description, 'description', 1, private.max_description_length(), true);
  perform private.check_reward(new.points_reward);
  perform private.check_coordinates(new.latitude, new.longitude);
  perform private.check_end(new.starts_at, new.ends_at);
  perform private.check_paths(new.image_paths, new.creator_id, 'image_paths_invalid', private.max_images());
  perform private.check_metadata(new.metadata);
  -- lock: search and recommendations follow, in whatever order; a ban does the same from the member's row on
  perform from public.users u where u.id = new.creator_id for share;
  new.neighbourhood_id := private.neighbourhood_at(new.latitude, new.longitude);
  if tg_op = 'UPDATE' and private.have_terms_changed(old, new) then
    new.terms_version := old.terms_version + 1;
  end if;
  new.updated_at := now();
  return new;
end $$;
comment on function private.prepare_task() is
  'Trigger on tasks: checks and cleans the content, locks its creator, finds its neighbourhood, counts its terms. Runs '
  'for edits of content only, commands and Studio alike, so that a change of state stays cheap.';
-- not of category: a slug that is renamed changes all tasks of the category, and no terms
create trigger tasks_prepare
  before insert or update of title, description, latitude, longitude, neighbourhood_id, image_paths, points_reward,
    starts_at, ends_at, is_flexible, metadata on public.tasks
  for each row execute function private.prepare_task();

create function private.lock_neighbours()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_creators uuid[];
  v_members  uuid[];
begin
  select pg_catalog.array_agg(l.creator_id) into v_creators from (
    select t.creator_id from public.tasks t
    where t.neighbourhood_id = old.id
      or extensions.st_intersects(new.area,
        extensions.st_setsrid(extensions.st_makepoint(t.longitude, t.latitude), 4326))
    order by t.id for no key update) l;
  select pg_catalog.array_agg(l.user_id) into v_members from (
    select c.user_id from public.user_contacts c
    where c.neighbourhood_id = old.id
      or extensions.st_intersects(new.area, c.home_location::extensions.geometry)
    order by c.user_id for no key update) l;
  perform from public.users u where u.id = any (v_creators || v_members) order by u.id for no key update;
  return coalesce(new, old);
end $$;
comment on function private.lock_neighbours() is
  'Trigger on neighbourhoods: when an area is drawn, redrawn or removed, tasks, homes and members in it are locked in '
  'the order of docs/locks.md before anything follows.';
create trigger neighbourhoods_lock_neighbours before insert or update of area or delete on public.neighbourhoods
  for each row execute function private.lock_neighbours();

create function private.find_tasks_of_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- the trigger on tasks looks again
  update public.tasks t set neighbourhood_id = null
  where t.neighbourhood_id = old.id
    or extensions.st_intersects(new.area,
      extensions.st_setsrid(extensions.st_makepoint(t.longitude, t.latitude), 4326));
  return null;
end $$;
comment on function private.find_tasks_of_neighbourhood() is
  'Trigger on neighbourhoods: when an area is drawn, redrawn or removed, tasks in it find their neighbourhood again. '
  'Reads every task; areas change rarely.';
create trigger neighbourhoods_find_tasks after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_tasks_of_neighbourhood();

-- schemas/tasks/transitions.sql

create function private.lock_task(task_id uuid, creator_id uuid default null, helper_id uuid default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  select t.* into v_task from public.tasks t
  where t.id = lock_task.task_id and (t.creator_id = lock_task.creator_id or t.helper_id = lock_task.helper_id)
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  perform private.require_active_user();  -- banned or deleted while this command waited
  return v_task;
end $$;
comment on function private.lock_task(uuid, uuid, uuid) is
  'Locks a task of the caller, who is this creator or this helper. Raises PT404 task_not_found otherwise, and like '
  'private.require_active_user.';

create function private.complete_task(task_id uuid, creator_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task   public.tasks;
  v_action text := case when complete_task.creator_id is null then 'auto_confirmed' else 'confirmed' end;
begin
  -- lock, check and act in one guarded statement: of parallel calls one changes the row, the others find none
  update public.tasks t
  set status = 'completed', completed_at = now(), updated_at = now()
  where t.id = complete_task.task_id and t.status = 'pending_confirmation'
    and (t.creator_id = complete_task.creator_id or complete_task.creator_id is null)
  returning t.* into v_task;
  if not found then
    return null;
  end if;
  -- record (inline rather than by record_event: this is the one path whose speed counts)
  insert into public.task_events (task_id, creator_id, helper_id, actor_id, action)
  values (v_task.id, v_task.creator_id, v_task.helper_id, complete_task.creator_id, v_action);
  insert into private.audit_log (actor_id, action, subject_id) values (complete_task.creator_id, v_action, v_task.id);
  -- pay: the helper's account is the row others may wait for, so it comes last and is held shortest
  insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
  values (v_task.helper_id, v_task.id, v_task.points_reward, 'task_completed', 0);
  return v_task;
end $$;
comment on function private.complete_task(uuid, uuid) is
  'Completes a task that waits for confirmation and pays its helper, once (unique index task_is_paid_once). Null '
  'when it does not wait, or is not the creator''s. creator_id is null for the system.';

create function private.close_task(task public.tasks, actor_id uuid, action text, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  -- a ban or its end that runs at the same time takes the task out of the search, or back in, before this looks there
  perform from public.users u where u.id = task.creator_id for share;
  update public.tasks t
  set status = action, closed_at = now(), updated_at = now()
  where t.id = task.id
  returning t.* into v_task;
  delete from private.open_tasks o where o.task_id = v_task.id;
  update public.task_offers o
  set status = 'not_chosen', decided_at = now(), updated_at = now()
  where o.task_id = v_task.id and o.status = 'pending';
  perform private.record_event(v_task, v_task.helper_id, actor_id, action,
    case when reason is not null then pg_catalog.jsonb_build_object('reason', reason) end);
  insert into private.audit_log (actor_id, action, subject_id) values (actor_id, action, v_task.id);
  if v_task.reward_funding = 'creator' then
    insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
    values (v_task.creator_id, v_task.id, v_task.points_reward, 'refund', 0);
  end if;
  return v_task;
end $$;
comment on function private.close_task(public.tasks, uuid, text, text) is
  'Ends a locked, unfinished task as cancelled or expired: out of the search, offers closed, held points returned. '
  'actor_id is null for the system.';

create function private.reopen_task(task public.tasks, actor_id uuid, action text, details jsonb)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  update public.tasks t
  set status = 'open', helper_id = null, assigned_at = null, started_at = null, finished_at = null, updated_at = now()
  where t.id = task.id
  returning t.* into v_task;
  update public.task_offers o
  set status = case when o.helper_id = task.helper_id then 'withdrawn' else 'pending' end,
      decided_at = case when o.helper_id = task.helper_id then now() end,
      updated_at = now()
  where o.task_id = task.id and (o.helper_id = task.helper_id or o.status = 'not_chosen');
  perform private.project_task(v_task);
  perform private.record_event(v_task, task.helper_id, actor_id, action, details);
  return v_task;
end $$;
comment on function private.reopen_task(public.tasks, uuid, text, jsonb) is
  'Opens a locked task again after its helper stepped back or was replaced; offers that were passed over are pending '
  'again.';

-- schemas/tasks/work.sql

create function private.start_task(task_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.lock_task(start_task.task_id, helper_id => v_me);
begin
  if v_task.status = 'in_progress' then
    return v_task;
  end if;
  if v_task.status <> 'assigned' then
    raise exception using errcode = 'PT409', message = 'task_not_assigned', detail = v_task.status,
      hint = 'This task cannot be started now.';
  end if;
  update public.tasks t set status = 'in_progress', started_at = now(), updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  perform private.record_event(v_task, v_me, v_me, 'started');
  return v_task;
end $$;
grant execute on function private.start_task(uuid) to authenticated;

create function public.start_task(task_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.start_task(task_id); end $$;
comment on function public.start_task(uuid) is
  'The helper starts the work: assigned becomes in_progress; repeating it returns the task. Errors: task_not_found, '
  'task_not_assigned, not_signed_in, user_banned, user_inactive.';
grant execute on function public.start_task(uuid) to authenticated;

create function private.finish_task(task_id uuid, note text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.lock_task(finish_task.task_id, helper_id => v_me);
  v_note text := private.clean_optional_text(finish_task.note, 'note', private.max_message_length(), true);
begin
  if v_task.status = 'pending_confirmation' then
    return v_task;
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'task_not_in_progress', detail = v_task.status,
      hint = 'This task is not in progress.';
  end if;
  update public.tasks t
  set status = 'pending_confirmation', started_at = coalesce(t.started_at, now()), finished_at = now(),
    updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  insert into private.pending_confirmations (task_id, finished_at) values (v_task.id, v_task.finished_at)
  on conflict on constraint pending_confirmations_pkey do update set finished_at = excluded.finished_at;
  perform private.record_event(v_task, v_me, v_me, 'finished', case when v_note is not null
    then pg_catalog.jsonb_build_object('note', v_note) end);
  return v_task;
end $$;
grant execute on function private.finish_task(uuid, text) to authenticated;

create function public.finish_task(task_id uuid, note text default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.finish_task(task_id, note); end $$;
comment on function public.finish_task(uuid, text) is
  'The helper reports the work as done: the task waits for the creator''s confirmation, which comes by itself after '
  'the days in the settings; repeating it returns the task. Errors: task_not_found, task_not_in_progress, '
  'text_too_long, text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.finish_task(uuid, text) to authenticated;

create function private.confirm_task(task_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_task public.tasks := private.complete_task(confirm_task.task_id, v_me);
begin
  if v_task.id is not null then
    return v_task;
  end if;
  -- nothing was waiting: say why, or answer a repeated call
  v_task := private.lock_task(confirm_task.task_id, creator_id => v_me);
  if v_task.status not in ('completed', 'archived') then
    raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
      hint = 'This task does not wait for your confirmation.';
  end if;
  return v_task;
end $$;
grant execute on function private.confirm_task(uuid) to authenticated;

create function public.confirm_task(task_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.confirm_task(task_id); end $$;
comment on function public.confirm_task(uuid) is
  'The creator confirms finished work: the task is completed and the helper''s points arrive, in one transaction and '
  'exactly once; repeating it returns the same task. Errors: task_not_found, task_not_pending_confirmation, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.confirm_task(uuid) to authenticated;

create function private.reject_completion(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_active_user();
  v_task   public.tasks := private.lock_task(reject_completion.task_id, creator_id => v_me);
  v_reason text;
begin
  if v_task.status = 'in_progress' and private.last_event_is(v_task.id, v_me, 'completion_rejected') then
    return v_task;
  end if;
  if v_task.status <> 'pending_confirmation' then
    raise exception using errcode = 'PT409', message = 'task_not_pending_confirmation', detail = v_task.status,
      hint = 'This task does not wait for your confirmation.';
  end if;
  v_reason := private.clean_text(reject_completion.reason, 'reason', 1, private.max_message_length(), true);
  perform private.count_action(v_me, 'task_change_limit_reached',
    (select s.task_change_limit_per_day from private.settings s));
  update public.tasks t set status = 'in_progress', finished_at = null, updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  delete from private.pending_confirmations p where p.task_id = v_task.id;
  perform private.record_event(v_task, v_task.helper_id, v_me, 'completion_rejected',
    pg_catalog.jsonb_build_object('reason', v_reason));
  return v_task;
end $$;
grant execute on function private.reject_completion(uuid, text) to authenticated;

create function public.reject_completion(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.reject_completion(task_id, reason); end $$;
comment on function public.reject_completion(uuid, text) is
  'The creator says, with a reason, that the work is not done: the task is in_progress again; repeating it returns '
  'the task. Errors: task_not_found, task_not_pending_confirmation, task_change_limit_reached, text_blank, '
  'text_too_long, text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.reject_completion(uuid, text) to authenticated;

create function private.release_task(task_id uuid, reason text)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_active_user();
  v_task   public.tasks;
  v_reason text := private.clean_optional_text(release_task.reason, 'reason', private.max_message_length(), true);
begin
  -- lock first and judge after, because a parallel call may have released the task meanwhile
  select t.* into v_task from public.tasks t
  where t.id = release_task.task_id
    and (t.helper_id = v_me or exists (select from public.task_events e where e.task_id = t.id and e.helper_id = v_me))
  for no key update;
  -- both, because the task will be listed again, and a late release is written about the helper
  perform private.lock_member(v_me, v_task.creator_id);
  if v_task.status = 'open' and private.last_event_is(v_task.id, v_me, 'released') then
    return v_task;
  end if;
  if v_task.helper_id is distinct from v_me then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  if v_task.status not in ('assigned', 'in_progress') then
    raise exception using errcode = 'PT409', message = 'task_not_releasable', detail = v_task.status,
      hint = 'You can no longer step back from this task.';
  end if;
  if private.release_is_late(v_task) then
    perform private.record_lapse(v_task, 'late_release');
  end if;
  return private.reopen_task(v_task, v_me, 'released',
    case when v_reason is not null then pg_catalog.jsonb_build_object('reason', v_reason) end);
end $$;
grant execute on function private.release_task(uuid, text) to authenticated;

create function public.release_task(task_id uuid, reason text default null)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.release_task(task_id, reason); end $$;
comment on function public.release_task(uuid, text) is
  'The helper steps back: the task is open again and passed-over offers are pending again; repeating it returns the '
  'task. Counts as late from late_release_hours before the agreed start; where none was agreed, once the helper was '
  'expected to have begun. Errors: task_not_found, task_not_releasable, text_too_long, text_has_control_characters, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.release_task(uuid, text) to authenticated;
