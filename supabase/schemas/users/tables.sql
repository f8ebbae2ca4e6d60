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
