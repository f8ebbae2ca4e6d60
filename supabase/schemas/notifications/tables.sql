-- Room: notifications. Who is told what: the inbox of each member, what of it leaves by e-mail and push, and when.
-- Written by triggers within the transaction of the event, as one narrow row: no text, no look at preferences. Texts
-- are made when somebody reads, preferences are looked at when something is to leave the house. Lock order:
-- everything else -> users -> notification_settings -> notifications -> notification_deliveries. Jobs wait for
-- nobody.

create table public.notification_types (
  type             public.notification_type_name primary key,
  told_when        text not null,
  title_de         text not null,
  title_en         text not null,
  body_de          text not null,
  body_en          text not null,
  past_de          text,
  past_en          text,
  in_app_default   boolean not null default true,
  email_default    boolean not null default false,
  web_push_default boolean not null default true,
  constraint notification_texts_are_not_blank check (private.is_visible(title_de) and private.is_visible(title_en)
    and private.is_visible(body_de) and private.is_visible(body_en)
    and private.is_visible(past_de) and private.is_visible(past_en)),
  constraint notification_pasts_are_in_both_languages check (num_nulls(past_de, past_en) <> 1),
  constraint notification_titles_have_one_line check (title_de || title_en !~ '[\r\n]'),
  constraint notification_placeholders_are_known check (
    regexp_replace(concat_ws(' ', title_de, title_en, body_de, body_en, past_de, past_en),
      '\{(task|actor|points|score|reward|days|left|changes)\}|'
      '\{(points|days), plural, one \{[^{}]*\} other \{[^{}]*\}\}', '', 'g')
    !~ '[{}]')
);

comment on table public.notification_types is
  'Catalogue of what members are told, with its texts. Edit texts and defaults in Studio; they hold at once, also '
  'for what was told before.';
comment on column public.notification_types.type is 'Stable name used by the API, for example offer_received.';
comment on column public.notification_types.told_when is
  'Who is told, and when, in English, for admins and the page docs/notification-types.md.';
comment on column public.notification_types.title_de is
  'German title. Placeholders: {task} {actor} {score} {reward} {points} {days} {left} (how long it still lasts, or '
  'until it starts) {changes} (what of the task), and by number {points, plural, one {# Punkt} other {# Punkte}}, '
  '{days, plural, …}.';
comment on column public.notification_types.title_en is 'English title, with the same placeholders.';
comment on column public.notification_types.body_de is 'German text, with the same placeholders.';
comment on column public.notification_types.body_en is 'English text, with the same placeholders.';
comment on column public.notification_types.past_de is
  'German text once it is over (the code used, the task given away); null: the text stays. What is over is not sent.';
comment on column public.notification_types.past_en is 'English text once it is over.';
comment on column public.notification_types.in_app_default is
  'Whether it shows in the inbox of members who did not choose.';
comment on column public.notification_types.email_default is 'Whether it goes by e-mail to members who did not choose.';
comment on column public.notification_types.web_push_default is
  'Whether it is pushed to the devices of members who did not choose.';

alter table public.notification_types enable row level security;
create policy notification_types_are_readable_by_everyone on public.notification_types
  for select to anon, authenticated using (true);

call private.grant_columns('public.notification_types', 'anon, authenticated, service_role');

-- no foreign keys: each would lock and look up a row, some of them hot ones, in every command that tells somebody
-- something
create table public.notifications (
  id            bigint generated always as identity,
  user_id       uuid not null,
  type          public.notification_type_name not null,
  task_id       uuid,
  offer_id      uuid,
  rating_id     uuid,
  redemption_id uuid,
  actor_id      uuid,
  dedupe_key    text,
  created_at    timestamptz not null default now(),
  read_at       timestamptz,
  queued_at     timestamptz,
  primary key (user_id, id)
);

comment on table public.notifications is
  'Inbox of each member: what happened that concerns them. Readable by the member alone; list_notifications gives it '
  'with its texts. Forgotten after notification_retention_days.';
comment on column public.notifications.type is 'What, in notification_types.';
comment on column public.notifications.rating_id is 'The revealed rating it is about; null for none.';
comment on column public.notifications.actor_id is 'Member who did it; null for the system.';
comment on column public.notifications.dedupe_key is
  'Told once per member and key; null for what happens only once by itself.';
