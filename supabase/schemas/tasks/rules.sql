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
