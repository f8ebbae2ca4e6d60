create function private.update_profile(name text, bio text, avatar_path text)
returns public.users
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me   uuid := private.require_active_user();
  v_user public.users;
begin
  if update_profile.avatar_path <> '' then
    perform private.check_paths(array[update_profile.avatar_path], v_me, 'avatar_path_invalid', 1);
  end if;
  perform private.lock_member(v_me);
  update public.users u
  set name = case when update_profile.name is null then u.name
      else private.clean_text(update_profile.name, 'name', 1, private.max_name_length()) end,
    bio = case when update_profile.bio is null then u.bio
      else private.clean_optional_text(update_profile.bio, 'bio', private.max_bio_length(), true) end,
    avatar_path = nullif(coalesce(update_profile.avatar_path, u.avatar_path), ''),
    updated_at = now()
  where u.id = v_me
  returning u.* into v_user;
  return v_user;
end $$;
grant execute on function private.update_profile(text, text, text) to authenticated;

create function public.update_profile(name text default null, bio text default null, avatar_path text default null)
returns public.users
language plpgsql volatile set search_path = ''
as $$ begin return private.update_profile(name, bio, avatar_path); end $$;
comment on function public.update_profile(text, text, text) is
  'Changes the caller''s profile and returns it. Null leaves a field as it is, an empty text clears bio or '
  'avatar_path. Errors: text_blank, text_too_long, text_has_control_characters (detail names the '
  'field), avatar_path_invalid, not_signed_in, user_banned, user_inactive.';
grant execute on function public.update_profile(text, text, text) to authenticated;

create function private.update_contact(phone_number text, address text, latitude double precision,
  longitude double precision, remove_home boolean)
returns public.user_contacts
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me      uuid := private.require_active_user();
  v_phone   text := private.clean_phone_number(update_contact.phone_number);
  v_contact public.user_contacts;
begin
  if update_contact.phone_number <> '' and v_phone is null then
    raise exception using errcode = 'PT400', message = 'phone_number_invalid',
      hint = 'Please write the number with digits, for example +49 30 123456.';
  end if;
  if update_contact.latitude is not null or update_contact.longitude is not null then
    perform private.check_coordinates(update_contact.latitude, update_contact.longitude);
  end if;
  update public.user_contacts c
  set phone_number = case when update_contact.phone_number is null then c.phone_number else v_phone end,
    address = case when update_contact.address is null then c.address
      else private.clean_optional_text(update_contact.address, 'address', private.max_address_length()) end,
    latitude = case when update_contact.remove_home then null else coalesce(update_contact.latitude, c.latitude) end,
    longitude = case when update_contact.remove_home then null
      else coalesce(update_contact.longitude, c.longitude) end,
    updated_at = now()
  where c.user_id = v_me
  returning c.* into v_contact;
  if not found then  -- deleted while this command waited
    perform private.require_member();
  end if;
  return v_contact;
end $$;
grant execute on function private.update_contact(text, text, double precision, double precision,
  boolean) to authenticated;

create function public.update_contact(phone_number text default null, address text default null,
  latitude double precision default null, longitude double precision default null, remove_home boolean default false)
returns public.user_contacts
language plpgsql volatile set search_path = ''
as $$ begin return private.update_contact(phone_number, address, latitude, longitude, remove_home); end $$;
comment on function public.update_contact(text, text, double precision, double precision, boolean) is
  'Changes the caller''s contact data and exact home (WGS 84 degrees) and returns them; others are shown the '
  'phone number alone, as phone_sharing says. Null leaves a field as it is, an empty text clears it, remove_home '
  'forgets the coordinates. Errors: phone_number_invalid, text_too_long, text_has_control_characters, '
  'coordinates_invalid, not_signed_in, user_banned, user_inactive.';
grant execute on function public.update_contact(text, text, double precision, double precision,
  boolean) to authenticated;

create function private.update_settings(language text, time_zone text, show_on_leaderboard boolean,
  is_open_to_suggestions boolean, phone_sharing text)
returns public.user_settings
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_old      public.user_settings;
  v_settings public.user_settings;
