-- Written by npm run db:build from supabase/schemas/users/: edit there.

-- schemas/users/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.languages() returns text[] language sql immutable set search_path = ''
  return array['de', 'en'];
comment on function private.languages() is 'Languages of mails and messages.';

create domain public.language as text constraint language_is_known check (value = any (private.languages()));
comment on domain public.language is 'Language of mails and messages.';

create function private.phone_sharings() returns text[] language sql immutable set search_path = ''
  return array['never', 'on_request', 'on_shared_tasks'];
comment on function private.phone_sharings() is
  'To whom a member shows the phone number: nobody, whom they allow it for each task, whoever they share a task with.';

create domain public.phone_sharing as text constraint phone_sharing_is_known
  check (value = any (private.phone_sharings()));
comment on domain public.phone_sharing is 'To whom a member shows the phone number.';

create function private.max_name_length() returns integer language sql immutable set search_path = '' return 255;
comment on function private.max_name_length() is 'Most characters of the name of a member or a place.';

create function private.max_bio_length() returns integer language sql immutable set search_path = '' return 2000;
comment on function private.max_bio_length() is 'Most characters of a bio.';

-- schemas/users/tables.sql

-- Room: users. Who the members are: public profile, private contact data, blocks and bans.

create table public.users (
  id                uuid primary key,
  name              text not null,
  avatar_path       text,
  bio               text,
  trust_score       numeric(3, 2) not null default 0,
  rating_average    numeric(3, 2) not null default 0,
  rating_count      integer not null default 0,
  is_email_verified boolean not null default false,
  is_phone_verified boolean not null default false,
  is_active         boolean not null default true,
  is_banned         boolean not null default false,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  constraint name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint name_is_visible check (private.is_visible(name)),
  constraint avatar_path_has_at_most_500_characters check (char_length(avatar_path) <= 500),
  constraint bio_has_at_most_2000_characters check (char_length(bio) <= 2000),
  constraint trust_score_is_between_0_and_5 check (trust_score between 0 and 5),
  constraint rating_average_is_between_0_and_5 check (rating_average between 0 and 5),
  constraint rating_count_is_not_negative check (rating_count >= 0)
) with (fillfactor = 85);

comment on table public.users is
  'What members may see of each other. Created by sign-up; the person''s login lives in auth.users under the same id.';
comment on column public.users.id is
  'The auth user''s id. No foreign key: deleting the login erases the person, the books stay.';
comment on column public.users.name is 'Display name, 1 to 255 characters.';
comment on column public.users.avatar_path is 'Path in the storage bucket avatars, in the member''s own folder.';
comment on column public.users.bio is 'A few words about oneself, at most 2000 characters.';
comment on column public.users.trust_score is '0.00 to 5.00, from ratings; 0 until rated.';
comment on column public.users.rating_average is 'Mean of visible ratings, 1 to 5; 0 until rated.';
comment on column public.users.rating_count is 'Number of visible ratings.';
comment on column public.users.is_email_verified is 'The login''s e-mail address is confirmed.';
comment on column public.users.is_phone_verified is 'The login''s phone number is confirmed.';
comment on column public.users.is_active is 'False once the account was deleted.';
comment on column public.users.is_banned is
  'True while banned: the member can read but not act. Set it with ops.ban_user(user_id, reason).';
comment on column public.users.created_at is 'Sign-up.';
comment on column public.users.updated_at is 'Last change of the profile.';

create index users_banned on public.users (id) where is_banned;

alter table public.users enable row level security;
create policy users_are_readable_by_members on public.users for select to authenticated using (true);

call private.grant_columns('public.users', 'authenticated, service_role');

