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