begin
  if update_settings.language <> all (private.languages()) then
    raise exception using errcode = 'PT400', message = 'language_invalid',
      detail = pg_catalog.left(update_settings.language, 100),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.languages(), ', ') || '.';
  end if;
  if update_settings.phone_sharing <> all (private.phone_sharings()) then
    raise exception using errcode = 'PT400', message = 'phone_sharing_invalid',
      detail = pg_catalog.left(update_settings.phone_sharing, 100),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.phone_sharings(), ', ') || '.';
  end if;
  select s.* into v_old from public.user_settings s where s.user_id = v_me for no key update;
  -- each consent makes work for the lists that others read; to withdraw one is always possible
  if update_settings.show_on_leaderboard and not v_old.show_on_leaderboard
    or update_settings.is_open_to_suggestions and not v_old.is_open_to_suggestions then
    perform private.lock_member(v_me, may_be_banned => true);
    perform private.count_action(v_me, 'consent_limit_reached',
      (select s.consent_limit_per_day from private.settings s));
  end if;
  update public.user_settings s
  set language               = coalesce(update_settings.language, s.language),
      time_zone              = coalesce(update_settings.time_zone, s.time_zone),
      show_on_leaderboard    = coalesce(update_settings.show_on_leaderboard, s.show_on_leaderboard),
      is_open_to_suggestions = coalesce(update_settings.is_open_to_suggestions, s.is_open_to_suggestions),
      phone_sharing          = coalesce(update_settings.phone_sharing, s.phone_sharing),
      updated_at             = now()
  where s.user_id = v_me
  returning s.* into v_settings;
  if not found then  -- deleted while this command waited
    perform private.require_member();
  end if;
  return v_settings;
end $$;
grant execute on function private.update_settings(text, text, boolean, boolean, text) to authenticated;

create function public.update_settings(language text default null, time_zone text default null,
  show_on_leaderboard boolean default null, is_open_to_suggestions boolean default null,
  phone_sharing text default null)
returns public.user_settings
language plpgsql volatile set search_path = ''
as $$
begin
  return private.update_settings(language, time_zone, show_on_leaderboard, is_open_to_suggestions, phone_sharing);
end $$;
comment on function public.update_settings(text, text, boolean, boolean, text) is
  'Changes the caller''s settings and returns them; null leaves a setting as it is. Errors: language_invalid, '
  'time_zone_invalid, phone_sharing_invalid, consent_limit_reached, not_signed_in, user_inactive.';
grant execute on function public.update_settings(text, text, boolean, boolean, text) to authenticated;

create function private.block_user(user_id uuid)
returns public.user_blocks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_member();
  v_block public.user_blocks;
begin
  if block_user.user_id = v_me then
    raise exception using errcode = 'PT400', message = 'cannot_block_self', hint = 'You cannot block yourself.';
  end if;
  -- lock: neither is being erased, which would leave the block behind
  perform private.lock_member(v_me, block_user.user_id, may_be_banned => true);
  if not exists (select from public.users u where u.id = block_user.user_id and u.is_active) then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  select b.* into v_block from public.user_blocks b where (b.blocker_id, b.blocked_id) = (v_me, block_user.user_id);
  if found then
    return v_block;
  end if;
  perform private.count_action(v_me, 'block_limit_reached', (select s.block_limit_per_day from private.settings s));
  insert into public.user_blocks (blocker_id, blocked_id) values (v_me, block_user.user_id)
  returning * into v_block;
  return v_block;
end $$;
grant execute on function private.block_user(uuid) to authenticated;

create function public.block_user(user_id uuid)
returns public.user_blocks
language plpgsql volatile set search_path = ''
as $$ begin return private.block_user(user_id); end $$;
comment on function public.block_user(uuid) is
  'Blocks a member: both stop seeing each other''s open tasks and cannot help each other. Repeating it returns the '
  'same block. Errors: user_not_found, cannot_block_self, block_limit_reached, not_signed_in, user_inactive.';
grant execute on function public.block_user(uuid) to authenticated;

create function private.unblock_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  delete from public.user_blocks b where b.blocker_id = v_me and b.blocked_id = unblock_user.user_id;
end $$;
grant execute on function private.unblock_user(uuid) to authenticated;

create function public.unblock_user(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.unblock_user(user_id); end $$;
comment on function public.unblock_user(uuid) is
  'Lifts the caller''s block of a member; does nothing when there is none. Errors: not_signed_in, user_inactive.';
grant execute on function public.unblock_user(uuid) to authenticated;