create trigger users_set_updated_at before update on public.users
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table public.user_contacts (
  user_id       uuid primary key references public.users (id) on delete restrict,
  phone_number  text,
  address       text,
  latitude      double precision,
  longitude     double precision,
  home_location extensions.geography(point, 4326) generated always as
    (extensions.st_setsrid(extensions.st_makepoint(longitude, latitude), 4326)::extensions.geography) stored,
  neighbourhood_id uuid references public.neighbourhoods (id) on delete set null,
  updated_at    timestamptz not null default now(),
  constraint phone_number_has_at_most_50_characters check (char_length(phone_number) <= 50),
  constraint address_has_at_most_500_characters check (char_length(address) <= 500),
  constraint home_is_complete_or_absent check ((latitude is null) = (longitude is null)),
  constraint home_is_on_earth check (latitude between -90 and 90 and longitude between -180 and 180)
);

comment on table public.user_contacts is 'Contact data and exact home of a member; readable by the member alone.';
comment on column public.user_contacts.phone_number is
  'Phone number as typed, at most 50 characters; reveal_task_contact shows it as user_settings.phone_sharing says.';
comment on column public.user_contacts.address is 'Postal address, at most 500 characters.';
comment on column public.user_contacts.latitude is 'Exact home, WGS 84 degrees.';
comment on column public.user_contacts.longitude is 'Exact home, WGS 84 degrees.';
comment on column public.user_contacts.home_location is
  'Exact home as PostGIS geography, derived from latitude and longitude.';
comment on column public.user_contacts.neighbourhood_id is
  'Neighbourhood the home lies in, derived; null outside of all.';

create index user_contacts_by_neighbourhood on public.user_contacts (neighbourhood_id)
  where neighbourhood_id is not null;

alter table public.user_contacts enable row level security;
create policy user_contacts_are_readable_by_owner on public.user_contacts for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.user_contacts', 'authenticated, service_role');

create trigger user_contacts_set_updated_at before update on public.user_contacts
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table public.user_settings (
  user_id                 uuid primary key references public.users (id) on delete restrict,
  language                public.language not null default 'de',
  time_zone               text not null default private.default_time_zone(),
  phone_sharing           public.phone_sharing not null default 'on_request',
  show_on_leaderboard     boolean not null default false,
  is_open_to_suggestions  boolean not null default false,
  updated_at              timestamptz not null default now()
);

comment on table public.user_settings is
  'What a member chose about themselves; readable by the member alone. Changed with update_settings.';
comment on column public.user_settings.language is 'Language of mails and messages.';
comment on column public.user_settings.time_zone is
  'IANA time zone the member lives in, for example Europe/Berlin; quiet hours are meant in it.';
comment on column public.user_settings.phone_sharing is
  'Who is shown the phone number, while a task is shared: never anybody, on_request whom share_phone_number allows it '
  'for that task, on_shared_tasks everybody.';
comment on column public.user_settings.show_on_leaderboard is 'True: the member agreed to be shown on leaderboards.';
comment on column public.user_settings.is_open_to_suggestions is
  'True: the member agreed to be suggested as a helper to neighbours who ask for help.';

alter table public.user_settings enable row level security;
create policy user_settings_are_readable_by_owner on public.user_settings for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.user_settings', 'authenticated, service_role');

create trigger user_settings_set_updated_at before update on public.user_settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table public.user_blocks (
  blocker_id uuid not null references public.users (id) on delete restrict,
  blocked_id uuid not null references public.users (id) on delete restrict,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint nobody_blocks_themselves check (blocker_id <> blocked_id)
);

comment on table public.user_blocks is
  'Who does not want to deal with whom. Both sides stop seeing each other''s tasks; only the blocker can read the '
  'block.';
comment on column public.user_blocks.blocker_id is 'Member who blocks.';
comment on column public.user_blocks.blocked_id is 'Member who is blocked and never told.';

create index user_blocks_by_blocked on public.user_blocks (blocked_id);

alter table public.user_blocks enable row level security;
create policy user_blocks_are_readable_by_blocker on public.user_blocks for select to authenticated
  using (blocker_id = (select auth.uid()));