comment on column public.notifications.read_at is 'When the member read it; null while unread.';
comment on column public.notifications.queued_at is 'When it was decided which deliveries it needs; null until then.';

-- Few, because every command that tells somebody something writes them: beside the key, which serves the inbox, two
-- small ones. That of the age is written by the job that queues, not by the command.
create index notifications_unread on public.notifications (user_id, id) where read_at is null;
create index notifications_to_queue on public.notifications (id) where queued_at is null;
create index notifications_by_age on public.notifications (queued_at) where queued_at is not null;
create unique index member_is_told_once on public.notifications (user_id, dedupe_key) where dedupe_key is not null;

alter table public.notifications enable row level security;
create policy notifications_are_readable_by_owner on public.notifications for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.notifications', 'authenticated, service_role');

create table public.notification_preferences (
  user_id    uuid not null references public.users (id) on delete restrict,
  type       public.notification_type_name not null references public.notification_types (type)
    on update cascade on delete cascade,
  channel    public.notification_channel not null,
  is_enabled boolean not null,
  primary key (user_id, type, channel)
);

comment on table public.notification_preferences is
  'What a member chose to be told over which channel; where there is no row, the type''s default holds. Changed with '
  'set_notification_preference.';
comment on column public.notification_preferences.type is 'What.';
comment on column public.notification_preferences.channel is 'Over what.';
comment on column public.notification_preferences.is_enabled is 'Whether it is wanted.';

create index notification_preferences_by_type on public.notification_preferences (type);

alter table public.notification_preferences enable row level security;
create policy notification_preferences_are_readable_by_owner on public.notification_preferences
  for select to authenticated using (user_id = (select auth.uid()));

call private.grant_columns('public.notification_preferences', 'authenticated, service_role');

