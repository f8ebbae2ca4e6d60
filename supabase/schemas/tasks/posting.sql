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