call private.grant_columns('public.user_blocks', 'authenticated, service_role');

create table public.user_bans (
  id        bigint generated always as identity primary key,
  user_id   uuid not null references public.users (id) on delete restrict,
  reason    text,
  banned_at timestamptz not null default now(),
  lifted_at timestamptz
);

comment on table public.user_bans is 'History of bans; the banned member may read the reason.';
comment on column public.user_bans.user_id is 'The banned member.';
comment on column public.user_bans.reason is 'Why, in words meant for the member.';
comment on column public.user_bans.banned_at is 'Start of the ban.';
comment on column public.user_bans.lifted_at is 'End of the ban; null while it holds.';

create index user_bans_by_user on public.user_bans (user_id);
create unique index user_has_one_ban_at_a_time on public.user_bans (user_id) where lifted_at is null;

alter table public.user_bans enable row level security;
create policy user_bans_are_readable_by_banned_member on public.user_bans for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.user_bans', 'authenticated, service_role');

-- schemas/users/admin.sql

create function ops.ban_user(user_id uuid, reason text)
returns public.user_bans
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(ban_user.reason, 'reason', 1, private.max_message_length(), true);
  v_ban    public.user_bans;
begin
  perform from public.users u where u.id = ban_user.user_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  -- the reason first: the audit log takes it from here
  update public.user_bans b set reason = v_reason where b.user_id = ban_user.user_id and b.lifted_at is null
  returning b.* into v_ban;
  if not found then
    insert into public.user_bans (user_id, reason) values (ban_user.user_id, v_reason) returning * into v_ban;
  end if;
  update public.users u set is_banned = true where u.id = ban_user.user_id;
  return v_ban;
end $$;
comment on function ops.ban_user(uuid, text) is
  'Bans a member, with a reason the member can read, and returns the ban. Their open tasks leave the search; they '
  'can read but not act. Repeating it changes the reason. Errors: user_not_found, text_blank, text_too_long.';
grant execute on function ops.ban_user(uuid, text) to service_role;

create function ops.unban_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.users u set is_banned = false where u.id = unban_user.user_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
end $$;
comment on function ops.unban_user(uuid) is 'Lifts a ban; open tasks return to the search. Errors: user_not_found.';
grant execute on function ops.unban_user(uuid) to service_role;

-- schemas/users/callers.sql

create function private.require_member()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me        uuid := auth.uid();
  v_is_active boolean;
begin
  select u.is_active into v_is_active from public.users u where u.id = v_me;
  -- whoever only looks around has a token, too, where a project allows anonymous sign-ins
  if not found or auth.jwt() ->> 'is_anonymous' = 'true' then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;
  return v_me;
end $$;
comment on function private.require_member() is
  'Id of the calling member, banned or not. Raises PT401 not_signed_in, PT403 user_inactive.';

create function private.require_active_user()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_user record;
begin
  select u.is_active, u.is_banned into v_user from public.users u where u.id = v_me;
  -- whoever only looks around has a token, too, where a project allows anonymous sign-ins
  if not found or auth.jwt() ->> 'is_anonymous' = 'true' then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_user.is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;
  if v_user.is_banned then
    raise exception using errcode = 'PT403', message = 'user_banned',
      hint = 'This account is banned; see user_bans for the reason.';
  end if;
  return v_me;
end $$;
comment on function private.require_active_user() is
  'Guard of every command: id of the calling member. Raises PT401 not_signed_in, PT403 user_inactive, PT403 '
  'user_banned.';

create function private.lock_member(user_id uuid, other_id uuid default null, may_be_banned boolean default false)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- in id order, as whoever locks the same two the other way round; a foreign key's lock would not do, it lets an
  -- erasure pass
  perform from public.users u where u.id in (lock_member.user_id, lock_member.other_id) order by u.id
  for no key update;
  perform case when may_be_banned then private.require_member() else private.require_active_user() end;
