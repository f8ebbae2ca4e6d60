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