create table public.notification_settings (
  user_id             uuid primary key references public.users (id) on delete restrict,
  quiet_from          time,
  quiet_until         time,
  digest              public.notification_digest not null default 'none',
  is_email_enabled    boolean not null default true,
  is_web_push_enabled boolean not null default true,
  next_digest_at      timestamptz,
  digested_id         bigint not null default 0,
  updated_at          timestamptz not null default now(),
  constraint quiet_hours_have_two_ends check
    ((quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until),
  constraint digest_has_a_date check ((digest = 'none') = (next_digest_at is null))
);

comment on table public.notification_settings is
  'When and how a member wants to be told; no row before the first change, then the defaults hold. Changed with '
  'update_notification_settings.';
comment on column public.notification_settings.quiet_from is
  'Start of the quiet hours in the member''s time zone; null for none. May lie after quiet_until: over midnight.';
comment on column public.notification_settings.quiet_until is 'End of the quiet hours, when what waited is sent.';
comment on column public.notification_settings.digest is
  'none: an e-mail for each notification; weekly: one e-mail on Monday morning with what is unread.';
comment on column public.notification_settings.is_email_enabled is 'False: no e-mails at all.';
comment on column public.notification_settings.is_web_push_enabled is 'False: nothing is pushed.';
comment on column public.notification_settings.next_digest_at is 'When the next digest is made; null without digest.';
comment on column public.notification_settings.digested_id is 'Newest notification that an earlier digest covered.';

create index notification_settings_by_digest on public.notification_settings (next_digest_at)
  where next_digest_at is not null;

alter table public.notification_settings enable row level security;
create policy notification_settings_are_readable_by_owner on public.notification_settings for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.notification_settings', 'authenticated, service_role');

create table private.push_subscriptions (
  id         bigint generated always as identity primary key,
  user_id    uuid not null references public.users (id) on delete restrict,
  endpoint   text not null,
  p256dh     text not null,
  auth       text not null,
  created_at timestamptz not null default now(),
  refused_at timestamptz,
  refused_reason text,
  constraint device_belongs_to_one_member unique (endpoint)
);

comment on table private.push_subscriptions is
  'Devices that receive pushes, at most 10 a member. Secret: whoever knows endpoint and keys can write to the device.';
comment on column private.push_subscriptions.id is 'Identity; never used again.';
comment on column private.push_subscriptions.endpoint is 'Address at the browser''s push service.';
comment on column private.push_subscriptions.p256dh is 'The device''s public key, base64url.';
comment on column private.push_subscriptions.auth is 'The secret shared with the device, base64url.';
comment on column private.push_subscriptions.created_at is 'When it was saved last.';
comment on column private.push_subscriptions.refused_at is
  'When its push service refused us for good; nothing is sent to it until it is saved again.';
comment on column private.push_subscriptions.refused_reason is 'What the push service said.';

create index push_subscriptions_by_user on private.push_subscriptions (user_id, created_at);

alter table private.push_subscriptions enable row level security;

-- no foreign key: it would lock the member after a delivery, and an erasure comes the other way
create table private.refused_mailboxes (
  user_id    uuid primary key,
  address    text not null,
  refused_at timestamptz not null default now(),
  reason     text not null
);

comment on table private.refused_mailboxes is
  'E-mail addresses that do not exist, as their mail servers say. Nothing is sent there until the login has another '
  'address or the member switches e-mails on again.';
comment on column private.refused_mailboxes.address is 'The address, in lower case.';
comment on column private.refused_mailboxes.refused_at is 'When it was refused.';
comment on column private.refused_mailboxes.reason is 'What the mail server said.';

alter table private.refused_mailboxes enable row level security;

create table private.notification_deliveries (
  id              bigint generated always as identity primary key,
  user_id         uuid not null references public.users (id) on delete restrict,
  notification_id bigint,
  channel         text not null,
  kind            text not null default 'single',
  subscription_id bigint,
  after_id        bigint,
  waiting_before  smallint not null default 0,
  status          text not null default 'pending',
  attempts        integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error      text,
  sent_at         timestamptz,
  created_at      timestamptz not null default now(),
  foreign key (user_id, notification_id) references public.notifications (user_id, id) on delete cascade,
  constraint delivery_channel_is_known check (channel in ('email', 'web_push')),
  constraint delivery_status_is_known check (status in ('pending', 'sent', 'dead')),
  constraint delivery_goes_somewhere check ((channel = 'web_push') = (subscription_id is not null)),
  constraint delivery_has_its_content check (
    (kind = 'single' and notification_id is not null and after_id is null)
    or (kind = 'digest' and channel = 'email' and notification_id is null and after_id is not null))
) with (fillfactor = 70);

comment on table private.notification_deliveries is
  'Outbox: what is to leave by e-mail or push. Filled by ops.run_due_jobs, emptied by the edge function '
  'send-notifications, forgotten after outbox_retention_days.';
comment on column private.notification_deliveries.notification_id is 'The notification; null for a digest.';
comment on column private.notification_deliveries.channel is 'email, web_push.';
comment on column private.notification_deliveries.kind is 'single, digest.';
comment on column private.notification_deliveries.subscription_id is 'Device of a push; it may be gone by now.';
comment on column private.notification_deliveries.after_id is 'A digest covers the notifications after this one.';
comment on column private.notification_deliveries.waiting_before is
  'How many of the member waited on the channel when it came, at most 15: first come the first ones of everybody.';
comment on column private.notification_deliveries.status is 'pending, sent, dead (given up; last_error says why).';
comment on column private.notification_deliveries.attempts is 'Attempts so far; names the attempt under way.';
comment on column private.notification_deliveries.next_attempt_at is
  'When it is due; while somebody sends it, when their lease ends.';
comment on column private.notification_deliveries.last_error is 'Why the last attempt failed.';

create unique index notification_leaves_once on private.notification_deliveries
  (user_id, notification_id, channel, coalesce(subscription_id, 0))
  where notification_id is not null;
create index notification_deliveries_by_user on private.notification_deliveries (user_id);
create index notification_deliveries_due
  on private.notification_deliveries (channel, waiting_before, next_attempt_at, id)
  where status = 'pending';
create index notification_deliveries_waiting on private.notification_deliveries (user_id, channel)
  where status = 'pending';
create index notification_deliveries_by_age on private.notification_deliveries (created_at);

alter table private.notification_deliveries enable row level security;