end $$;
comment on function private.lock_member(uuid, uuid, boolean) is
  'Locks the calling member''s row, so that commands that count what the member has done or promised run one after the '
  'other, and another member''s, about whom something is written: neither is erased meanwhile. Then asks again whether '
  'the caller may act, who may have been banned or deleted while this waited; raises like '
  'private.require_active_user, or private.require_member.';

create function private.lock_member_for_share(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  perform from public.users u where u.id = lock_member_for_share.user_id and u.is_active for share;
  if not found then  -- deleted while this command waited
    perform private.require_member();
  end if;
end $$;
comment on function private.lock_member_for_share(uuid) is
  'Keeps the calling member from being erased before what is written next. Raises like private.require_member.';

create function private.hidden_user_ids()
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  return array(
    select b.blocked_id from public.user_blocks b where b.blocker_id = v_me
    union
    select b.blocker_id from public.user_blocks b where b.blocked_id = v_me);
end $$;
comment on function private.hidden_user_ids() is
  'Members whose open tasks the caller does not see: blocked by, or blocking, the caller.';
grant execute on function private.hidden_user_ids() to authenticated;

create function private.are_blocked(one uuid, other uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$ begin
  -- in plpgsql, as all that a page calls for each row: a body in SQL that cannot be inlined is planned again and again
  return exists (select from public.user_blocks b where (b.blocker_id, b.blocked_id) in ((one, other), (other, one)));
end $$;
comment on function private.are_blocked(uuid, uuid) is 'Whether either of two members blocks the other.';

-- schemas/users/commands.sql

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

-- schemas/users/limits.sql

create table private.recent_actions (
  user_id    uuid not null references public.users (id) on delete restrict,
  limit_slug text not null,
  done_at    timestamptz[] not null,
  primary key (user_id, limit_slug)
);

comment on table private.recent_actions is
  'When members did what is limited for each day and leaves no rows to count, in the last 24 hours before they did it '
  'last. What is counted by its own rows is not here: tasks, places, suggestions.';
comment on column private.recent_actions.user_id is 'Who did it.';
comment on column private.recent_actions.limit_slug is 'The error that says it was done too often.';
comment on column private.recent_actions.done_at is 'One moment for each time, oldest first.';

alter table private.recent_actions enable row level security;

create function private.count_action(user_id uuid, slug text, daily_limit integer)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_count bigint;
begin
  -- the row is the lock: parallel calls count each other
  insert into private.recent_actions as a (user_id, limit_slug, done_at)
  values (count_action.user_id, count_action.slug, array[now()])
  on conflict on constraint recent_actions_pkey do update
    set done_at = array(select t.moment from unnest(a.done_at) t (moment) where t.moment > now() - interval '24 hours')
      || now()
  returning pg_catalog.cardinality(a.done_at) into v_count;
  perform private.check_daily_limit(v_count - 1, daily_limit, slug);
end $$;
comment on function private.count_action(uuid, text, integer) is
  'Notes that a member does something now that is limited for each day. Raises PT429 with this slug beyond the limit. '
  'Members before this row: whoever calls it for what is no row of a task or redemption holds the member''s.';

-- schemas/users/rules.sql

-- reading the list takes some 30 ms, which a sign-up with the usual zone does not wait for
create trigger user_settings_check_time_zone before insert on public.user_settings
  for each row when (new.time_zone is distinct from private.default_time_zone())
  execute function private.check_time_zone();
create trigger user_settings_check_changed_time_zone before update of time_zone on public.user_settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.check_time_zone();

create function private.find_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- most homes are unknown
  new.neighbourhood_id := case when new.latitude is not null then
    private.neighbourhood_at(new.latitude, new.longitude) end;
  return new;
end $$;
comment on function private.find_neighbourhood() is
  'Trigger on user_contacts: a member belongs to the neighbourhood their home lies in.';
create trigger user_contacts_find_neighbourhood before insert
  or update of latitude, longitude, neighbourhood_id on public.user_contacts
  for each row execute function private.find_neighbourhood();

create function private.find_members_of_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- the trigger on user_contacts looks again
  update public.user_contacts c set neighbourhood_id = null
  where c.neighbourhood_id = old.id
     or extensions.st_intersects(new.area, c.home_location::extensions.geometry);
  return null;
end $$;
comment on function private.find_members_of_neighbourhood() is
  'Trigger on neighbourhoods: when an area is drawn, redrawn or removed, homes in it find their neighbourhood again. '
  'Reads every home; areas change rarely.';
create trigger neighbourhoods_find_members after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_members_of_neighbourhood();

create function private.apply_ban()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.is_banned then
    insert into public.user_bans (user_id) values (new.id) on conflict (user_id) where lifted_at is null do nothing;
  else
    update public.user_bans set lifted_at = now() where user_id = new.id and lifted_at is null;
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values ((select auth.uid()), case when new.is_banned then 'banned' else 'unbanned' end, new.id,
    (select pg_catalog.jsonb_build_object('reason', b.reason) from public.user_bans b
     where b.user_id = new.id and b.lifted_at is null and b.reason is not null));
  return null;
end $$;
comment on function private.apply_ban() is
  'Trigger on users: keeps user_bans and the audit log complete, also when an admin edits is_banned in Studio.';
create trigger users_apply_ban after update of is_banned on public.users
  for each row when (old.is_banned <> new.is_banned) execute function private.apply_ban();

-- schemas/users/settings.sql

alter table private.settings
  add column block_limit_per_day integer not null default 100,
  add column consent_limit_per_day integer not null default 20,
  add constraint block_limit_per_day_is_not_negative check (block_limit_per_day >= 0),
  add constraint consent_limit_per_day_is_not_negative check (consent_limit_per_day >= 0);

comment on column private.settings.block_limit_per_day is
  'Most times a member may block somebody in 24 hours; lifting a block does not give it back.';
comment on column private.settings.consent_limit_per_day is
  'Most times a member may agree to be shown on leaderboards or to be suggested in 24 hours. Withdrawing is free.';

-- schemas/users/sign_up.sql

create function private.profile_names(profile jsonb)
returns setof text
language sql immutable set search_path = ''
as $$
  with texts as (
    -- a list or an object is no name
    select pg_catalog.jsonb_object_agg(p.key, p.value) as t
    from pg_catalog.jsonb_each_text(case pg_catalog.jsonb_typeof(profile) when 'object' then profile end) p
    where pg_catalog.jsonb_typeof(profile -> p.key) in ('string', 'number'))
  select n.name
  from texts, lateral (values
    (t ->> 'name'), (t ->> 'full_name'), (t ->> 'display_name'),
    (pg_catalog.concat_ws(' ', t ->> 'given_name', t ->> 'family_name')),
    (pg_catalog.concat_ws(' ', t ->> 'first_name', t ->> 'last_name')),
    -- often an e-mail address, which is nobody else's business
    (pg_catalog.regexp_replace(t ->> 'preferred_username', '@.*$', '')),
    (pg_catalog.regexp_replace(t ->> 'user_name', '@.*$', '')),
    (t ->> 'nickname')) n (name)
$$;
comment on function private.profile_names(jsonb) is
  'What profile data of a login says about the name, best first: as apps write it, and as sign-in providers do.';

create function private.member_name(auth_user jsonb)
returns text
language sql immutable set search_path = ''
as $$
  select coalesce(
    (select n.name
     from (
       select private.trim_text(pg_catalog.left(private.trim_text(pg_catalog.regexp_replace(c.name,
         '[' || private.space_characters() || private.control_characters() || ']+', ' ', 'g')),
         private.max_name_length())) as name, c.place
       from private.profile_names(auth_user -> 'raw_user_meta_data') with ordinality c (name, place)) n
     where private.is_visible(n.name)
     order by n.place limit 1),
    'Neighbour')
$$;
comment on function private.member_name(jsonb) is
  'Display name for a new member from the login''s free-form profile data: the first usable name, cut and cleaned; '
  'Neighbour when there is none. Never raises.';

create function private.login_phone(auth_user jsonb)
returns text
language sql immutable set search_path = ''
as $$
  -- Auth keeps numbers in digits alone
  select pg_catalog.left(pg_catalog.regexp_replace(nullif(auth_user ->> 'phone', ''), '^(?=[0-9])', '+'), 50)
$$;
comment on function private.login_phone(jsonb) is
  'Phone number of a login as people write it: with a plus. Null for none.';

create function private.create_member(auth_user jsonb)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_id       uuid := auth_user ->> 'id';
  v_language text := auth_user #>> '{raw_user_meta_data,language}';
  v_zone     text := auth_user #>> '{raw_user_meta_data,time_zone}';
begin
  insert into public.users (id, name, is_email_verified, is_phone_verified)
  values (v_id, private.member_name(auth_user),
          auth_user ->> 'email_confirmed_at' is not null, auth_user ->> 'phone_confirmed_at' is not null)
  on conflict (id) do nothing;
  if found then
    insert into public.user_contacts (user_id, phone_number) values (v_id, private.login_phone(auth_user));
    if v_language is not null or v_zone is not null then
      update public.user_settings s
      set language = case when v_language = any (private.languages()) then v_language else s.language end,
          time_zone = case when v_zone <> s.time_zone then coalesce(private.time_zone_named(v_zone), s.time_zone)
            else s.time_zone end
      where s.user_id = v_id;
    end if;
  end if;
end $$;
comment on function private.create_member(jsonb) is
  'Creates the member''s rows for a login, with the name, language and time zone that its profile data tell. Profile '
  'data cannot make it fail; an id that left stays empty.';

create function private.follow_login()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_old   jsonb;
  v_new   jsonb;
  v_phone text;
begin
  -- an import makes members before their logins, and an id that left stays empty
  if tg_op = 'INSERT' and exists (select from public.users u where u.id = new.id) then
    return null;
  end if;
  v_old := case when tg_op = 'UPDATE' then to_jsonb(old) end;
  v_new := to_jsonb(new);  -- not every Auth has all columns
  v_phone := private.login_phone(v_new);
  if v_new ->> 'is_anonymous' = 'true' or v_new ->> 'deleted_at' is not null then
    return null;
  end if;
  if v_old is null or v_old ->> 'is_anonymous' = 'true' then
    perform private.create_member(v_new);
    return null;
  end if;
  -- contact data before the member, as everywhere; a number that the member typed is theirs to change
  if v_phone is distinct from private.login_phone(v_old) then
    update public.user_contacts c set phone_number = v_phone, updated_at = now()
    where c.user_id = new.id and c.phone_number is not distinct from private.login_phone(v_old);
  end if;
  update public.users u
  set is_email_verified = v_new ->> 'email_confirmed_at' is not null,
      is_phone_verified = v_new ->> 'phone_confirmed_at' is not null
  where u.id = new.id and u.is_active
    and (u.is_email_verified, u.is_phone_verified) is distinct from
        (v_new ->> 'email_confirmed_at' is not null, v_new ->> 'phone_confirmed_at' is not null);
  return null;
end $$;
comment on function private.follow_login() is
  'Trigger on auth.users: creates the member at sign-up, of an anonymous login not before it becomes permanent; keeps '
  'the verification badges and the login''s phone number current.';
create trigger member_follows_login after insert or update on auth.users
  for each row execute function private.follow_login();

create function private.create_settings()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.user_settings (user_id) select m.id from new_members m;
  return null;
end $$;
comment on function private.create_settings() is 'Trigger on users: every member has settings from the start.';
create trigger users_get_settings after insert on public.users referencing new table as new_members
  for each statement execute function private.create_settings();
