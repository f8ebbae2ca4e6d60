-- Written by npm run db:build from supabase/schemas/notifications/: edit there.

-- schemas/notifications/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.notification_type_name as text;
comment on domain public.notification_type_name is 'What a member is told: a row of notification_types.';

create function private.notification_channels() returns text[] language sql immutable set search_path = ''
  return array['in_app', 'email', 'web_push'];
comment on function private.notification_channels() is 'Ways a notification reaches a member.';

create domain public.notification_channel as text
  constraint channel_is_known check (value = any (private.notification_channels()));
comment on domain public.notification_channel is 'Way a notification reaches a member.';

create function private.notification_digests() returns text[] language sql immutable set search_path = ''
  return array['none', 'weekly'];
comment on function private.notification_digests() is 'How often what is unread comes together in one e-mail.';

create domain public.notification_digest as text
  constraint digest_is_known check (value = any (private.notification_digests()));
comment on domain public.notification_digest is 'How often what is unread comes together in one e-mail.';

create function private.max_endpoint_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_endpoint_length() is 'Most characters of the address of a push subscription.';

-- schemas/notifications/settings.sql

alter table private.settings
  add column notification_retention_days integer not null default 365,
  add constraint notification_retention_days_is_between_30_and_3650 check
    (notification_retention_days between 30 and 3650),
  add constraint notifications_stay_as_long_as_their_deliveries check
    (notification_retention_days >= outbox_retention_days);

comment on column private.settings.notification_retention_days is
  'Days after which a notification is forgotten, read or not. At least outbox_retention_days.';

-- schemas/notifications/tables.sql

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

-- schemas/notifications/addresses.sql

create function private.is_mailbox_refused(user_id uuid)
returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from private.refused_mailboxes m join auth.users a on a.id = m.user_id
    where m.user_id = is_mailbox_refused.user_id and m.address = pg_catalog.lower(a.email))
$$;
comment on function private.is_mailbox_refused(uuid) is 'Whether the e-mail address that a member has now was refused.';

create function private.list_notification_addresses()
returns table (channel public.notification_channel, address text, saved_at timestamptz, refused_at timestamptz,
  refused_reason text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  return query
    select w.channel::public.notification_channel, w.address::text, w.saved_at, w.refused_at, w.reason
    from (
      select 'email', a.email, a.email_confirmed_at, m.refused_at, m.reason
      from auth.users a
      left join private.refused_mailboxes m on m.user_id = a.id and m.address = pg_catalog.lower(a.email)
      where a.id = v_me and a.email_confirmed_at is not null
      union all
      select 'web_push', s.endpoint, s.created_at, s.refused_at, s.refused_reason
      from private.push_subscriptions s where s.user_id = v_me) w (channel, address, saved_at, refused_at, reason)
    where w.address is not null order by w.channel, w.saved_at desc, w.address;
end $$;
grant execute on function private.list_notification_addresses() to authenticated;

create function public.list_notification_addresses()
returns table (channel public.notification_channel, address text, saved_at timestamptz, refused_at timestamptz,
  refused_reason text)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.list_notification_addresses(); end $$;
comment on function public.list_notification_addresses() is
  'Where the caller''s notifications go: the confirmed e-mail address and the endpoints of devices, with when and '
  'why one was refused for good; nothing is sent there then. May be null: refused_at, refused_reason. Errors: '
  'not_signed_in, user_inactive.';
grant execute on function public.list_notification_addresses() to authenticated;

-- schemas/notifications/admin.sql

create view ops.notification_outbox with (security_invoker = true) as
select d.channel, d.kind,
  count(*) filter (where d.status = 'pending') as pending,
  count(*) filter (where d.status = 'pending' and d.next_attempt_at <= now()) as due,
  min(d.next_attempt_at) filter (where d.status = 'pending' and d.next_attempt_at <= now()) as oldest_due_at,
  count(*) filter (where d.status = 'sent') as sent,
  max(d.sent_at) as last_sent_at,
  count(*) filter (where d.status = 'dead') as dead,
  (pg_catalog.array_agg(d.last_error order by d.id desc) filter (where d.last_error is not null))[1] as last_error
from private.notification_deliveries d
group by d.channel, d.kind;

comment on view ops.notification_outbox is
  'How e-mails and pushes are doing, for Studio: what waits, what was sent and what was given up, as far '
  'back as outbox_retention_days.';
comment on column ops.notification_outbox.channel is 'email, web_push.';
comment on column ops.notification_outbox.kind is 'single, digest.';
comment on column ops.notification_outbox.pending is 'Waiting, for their time or after a failure.';
comment on column ops.notification_outbox.due is 'Waiting although their time has come, or being sent right now.';
comment on column ops.notification_outbox.oldest_due_at is
  'Since when the oldest of these is due; long ago means that nobody sends.';
comment on column ops.notification_outbox.sent is 'Sent.';
comment on column ops.notification_outbox.dead is 'Given up.';
comment on column ops.notification_outbox.last_error is 'Why the newest one that failed did.';

create function ops.retry_notification_deliveries(channel text)
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.check_channel(retry_notification_deliveries.channel);
  perform from private.notification_deliveries d
  where d.status = 'dead' and d.channel = retry_notification_deliveries.channel
    and d.created_at > now() - private.give_up_after()
  order by d.id for no key update;
  update private.notification_deliveries d
  set status = 'pending', attempts = 0, next_attempt_at = now(), last_error = null
  where d.status = 'dead' and d.channel = retry_notification_deliveries.channel
    and d.created_at > now() - private.give_up_after();
  get diagnostics v_count = row_count;
  -- what was refused meanwhile may have been refused by mistake
  perform from private.push_subscriptions s
  where retry_notification_deliveries.channel = 'web_push' and s.refused_at > now() - private.give_up_after()
  order by s.id for no key update;
  update private.push_subscriptions s set refused_at = null, refused_reason = null
  where retry_notification_deliveries.channel = 'web_push' and s.refused_at > now() - private.give_up_after();
  perform from private.refused_mailboxes m
  where retry_notification_deliveries.channel = 'email' and m.refused_at > now() - private.give_up_after()
  order by m.user_id for update;
  delete from private.refused_mailboxes m
  where retry_notification_deliveries.channel = 'email' and m.refused_at > now() - private.give_up_after();
  return v_count;
end $$;
comment on function ops.retry_notification_deliveries(text) is
  'Sends once more what was given up in the last 3 days on a channel, for example after the mail server or the VAPID '
  'keys were mended, also to devices and mailboxes that were refused in this time. '
  'Returns how many. Errors: channel_invalid.';
grant execute on function ops.retry_notification_deliveries(text) to service_role;

-- schemas/notifications/delivery.sql

create function private.text_to_send(notification public.notifications)
returns text
language sql stable set search_path = ''
as $$
  select private.first_unread_text(notification.user_id, notification.offer_id)
  where notification.type = 'message_received' and exists (
    select from public.message_settings s where s.user_id = notification.user_id and s.show_text)
$$;
comment on function private.text_to_send(public.notifications) is
  'The words of a message, for members who chose to have them in pushes and e-mails; else null.';

create function private.delivery_json(delivery private.notification_deliveries)
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_language      text;
  v_name          text;
  v_email         text;
  v_subscription  jsonb;
  v_notifications jsonb;
begin
  -- who gave no name is called what such members are called
  select s.language, nullif(u.name, private.member_name('{}')) into v_language, v_name
  from public.users u join public.user_settings s on s.user_id = u.id
  where u.id = delivery.user_id and u.is_active and not u.is_banned;
  if not found then
    return null;
  end if;
  if delivery.channel = 'email' then
    -- a login that Auth has deleted softly or banned gets no mail; not every Auth has these columns
    select a.email into v_email
    from auth.users a cross join lateral (select to_jsonb(a) as login) j
    where a.id = delivery.user_id and a.email_confirmed_at is not null and j.login ->> 'deleted_at' is null
      and not private.is_mailbox_refused(delivery.user_id)
      and coalesce((j.login ->> 'banned_until')::timestamptz <= now(), true);
    if v_email is null then
      return null;
    end if;
  else
    select pg_catalog.jsonb_build_object('endpoint', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth) into v_subscription
    from private.push_subscriptions s
    where s.id = delivery.subscription_id and s.user_id = delivery.user_id and s.refused_at is null;
    if not found then
      return null;
    end if;
  end if;
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', n.id, 'type', n.type,
    'title', case v_language when 'de' then t.title_de else t.title_en end,
    'body', coalesce(private.text_to_send(n), case v_language when 'de' then t.body_de else t.body_en end),
    'task_id', n.task_id, 'offer_id', n.offer_id, 'redemption_id', n.redemption_id, 'created_at', n.created_at)
    order by n.id desc)
  into v_notifications
  from (
    select o.id from public.notifications o
    where o.user_id = delivery.user_id and o.read_at is null
      and case delivery.kind when 'single' then o.id = delivery.notification_id else o.id > delivery.after_id end
      and private.wants_notification(o.user_id, o.type, delivery.channel)
    order by o.id desc limit 20) w
  join public.notifications n on n.user_id = delivery.user_id and n.id = w.id
  cross join lateral private.notification_texts(n) t
  -- nobody is called to the door for somebody they do not want, or cannot, have to do with
  where (t.actor_id is not null
      or n.type not in ('offer_received', 'offer_renewed', 'offer_revived', 'task_changed', 'message_received'))
    and not private.is_over(n);
  if v_notifications is null then
    return null;
  end if;
  return pg_catalog.jsonb_build_object('id', delivery.id, 'attempt', delivery.attempts, 'channel', delivery.channel,
    'kind', delivery.kind, 'user_id', delivery.user_id, 'language', v_language, 'name',
    case delivery.channel when 'email' then v_name end, 'to', v_email, 'subscription', v_subscription,
    'notifications', v_notifications);
end $$;
comment on function private.delivery_json(private.notification_deliveries) is
  'What an edge function needs to send a delivery, or null when there is nothing left to send: read meanwhile, over, '
  'switched off, device or address gone or refused, member banned or deleted. A digest carries the newest 20.';

create function private.is_last_attempt(attempt integer)
returns boolean
language sql immutable set search_path = ''
as $$ select attempt >= 8 $$;
comment on function private.is_last_attempt(integer) is
  'Whether a delivery is given up after this attempt: with a first delay of 30 seconds that is after about nine hours.';

create function private.most_waiting()
returns smallint
language sql immutable set search_path = ''
as $$ select 15::smallint $$;
comment on function private.most_waiting() is 'Who has so many waiting has many: they are counted no further.';

create function private.count_waiting(user_id uuid, channel text, already bigint default 0)
returns smallint
language sql stable set search_path = ''
as $$
  select least(private.most_waiting(), already + (select count(*) from (
    select from private.notification_deliveries d
    where d.user_id = count_waiting.user_id and d.channel = count_waiting.channel and d.status = 'pending'
    limit private.most_waiting()) w))::smallint
$$;
comment on function private.count_waiting(uuid, text, bigint) is
  'How many deliveries wait for a member on a channel, at most 15, with those that are just being added.';

create function private.addressees(deliveries private.notification_deliveries[])
returns private.addressee[]
language sql stable set search_path = ''
as $$
  select coalesce(pg_catalog.array_agg(row(d.channel, d.user_id, case d.channel
    when 'email' then pg_catalog.split_part(pg_catalog.lower(a.email), '@', -1)
    else private.host_of(s.endpoint) end)::private.addressee order by d.ordinality), '{}')
  from pg_catalog.unnest(deliveries) with ordinality d
  left join auth.users a on d.channel = 'email' and a.id = d.user_id
  left join private.push_subscriptions s on s.id = d.subscription_id
$$;
comment on function private.addressees(private.notification_deliveries[]) is
  'The member and the mail domain or push service of each delivery, in their order.';

create function public.claim_notification_deliveries(batch integer default 50,
  channels text[] default array['email', 'web_push'], under_way bigint[] default '{}')
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_look      constant integer := 200;
  v_patience  constant timestamptz := pg_catalog.clock_timestamp() + interval '500 milliseconds';
  v_batch     integer := greatest(1, least(200, coalesce(batch, 50)));
  v_under_way private.addressee[] := private.addressees(array(select d from private.notification_deliveries d
    where d.id = any (claim_notification_deliveries.under_way)));
  v_lanes     text[] := array(select c || ' ' || t from pg_catalog.unnest(channels) c,
    pg_catalog.generate_series(0, private.most_waiting()) t order by t, c);
  v_due       record;
  v_delivery  private.notification_deliveries;
  v_is_over   boolean;
  v_open_at   timestamptz;
  v_json      jsonb;
  v_claimed   jsonb := pg_catalog.jsonb_build_array();
  v_has_moved boolean := true;
begin
  -- again while all that was due is pointless or has to wait, but not for long: the next call goes on
  while v_has_moved and pg_catalog.jsonb_array_length(v_claimed) = 0 and pg_catalog.clock_timestamp() < v_patience loop
    v_has_moved := false;
    for v_due in
      with due as materialized (
        select d as delivery, pg_catalog.row_number() over () as turn
        from private.lock_due(null::private.notification_deliveries, 'q.status = ''pending'' '
            'and q.channel = split_part(l.lane, '' '', 1) '
            'and q.waiting_before = split_part(l.lane, '' '', 2)::smallint',
          v_lanes, array(select c_look from pg_catalog.unnest(v_lanes)), c_look) d
      )
      select due.delivery, a.channel, a.host, a.is_admitted, a.put_back_until
      from due join private.admit(private.addressees(array(select d.delivery from due d order by d.turn)),
        v_under_way, v_batch) a on a.turn = due.turn
      where a.is_admitted or a.put_back_until is not null order by a.turn
    loop
      v_has_moved := true;
      v_delivery := v_due.delivery;
      if not v_due.is_admitted then
        update private.notification_deliveries d
        set next_attempt_at = v_due.put_back_until, waiting_before = private.most_waiting() where d.id = v_delivery.id;
        continue;
      end if;
      v_open_at := private.may_be_sent_at(v_delivery.user_id, now());
      v_is_over := private.is_last_attempt(v_delivery.attempts);
      v_delivery.attempts := v_delivery.attempts + 1;
      v_json := private.delivery_json(v_delivery);
      if v_is_over then  -- the last attempt never said how it ended
        update private.notification_deliveries d
        set status = 'dead', last_error = coalesce(d.last_error, 'no result')
        where d.id = v_delivery.id;
      elsif v_json is null then
        delete from private.notification_deliveries d where d.id = v_delivery.id;
      elsif v_open_at > now() then
        update private.notification_deliveries d set next_attempt_at = v_open_at where d.id = v_delivery.id;
      else
        update private.notification_deliveries d
        set attempts = v_delivery.attempts, next_attempt_at = now() + private.lease_length()
        where d.id = v_delivery.id;
        -- a host that let others wait in vain is waited for half as long
        v_claimed := v_claimed || (v_json || pg_catalog.jsonb_build_object('time_limit_ms', case when exists (
          select from private.outbox_hosts h where h.channel = v_due.channel and h.host = v_due.host
            and h.slow_streak > 0) then 5000 else 10000 end));
      end if;
    end loop;
  end loop;
  return v_claimed;
end $$;
comment on function public.claim_notification_deliveries(integer, text[], bigint[]) is
  'For the edge function send-notifications: due deliveries of these channels, each leased for 60 seconds and with '
  'all that is needed to send it. With what the caller has under way already, members and hosts get their share of '
  'the slots. Empty means that nothing is due, or no slot free for it. Say how each ended with '
  'record_notification_deliveries.';
grant execute on function public.claim_notification_deliveries(integer, text[], bigint[]) to service_role, app_service;

create function private.remember_refusals(
  gone private.notification_deliveries[], refused private.notification_deliveries[])
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: senders may have refusals of the same devices and mailboxes
  perform from private.push_subscriptions s
  where s.id in (select r.subscription_id from pg_catalog.unnest(gone || refused) r)
  order by s.id for update;
  delete from private.push_subscriptions s
  where s.id in (select g.subscription_id from pg_catalog.unnest(gone) g);
  update private.push_subscriptions s set refused_at = now(), refused_reason = r.last_error
  from pg_catalog.unnest(refused) r where s.id = r.subscription_id;
  insert into private.refused_mailboxes as m (user_id, address, reason)
  select distinct on (a.id) a.id, pg_catalog.lower(a.email), r.last_error
  from pg_catalog.unnest(refused) r join auth.users a on a.id = r.user_id
  where r.channel = 'email' order by a.id, r.id desc
  on conflict on constraint refused_mailboxes_pkey do update
    set address = excluded.address, refused_at = now(), reason = excluded.reason;
end $$;
comment on function private.remember_refusals(
  private.notification_deliveries[], private.notification_deliveries[]) is
  'Forgets devices that are gone, and ends deliveries to devices and mailboxes that were refused for good.';

create function public.record_notification_deliveries(results jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_result  record;
  v_done    private.notification_deliveries;
  v_all     private.notification_deliveries[] := '{}';
  v_targets text[] := '{}';
  v_is_slow boolean[] := '{}';
  v_is_sent boolean[] := '{}';
  v_gone    private.notification_deliveries[] := '{}';
  v_refused private.notification_deliveries[] := '{}';
  v_status  text;
  v_sent    integer := 0;
  v_retried integer := 0;
  v_dead    integer := 0;
begin
  for v_result in
    select r.id, r.attempt, r.outcome, pg_catalog.left(r.error, 500) as error, r.duration_ms
    from pg_catalog.jsonb_to_recordset(results)
      r (id bigint, attempt integer, outcome text, error text, duration_ms integer)
    order by r.id
  loop
    case v_result.outcome
      when 'sent' then v_status := 'sent';
      when 'retry', 'denied' then
        v_status := case when private.is_last_attempt(v_result.attempt) then 'dead' else 'pending' end;
      when 'gone', 'rejected', 'refused' then v_status := 'dead';
    end case;
    -- fence: whoever was too slow and lost the delivery to another attempt says nothing about that one
    update private.notification_deliveries d
    set status = v_status, sent_at = case when v_status = 'sent' then now() end,
        next_attempt_at = case when v_status = 'pending'
          then now() + private.retry_delay(d.attempts, interval '30 seconds') else d.next_attempt_at end,
        last_error = case when v_status = 'sent' then null when v_result.outcome = 'retry' then v_result.error
          else coalesce(v_result.error, v_result.outcome) end
    where d.id = v_result.id and d.status = 'pending' and d.attempts = v_result.attempt
    returning d.* into v_done;
    continue when not found;
    v_all := v_all || v_done;
    v_targets := v_targets || coalesce(v_done.subscription_id::text, v_done.user_id::text);
    v_is_slow := v_is_slow || private.is_slow(v_result.duration_ms);
    v_is_sent := v_is_sent || (v_status = 'sent');
    case v_status
      when 'sent' then v_sent := v_sent + 1;
      when 'pending' then v_retried := v_retried + 1;
      else v_dead := v_dead + 1;
    end case;
    if v_result.outcome = 'gone' then
      v_gone := v_gone || v_done;
    elsif v_result.outcome = 'refused' or v_result.outcome = 'denied' and v_status = 'dead' then
      v_refused := v_refused || v_done;
    end if;
  end loop;
  perform private.remember_refusals(v_gone, v_refused);
  perform private.remember_hosts(array(
    select row(v.channel, v.host, v.target, v.is_slow, v.is_sent)::private.visit
    from rows from (pg_catalog.unnest(private.addressees(v_all)), pg_catalog.unnest(v_targets),
      pg_catalog.unnest(v_is_slow), pg_catalog.unnest(v_is_sent))
      v (channel, owner_id, host, target, is_slow, is_sent)));
  return pg_catalog.jsonb_build_object('sent', v_sent, 'retried', v_retried, 'dead', v_dead);
end $$;
comment on function public.record_notification_deliveries(jsonb) is
  'For the edge function send-notifications: how claimed deliveries ended, as [{id, attempt, outcome, error, '
  'duration_ms}] with outcome sent, retry (later, dead after 8 attempts), denied (the same, and then refused), '
  'gone (the device is forgotten), refused (nothing more is sent to the device or mailbox) or rejected. What '
  'another attempt has taken over meanwhile is left out. Returns {sent, retried, dead}.';
grant execute on function public.record_notification_deliveries(jsonb) to service_role, app_service;

create function private.queue_notification(notification public.notifications)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_member record;
  v_at     timestamptz;
begin
  select u.is_active, u.is_banned into v_member from public.users u where u.id = notification.user_id;
  if not v_member.is_active then  -- told by a deadline after the member left: nobody reads it
    delete from public.notifications n where n.user_id = notification.user_id and n.id = notification.id;
    return;
  end if;
  if notification.read_at is null and not v_member.is_banned then
    v_at := private.may_be_sent_at(notification.user_id, now());
    if private.wants_notification(notification.user_id, notification.type, 'email')
       and not private.is_mailbox_refused(notification.user_id)
       and not exists (select from public.notification_settings s
         where s.user_id = notification.user_id and s.digest <> 'none') then
      insert into private.notification_deliveries (user_id, notification_id, channel, waiting_before, next_attempt_at)
      values (notification.user_id, notification.id, 'email',
        private.count_waiting(notification.user_id, 'email'), v_at);
    end if;
    if private.wants_notification(notification.user_id, notification.type, 'web_push') then
      insert into private.notification_deliveries (user_id, notification_id, channel, subscription_id, waiting_before,
        next_attempt_at)
      select notification.user_id, notification.id, 'web_push', s.id,
        private.count_waiting(notification.user_id, 'web_push', pg_catalog.row_number() over (order by s.id) - 1), v_at
      from private.push_subscriptions s where s.user_id = notification.user_id and s.refused_at is null;
    end if;
  end if;
  update public.notifications n set queued_at = now() where n.user_id = notification.user_id and n.id = notification.id;
end $$;
comment on function private.queue_notification(public.notifications) is
  'Puts the deliveries that a locked notification needs into the outbox, once. What was told to a member who left is '
  'deleted.';

-- schemas/notifications/inbox.sql

create function private.list_notifications(page_size integer, after bigint, only_unread boolean)
returns table (id bigint, type public.notification_type_name, title_de text, title_en text, body_de text, body_en text,
  task_id uuid, redemption_id uuid, actor_id uuid, created_at timestamptz, read_at timestamptz, offer_id uuid)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_unwanted text[] := private.unwanted_in_app(v_me);
  v_limit    integer := private.clamp_page_size(page_size);
  v_before   bigint := coalesce(list_notifications.after, 9223372036854775807);
  v_ids      bigint[];
begin
  -- two statements, so that the unread ones are found by their own index
  if only_unread then
    v_ids := array(
      select n.id from public.notifications n
      where n.user_id = v_me and n.read_at is null and n.id < v_before and n.type <> all (v_unwanted)
      order by n.id desc limit v_limit);
  else
    v_ids := array(
      select n.id from public.notifications n
      where n.user_id = v_me and n.id < v_before and n.type <> all (v_unwanted)
      order by n.id desc limit v_limit);
  end if;
  return query
    select n.id, n.type, t.title_de, t.title_en, t.body_de, t.body_en, n.task_id, n.redemption_id, t.actor_id,
      n.created_at, n.read_at, n.offer_id
    from public.notifications n cross join lateral private.notification_texts(n) t
    where n.user_id = v_me and n.id = any (v_ids)
    order by n.id desc;
end $$;
grant execute on function private.list_notifications(integer, bigint, boolean) to authenticated;

create function public.list_notifications(page_size integer default null, after bigint default null,
  only_unread boolean default false)
returns table (id bigint, type public.notification_type_name, title_de text, title_en text, body_de text, body_en text,
  task_id uuid, redemption_id uuid, actor_id uuid, created_at timestamptz, read_at timestamptz, offer_id uuid)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.list_notifications(page_size, after, only_unread); end $$;
comment on function public.list_notifications(integer, bigint, boolean) is
  'The caller''s notifications with their texts, newest first, without the types switched off for the inbox. '
  'page_size is clamped; for the next page pass the id of the last row as after. Members who are blocked, '
  'banned or deleted appear without name. May be null: task_id, redemption_id, actor_id, read_at, offer_id. Errors: '
  'not_signed_in, user_inactive.';
grant execute on function public.list_notifications(integer, bigint, boolean) to authenticated;

create function private.count_unread_notifications()
returns integer
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_unwanted text[] := private.unwanted_in_app(v_me);
begin
  return (select count(*) from public.notifications n
    where n.user_id = v_me and n.read_at is null and n.type <> all (v_unwanted));
end $$;
grant execute on function private.count_unread_notifications() to authenticated;

create function public.count_unread_notifications()
returns integer
language plpgsql stable set search_path = ''
as $$ begin return private.count_unread_notifications(); end $$;
comment on function public.count_unread_notifications() is
  'How many notifications of the caller''s inbox are unread. Errors: not_signed_in, user_inactive.';
grant execute on function public.count_unread_notifications() to authenticated;

create function private.mark_notifications_read(ids bigint[])
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_member();
  v_count integer;
begin
  -- lock: in order, so that two devices of a member do not wait for each other
  perform from public.notifications n
  where n.user_id = v_me and n.read_at is null and (ids is null or n.id = any (ids))
  order by n.id for no key update;
  update public.notifications n set read_at = now()
  where n.user_id = v_me and n.read_at is null and (ids is null or n.id = any (ids));
  get diagnostics v_count = row_count;
  return v_count;
end $$;
grant execute on function private.mark_notifications_read(bigint[]) to authenticated;

create function public.mark_notifications_read(ids bigint[] default null)
returns integer
language plpgsql volatile set search_path = ''
as $$ begin return private.mark_notifications_read(ids); end $$;
comment on function public.mark_notifications_read(bigint[]) is
  'Marks the caller''s notifications as read, all of them when ids is null; others'' ids and repetitions change '
  'nothing. Returns how many became read. Errors: not_signed_in, user_inactive.';
grant execute on function public.mark_notifications_read(bigint[]) to authenticated;

-- schemas/notifications/jobs.sql

create function private.helper_reminders(as_of timestamptz)
returns table (user_id uuid, type text, task_id uuid, actor_id uuid, key text)
language sql stable set search_path = ''
as $$
  -- for a week each, as a run after a long pause does not remind of the past
  select p.user_id, d.type, t.id, p.actor_id,
    pg_catalog.format('%s %s %s', d.type, t.id, extract(epoch from w.expected_at)::bigint)
  from private.settings s
  cross join lateral (values
    ('start_reminder', '{assigned}'::text[], interval '0'),
    ('start_overdue', '{assigned}', pg_catalog.make_interval(hours => s.replace_grace_hours)),
    ('task_unended', '{assigned,in_progress}', pg_catalog.make_interval(days => s.unended_task_days))
  ) d (type, statuses, delay)
  join private.tasks_under_way w
    on w.expected_at <= as_of - d.delay and w.expected_at > as_of - d.delay - interval '7 days'
  join public.tasks t on t.id = w.task_id and t.status = any (d.statuses)
  cross join lateral (values
    (t.creator_id, t.helper_id, d.type <> 'start_reminder'), (t.helper_id, t.creator_id, d.type <> 'start_overdue')
  ) p (user_id, actor_id, is_told)
  where p.is_told
$$;
comment on function private.helper_reminders(timestamptz) is
  'Who is to be reminded of tasks under way: the helper when they are expected, the creator when the helper may be '
  'replaced, both when nobody ends it.';

create function private.remind_of_deadlines(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  -- reminders only of what is still to come: a run after a long pause does not remind of the past
  failed := 0;
  insert into public.notifications (user_id, type, task_id, redemption_id, actor_id, dedupe_key)
  select r.* from (
    select t.creator_id, 'confirmation_reminder', t.id, null::uuid, t.helper_id,
      pg_catalog.format('confirm %s %s %s', t.id, extract(epoch from p.finished_at)::bigint, d.days) as key
    from (values (3, 10), (10, 1000)) d (days, until)
    join private.pending_confirmations p
      on p.finished_at <= as_of - pg_catalog.make_interval(days => d.days)
        and p.finished_at > as_of - pg_catalog.make_interval(days => d.until)
    join public.tasks t on t.id = p.task_id and t.status = 'pending_confirmation'
    union all
    select o.creator_id, 'task_expires_soon', o.task_id, null, null,
      pg_catalog.format('expiry %s %s', o.task_id, extract(epoch from o.expires_at)::bigint)
    from private.open_tasks o
    where o.expires_at > as_of and o.expires_at <= as_of + interval '24 hours'
      and o.created_at <= o.expires_at - interval '24 hours'
    union all
    select h.user_id, h.type, h.task_id, null, h.actor_id, h.key from private.helper_reminders(as_of) h
    union all
    -- a day before, or two hours before what was given away later than that
    select m.user_id, 'task_starts_soon', t.id, null, null,
      pg_catalog.format('start %s %s', t.id, extract(epoch from t.starts_at)::bigint)
    from public.tasks t cross join lateral (values (t.creator_id), (t.helper_id)) m (user_id)
    where t.starts_at > as_of and t.starts_at <= as_of + interval '24 hours' and t.status = 'assigned'
      and t.assigned_at <= t.starts_at - interval '2 hours'
      and (t.assigned_at <= t.starts_at - interval '24 hours' or t.starts_at <= as_of + interval '2 hours')
    union all
    select c.user_id, 'code_expires_soon', null, c.id, null, pg_catalog.format('code %s', c.id)
    from public.redemptions c
    where c.status = 'active' and c.expires_at > as_of and c.expires_at <= as_of + interval '3 days'
      and c.redeemed_at <= c.expires_at - interval '3 days'
  ) r (user_id, type, task_id, redemption_id, actor_id, key)
  where not exists (select from public.notifications n where n.user_id = r.user_id and n.dedupe_key = r.key)
  limit batch
  on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  get diagnostics processed = row_count;
end $$;
comment on function private.remind_of_deadlines(timestamptz, integer) is
  'Job: reminds members of deadlines, of starts, and of tasks under way.';

create function private.queue_notifications(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_notification public.notifications;
begin
  processed := 0; failed := 0;
  for v_notification in
    -- what a member is just reading comes with the next run, if it is still unread; so does what is told to members who
    -- are busy, which may be an erasure
    select n.* from public.notifications n join public.users u on u.id = n.user_id
    where n.queued_at is null order by n.id limit batch
    for no key update of n skip locked for share of u skip locked
  loop
    begin
      perform private.queue_notification(v_notification);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'notification % could not be queued: % %', v_notification.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.queue_notifications(timestamptz, integer) is
  'Job: puts new notifications into the outbox.';

create function private.queue_digests(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings public.notification_settings;
  v_newest   bigint;
begin
  processed := 0; failed := 0;
  for v_settings in
    select s.* from public.notification_settings s
    where s.next_digest_at <= as_of order by s.next_digest_at limit batch for no key update skip locked
  loop
    begin
      select max(n.id) into v_newest from public.notifications n
        where n.user_id = v_settings.user_id and n.id > v_settings.digested_id and n.read_at is null;
      if v_newest is not null and v_settings.is_email_enabled then
        insert into private.notification_deliveries (user_id, channel, kind, after_id, next_attempt_at)
        values (v_settings.user_id, 'email', 'digest', v_settings.digested_id,
          private.may_be_sent_at(v_settings.user_id, now()));
      end if;
      update public.notification_settings s
      set next_digest_at = private.next_digest_at(s.user_id, as_of), digested_id = coalesce(v_newest, s.digested_id)
      where s.user_id = v_settings.user_id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'the digest of member % could not be queued: % %', v_settings.user_id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.queue_digests(timestamptz, integer) is
  'Job: puts weekly digests into the outbox.';

create function private.purge_deliveries(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  -- old news is no news: where mail was not set up for days, its first mails are not about last month
  failed := 0;
  processed := private.purge_queue('private.notification_deliveries', as_of, batch, 'true', 'too old');
end $$;
comment on function private.purge_deliveries(timestamptz, integer) is
  'Job: gives up deliveries that waited for 3 days, and forgets them after outbox_retention_days.';

create function private.forget_notifications(as_of timestamptz, batch integer, out processed integer,
  out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from public.notifications n
  where (n.user_id, n.id) in (
    select o.user_id, o.id from public.notifications o
    where o.queued_at < as_of - (select pg_catalog.make_interval(days => s.notification_retention_days)
        from private.settings s)
      -- a sender may hold a delivery, and a delete would wait for it
      and not exists (select from private.notification_deliveries d
        where (d.user_id, d.notification_id) = (o.user_id, o.id))
    order by o.queued_at limit batch for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.forget_notifications(timestamptz, integer) is
  'Job: forgets notifications, read or not, notification_retention_days after they came.';

create function private.has_work_for_send_notifications()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.notification_deliveries d where d.status = 'pending' and d.next_attempt_at <= now())
$$;
comment on function private.has_work_for_send_notifications() is 'Whether an e-mail or a push is waiting for its turn.';

insert into private.jobs (job, room, step, every) values
  ('remind_of_deadlines', 'notifications', 100, '1 minute'),
  ('queue_notifications', 'notifications', 101, '1 minute'),
  ('queue_digests', 'notifications', 102, '1 minute'),
  ('purge_deliveries', 'notifications', 103, '1 hour'),
  ('forget_notifications', 'notifications', 104, '1 hour');
-- undo: delete from private.jobs where room = 'notifications';

insert into private.jobs (job, room, runs_in) values ('send_notifications', 'notifications', 'function');
-- undo: nothing

-- schemas/notifications/preferences.sql

create function private.wants_notification(user_id uuid, type text, channel text)
returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(
    (select p.is_enabled from public.notification_preferences p
     where p.user_id = wants_notification.user_id and p.type = wants_notification.type
       and p.channel = wants_notification.channel),
    (select case wants_notification.channel when 'in_app' then t.in_app_default when 'email' then t.email_default
       else t.web_push_default end
     from public.notification_types t where t.type = wants_notification.type))
  and coalesce(
    (select case wants_notification.channel when 'email' then s.is_email_enabled
       when 'web_push' then s.is_web_push_enabled else true end
     from public.notification_settings s where s.user_id = wants_notification.user_id), true)
$$;
comment on function private.wants_notification(uuid, text, text) is
  'Whether a member wants to be told something over a channel: the channel is on, and so is the type, by choice or '
  'default.';

create function private.unwanted_in_app(user_id uuid)
returns text[]
language plpgsql stable set search_path = ''
as $$ begin
  return array(
    select t.type from public.notification_types t
    left join public.notification_preferences p on p.user_id = unwanted_in_app.user_id and p.type = t.type
      and p.channel = 'in_app'
    where not coalesce(p.is_enabled, t.in_app_default));
end $$;
comment on function private.unwanted_in_app(uuid) is 'Types that a member keeps out of the inbox.';

create function private.check_channel(channel text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if channel is null or channel <> all (private.notification_channels()) then
    raise exception using errcode = 'PT400', message = 'channel_invalid',
      detail = coalesce(pg_catalog.left(channel, 100), 'null'),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.notification_channels(), ', ') || '.';
  end if;
end $$;
comment on function private.check_channel(text) is 'Raises PT400 channel_invalid unless a channel.';

create function private.check_notification_type(type text)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from public.notification_types t where t.type = check_notification_type.type) then
    raise exception using errcode = 'PT400', message = 'notification_type_not_found',
      detail = coalesce(pg_catalog.left(type, 100), 'null'),
      hint = 'Please choose one of the types in notification_types.';
  end if;
end $$;
comment on function private.check_notification_type(text) is
  'Raises PT400 notification_type_not_found unless in the catalogue.';

create function private.set_notification_preference(type text, channel text, is_enabled boolean)
returns public.notification_preferences
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me         uuid := private.require_member();
  v_preference public.notification_preferences;
begin
  perform private.check_notification_type(set_notification_preference.type);
  perform private.check_channel(set_notification_preference.channel);
  perform private.lock_member_for_share(v_me);
  if set_notification_preference.is_enabled is null then
    delete from public.notification_preferences p
    where p.user_id = v_me and p.type = set_notification_preference.type
      and p.channel = set_notification_preference.channel;
    select v_me, t.type, set_notification_preference.channel,
      case set_notification_preference.channel when 'in_app' then t.in_app_default
        when 'email' then t.email_default else t.web_push_default end
    into v_preference from public.notification_types t where t.type = set_notification_preference.type;
    return v_preference;
  end if;
  insert into public.notification_preferences as p (user_id, type, channel, is_enabled)
  values (v_me, set_notification_preference.type, set_notification_preference.channel,
    set_notification_preference.is_enabled)
  on conflict on constraint notification_preferences_pkey do update set is_enabled = excluded.is_enabled
  returning p.* into v_preference;
  return v_preference;
end $$;
grant execute on function private.set_notification_preference(text, text, boolean) to authenticated;

create function public.set_notification_preference(type text, channel text, is_enabled boolean)
returns public.notification_preferences
language plpgsql volatile set search_path = ''
as $$ begin return private.set_notification_preference(type, channel, is_enabled); end $$;
comment on function public.set_notification_preference(text, text, boolean) is
  'Chooses whether the caller is told something of a type over a channel (in_app, email, web_push) and returns the '
  'choice; null for is_enabled goes back to the default. Errors: notification_type_not_found, channel_invalid, '
  'not_signed_in, user_inactive.';
grant execute on function public.set_notification_preference(text, text, boolean) to authenticated;

create function private.read_quiet_time(value text)
returns time
language plpgsql immutable set search_path = ''
as $$
begin
  if value !~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$' then
    raise exception using errcode = 'PT400', message = 'quiet_hours_invalid',
      hint = 'Please write a time of day from 00:00 to 23:59, for example 22:30.';
  end if;
  return value::time;
end $$;
comment on function private.read_quiet_time(text) is
  'A time of day as a clock shows it; null stays null. Raises PT400 quiet_hours_invalid.';

create function private.update_notification_settings(quiet_from text, quiet_until text, digest text,
  is_email_enabled boolean, is_web_push_enabled boolean, remove_quiet_hours boolean)
returns public.notification_settings
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_from     time := private.read_quiet_time(update_notification_settings.quiet_from);
  v_until    time := private.read_quiet_time(update_notification_settings.quiet_until);
  v_settings public.notification_settings;
begin
  if update_notification_settings.digest <> all (private.notification_digests()) then
    raise exception using errcode = 'PT400', message = 'digest_invalid',
      detail = pg_catalog.left(update_notification_settings.digest, 100),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.notification_digests(), ', ') || '.';
  end if;
  perform private.lock_member_for_share(v_me);
  insert into public.notification_settings (user_id) values (v_me)
    on conflict on constraint notification_settings_pkey do nothing;
  select s.* into v_settings from public.notification_settings s where s.user_id = v_me for no key update;
  if coalesce(update_notification_settings.remove_quiet_hours, false) then
    v_settings.quiet_from := null;
    v_settings.quiet_until := null;
  else
    v_settings.quiet_from := coalesce(v_from, v_settings.quiet_from);
    v_settings.quiet_until := coalesce(v_until, v_settings.quiet_until);
  end if;
  if (v_settings.quiet_from is null) <> (v_settings.quiet_until is null)
    or v_settings.quiet_from = v_settings.quiet_until then
    raise exception using errcode = 'PT400', message = 'quiet_hours_invalid',
      hint = 'Quiet hours need a start and an end that differ.';
  end if;
  v_settings.digest := coalesce(update_notification_settings.digest, v_settings.digest);
  if v_settings.digest = 'none' then
    v_settings.next_digest_at := null;
  elsif v_settings.next_digest_at is null then
    v_settings.next_digest_at := private.next_digest_at(v_me, now());
    -- it begins now: what is older went out by itself
    v_settings.digested_id := coalesce((select max(n.id) from public.notifications n where n.user_id = v_me), 0);
  end if;
  update public.notification_settings s
  set quiet_from = v_settings.quiet_from, quiet_until = v_settings.quiet_until, digest = v_settings.digest,
      next_digest_at = v_settings.next_digest_at, digested_id = v_settings.digested_id,
      is_email_enabled    = coalesce(update_notification_settings.is_email_enabled, s.is_email_enabled),
      is_web_push_enabled = coalesce(update_notification_settings.is_web_push_enabled, s.is_web_push_enabled),
      updated_at          = now()
  where s.user_id = v_me
  returning s.* into v_settings;
  if update_notification_settings.is_email_enabled then
    delete from private.refused_mailboxes m where m.user_id = v_me;
  end if;
  return v_settings;
end $$;
grant execute on function private.update_notification_settings(text, text, text, boolean, boolean, boolean)
  to authenticated;

create function public.update_notification_settings(quiet_from text default null, quiet_until text default null,
  digest text default null, is_email_enabled boolean default null, is_web_push_enabled boolean default null,
  remove_quiet_hours boolean default false)
returns public.notification_settings
language plpgsql volatile set search_path = ''
as $$
begin
  return private.update_notification_settings(quiet_from, quiet_until, digest, is_email_enabled, is_web_push_enabled,
    remove_quiet_hours);
end $$;
comment on function public.update_notification_settings(text, text, text, boolean, boolean, boolean) is
  'Changes when and how the caller is told and returns the settings; null leaves one as it is. Quiet hours are on '
  'the clock of the caller''s time zone and may reach over midnight; remove_quiet_hours ends them. digest is none or '
  'weekly (instead of single e-mails). Switching e-mails on tries a mailbox again that was refused. Errors: '
  'quiet_hours_invalid, digest_invalid, not_signed_in, user_inactive.';
grant execute on function public.update_notification_settings(text, text, text, boolean, boolean, boolean)
  to authenticated;

create function private.save_push_subscription(endpoint text, p256dh text, auth text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  -- public key: an uncompressed point, 65 bytes beginning with 4; secret: 16 bytes
  if endpoint is null or p256dh is null or save_push_subscription.auth is null
     or endpoint !~ '^https://[^\s/?#@\\]+/[^\s]*$' or pg_catalog.char_length(endpoint) > private.max_endpoint_length()
     or p256dh !~ '^B[A-Za-z0-9_-]{86}=?$' or save_push_subscription.auth !~ '^[A-Za-z0-9_-]{22}(==)?$' then
    raise exception using errcode = 'PT400', message = 'push_subscription_invalid',
      hint = 'Pass endpoint, keys.p256dh and keys.auth of the browser''s PushSubscription as they are.';
  end if;
  perform private.lock_member_for_share(v_me);
  -- one subscription of a member after the other, so that they count each other
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('push subscriptions of ' || v_me, 0));
  -- lock: this device, which may be another member's, and those of which one may be dropped
  perform from private.push_subscriptions s
  where s.user_id = v_me or s.endpoint = save_push_subscription.endpoint order by s.id for update;
  -- a device belongs to who signed in on it last
  insert into private.push_subscriptions as s (user_id, endpoint, p256dh, auth)
  values (v_me, save_push_subscription.endpoint, save_push_subscription.p256dh, save_push_subscription.auth)
  on conflict on constraint device_belongs_to_one_member do update
    set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth, created_at = now(),
        refused_at = null, refused_reason = null;
  delete from private.push_subscriptions s
  where s.id in (
    select o.id from private.push_subscriptions o where o.user_id = v_me
    order by o.endpoint = save_push_subscription.endpoint desc, o.created_at desc, o.id desc offset 10);
end $$;
grant execute on function private.save_push_subscription(text, text, text) to authenticated;

create function public.save_push_subscription(endpoint text, p256dh text, auth text)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.save_push_subscription(endpoint, p256dh, auth); end $$;
comment on function public.save_push_subscription(text, text, text) is
  'Lets this device receive the caller''s pushes: the parts of the browser''s PushSubscription. Repeating it '
  'renews it, also when it was refused; beyond 10 devices the oldest is dropped; a device belongs to who saved it '
  'last. Errors: push_subscription_invalid, not_signed_in, user_inactive.';
grant execute on function public.save_push_subscription(text, text, text) to authenticated;

create function private.delete_push_subscription(endpoint text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  delete from private.push_subscriptions s where s.user_id = v_me and s.endpoint = delete_push_subscription.endpoint;
end $$;
grant execute on function private.delete_push_subscription(text) to authenticated;

create function public.delete_push_subscription(endpoint text)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.delete_push_subscription(endpoint); end $$;
comment on function public.delete_push_subscription(text) is
  'Ends the caller''s pushes to a device; does nothing when there are none. Errors: not_signed_in, user_inactive.';
grant execute on function public.delete_push_subscription(text) to authenticated;

create function public.unsubscribe_notifications(user_id uuid, channel text, type text default null)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform private.check_channel(unsubscribe_notifications.channel);
  if unsubscribe_notifications.type is not null or unsubscribe_notifications.channel = 'in_app' then
    perform private.check_notification_type(unsubscribe_notifications.type);
  end if;
  perform from public.users u where u.id = unsubscribe_notifications.user_id and u.is_active for share;
  if not found then
    return;
  end if;
  if unsubscribe_notifications.type is not null then
    insert into public.notification_preferences (user_id, type, channel, is_enabled)
    values (unsubscribe_notifications.user_id, unsubscribe_notifications.type, unsubscribe_notifications.channel, false)
    on conflict on constraint notification_preferences_pkey do update set is_enabled = false;
  else
    insert into public.notification_settings as s (user_id, is_email_enabled, is_web_push_enabled)
    values (unsubscribe_notifications.user_id, unsubscribe_notifications.channel <> 'email',
      unsubscribe_notifications.channel <> 'web_push')
    on conflict on constraint notification_settings_pkey do update
      set is_email_enabled    = s.is_email_enabled and excluded.is_email_enabled,
          is_web_push_enabled = s.is_web_push_enabled and excluded.is_web_push_enabled,
          digest              = case when excluded.is_email_enabled then s.digest else 'none' end,
          next_digest_at      = case when excluded.is_email_enabled then s.next_digest_at end,
          updated_at          = now();
  end if;
end $$;
comment on function public.unsubscribe_notifications(uuid, text, text) is
  'For the edge function unsubscribe, which has checked the link: switches a type off on a channel, or with null the '
  'whole channel email or web_push, digest included. Repeating it, and members who are gone, change nothing. Errors: '
  'channel_invalid, notification_type_not_found.';
grant execute on function public.unsubscribe_notifications(uuid, text, text) to service_role;

-- schemas/notifications/realtime.sql

create function private.broadcast(topic text, event text, payload jsonb)
returns void
language plpgsql set search_path = ''
as $$
begin
  -- only that there is something: the app asks for it. The name as text: the function is not there where Realtime is
  -- not, and the check of functions knows what stands in one piece
  execute pg_catalog.format('select %s($1, $2, $3, true)', 'realtime.send') using payload, event, topic;
end $$;
comment on function private.broadcast(text, text, jsonb) is 'Sends an event to a private topic, where Realtime is.';

create function private.broadcast_notification()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.broadcast('user:' || new.user_id, 'notification',
    pg_catalog.jsonb_build_object('id', new.id, 'type', new.type));
  return null;
end $$;
comment on function private.broadcast_notification() is
  'Trigger on notifications, where Realtime is: sends {id, type} to the member''s private topic user:<id>.';

create function private.broadcast_message()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.broadcast('conversation:' || new.offer_id, 'message', pg_catalog.jsonb_build_object('id', new.id));
  return null;
end $$;
comment on function private.broadcast_message() is
  'Trigger on messages, where Realtime is: sends {id} to the private topic conversation:<offer id>, when one is sent '
  'and when one is deleted.';

create function private.may_hear(topic text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if topic = 'user:' || auth.uid() then
    return true;
  end if;
  return topic ~ '^conversation:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and exists (
    select from public.task_offers o join public.users u on u.id = auth.uid() and u.is_active
    where o.id = pg_catalog.split_part(topic, ':', 2)::uuid and u.id in (o.creator_id, o.helper_id));
end $$;
comment on function private.may_hear(text) is
  'Whether the caller may join a topic of Realtime: user:<own id>, and conversation:<offer id> as one of its two '
  'sides.';
grant execute on function private.may_hear(text) to authenticated;

create function ops.prepare_realtime()
returns text
language plpgsql volatile set search_path = ''
as $$
begin
  if pg_catalog.to_regclass('realtime.messages') is null
    or pg_catalog.to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
     or pg_catalog.to_regprocedure('realtime.topic()') is null then
    return 'no_realtime_here';
  end if;
  execute 'drop policy if exists members_hear_their_own_topics on realtime.messages';
  execute $sql$
    create policy members_hear_their_own_topics on realtime.messages for select to authenticated using (
      extension = 'broadcast' and (select private.may_hear((select realtime.topic()))))
  $sql$;
  execute 'create or replace trigger notifications_broadcast after insert on public.notifications '
    'for each row execute function private.broadcast_notification()';
  execute 'create or replace trigger messages_broadcast after insert or update of deleted_at on private.messages '
    'for each row execute function private.broadcast_message()';
  return 'prepared';
end $$;
comment on function ops.prepare_realtime() is
  'Makes new notifications and messages reach open apps: policy on realtime.messages, triggers on notifications and '
  'messages. Called by the migration; call it again when Realtime was added later. Returns prepared or '
  'no_realtime_here.';

select ops.prepare_realtime();
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('realtime.messages') is not null then
-- undo:     execute 'drop policy if exists members_hear_their_own_topics on realtime.messages';
-- undo:   end if;
-- undo: end $$;

-- schemas/notifications/rules.sql

create function private.notify_of_event()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- the actions stand here, not in a WHEN, which PostgreSQL would read anew for every statement; confirmed comes first,
  -- the one path whose speed counts
  if new.action = 'confirmed' then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.helper_id, 'task_confirmed', new.task_id, new.actor_id);
  elsif new.action = 'auto_confirmed' then
    insert into public.notifications (user_id, type, task_id)
    values (new.helper_id, 'task_confirmed', new.task_id), (new.creator_id, 'task_auto_confirmed', new.task_id);
  elsif new.action in ('completion_rejected', 'cancelled') then
    if new.helper_id is not null then
      insert into public.notifications (user_id, type, task_id, actor_id)
      values (new.helper_id, case new.action when 'cancelled' then 'task_cancelled' else new.action end,
        new.task_id, new.actor_id);
    end if;
  elsif new.action = 'replaced' then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.helper_id, case when exists (
        select from public.lapses l
        where l.task_id = new.task_id and l.helper_id = new.helper_id and l.created_at = new.created_at)
      then 'no_show_recorded' else 'helper_replaced' end, new.task_id, new.actor_id);
  elsif new.action in ('started', 'finished', 'released', 'expired') then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.creator_id, 'task_' || new.action, new.task_id, new.actor_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_event() is 'Trigger on task_events: tells the other side.';
create trigger task_events_notify after insert on public.task_events
  for each row execute function private.notify_of_event();

create function private.notify_of_offer()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.status = 'pending' then
    -- once a day for each offer, however often it is taken back and made again
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id, dedupe_key)
    values (new.creator_id, 'offer_received', new.task_id, new.id, new.helper_id,
            'offer ' || new.id || ' ' || pg_catalog.to_char(private.community_day(now()), 'YYYY-MM-DD'))
    on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  else
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    values (new.helper_id, 'offer_' || new.status, new.task_id, new.id, new.creator_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_offer() is
  'Trigger on task_offers: tells the creator of an offer, the helper of the answer.';
create trigger task_offers_notify_of_new after insert on public.task_offers
  for each row when (new.status = 'pending') execute function private.notify_of_offer();
create function private.notify_of_returned_offer()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once a day for each offer, however often helpers come and go
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id, dedupe_key)
  values (new.helper_id, case when public.is_outdated(new) then 'task_changed' else 'offer_revived' end, new.task_id,
          new.id, new.creator_id,
          'revived ' || new.id || ' ' || pg_catalog.to_char(private.community_day(now()), 'YYYY-MM-DD'))
  on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  return null;
end $$;
comment on function private.notify_of_returned_offer() is
  'Trigger on task_offers: tells who was passed over that the offer is pending again.';

-- passed-over offers that come back are news to whoever made them; the creator is told of the task
create trigger task_offers_notify_of_return after update of status on public.task_offers
  for each row when (old.status = 'not_chosen' and new.status = 'pending')
  execute function private.notify_of_returned_offer();
create trigger task_offers_notify_of_answer after update of status on public.task_offers
  for each row when ((old.status = 'withdrawn' and new.status = 'pending')
    or (old.status <> new.status and new.status in ('accepted', 'declined', 'not_chosen')))
  execute function private.notify_of_offer();

create function private.notify_of_renewal()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
  values (new.creator_id, 'offer_renewed', new.task_id, new.id, new.helper_id);
  return null;
end $$;
comment on function private.notify_of_renewal() is
  'Trigger on task_offers: tells the creator that an offer holds for the task as it was changed.';
create trigger task_offers_notify_of_renewal after update of terms_version on public.task_offers
  for each row when (old.status = 'pending' and old.terms_version <> new.terms_version)
  execute function private.notify_of_renewal();

create function private.notify_of_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once until the offer is renewed, however often the task is changed: what changed is looked up when it is read
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
  select o.helper_id, 'task_changed', new.id, o.id, new.creator_id
  from public.task_offers o
  where o.task_id = new.id and o.status = 'pending' and o.terms_version = old.terms_version;
  return null;
end $$;
comment on function private.notify_of_change() is
  'Trigger on tasks: tells whoever has offered help that their offer is outdated.';
create trigger tasks_notify_of_change
  after update of title, description, latitude, longitude, points_reward, starts_at, ends_at, is_flexible
  on public.tasks
  for each row when (new.status = 'open' and old.terms_version <> new.terms_version)
  execute function private.notify_of_change();

create function private.notify_of_decision()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id)
  values (new.helper_id, 'no_show_' || new.decision, new.task_id);
  return null;
end $$;
comment on function private.notify_of_decision() is
  'Trigger on lapses: tells the helper what admins decided about a no-show.';
create trigger lapses_notify_of_decision after update of decision on public.lapses
  for each row when (new.decision is distinct from old.decision and new.decision is not null)
  execute function private.notify_of_decision();

create function private.notify_of_message()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once until it is read: the first unread message tells, the others say nothing
  if old.creator_unread = 0 and new.creator_unread > 0 then
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    select new.creator_id, 'message_received', o.task_id, o.id, new.helper_id
    from public.task_offers o where o.id = new.offer_id;
  elsif old.helper_unread = 0 and new.helper_unread > 0 then
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    select new.helper_id, 'message_received', o.task_id, o.id, new.creator_id
    from public.task_offers o where o.id = new.offer_id;
  else
    update public.notifications n set read_at = now()
    where n.user_id = case when new.creator_unread < old.creator_unread then new.creator_id else new.helper_id end
      and n.read_at is null and n.type = 'message_received' and n.offer_id = new.offer_id;
  end if;
  return null;
end $$;
comment on function private.notify_of_message() is
  'Trigger on conversations: tells the reader of the first unread message, and that all are read.';
create trigger conversations_notify after update of creator_unread, helper_unread on private.conversations
  for each row when ((old.creator_unread = 0) <> (new.creator_unread = 0)
    or (old.helper_unread = 0) <> (new.helper_unread = 0))
  execute function private.notify_of_message();

create function private.notify_of_rating()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id, rating_id, actor_id)
  values (new.ratee_id, 'rating_received', new.task_id, new.id, new.rater_id);
  return null;
end $$;
comment on function private.notify_of_rating() is
  'Trigger on ratings: tells the rated member, not before everybody may read the rating.';
create trigger ratings_notify after update of revealed_at on public.ratings
  for each row when (old.revealed_at is null and new.revealed_at is not null)
  execute function private.notify_of_rating();

create function private.notify_of_phone_number()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.shared_at is null then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.user_id, 'phone_number_requested', new.task_id, new.actor_id);
  elsif not private.are_blocked(new.user_id, new.actor_id) then  -- who is blocked would look for it in vain
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.actor_id, 'phone_number_shared', new.task_id, new.user_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_phone_number() is
  'Trigger on phone_shares: tells the owner that somebody asks, and who may see it that they do.';
create trigger phone_shares_notify after insert or update of shared_at on private.phone_shares
  for each row execute function private.notify_of_phone_number();

create function private.notify_of_redemption()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, redemption_id)
  values (new.user_id, case new.status when 'active' then 'code_ready' when 'expired' then 'code_expired'
    else 'redemption_' || new.status end, new.id);
  return null;
end $$;
comment on function private.notify_of_redemption() is
  'Trigger on redemptions: tells the member of what they did not do themselves.';
-- a code that comes within a minute is shown by the app that is waiting for it; what a member returns is no news either
create trigger redemptions_notify after update of status on public.redemptions
  for each row when (old.status <> new.status and (
    new.status in ('failed', 'expired')
    or (new.status = 'cancelled' and new.end_reason = 'partner_cancelled')
    or (new.status = 'active' and new.redeemed_at < now() - interval '1 minute')))
  execute function private.notify_of_redemption();

-- schemas/notifications/texts.sql

create function private.visible_actor(user_id uuid, actor_id uuid)
returns uuid
language plpgsql stable set search_path = ''
as $$ begin
  return (select u.id from public.users u
    where u.id = visible_actor.actor_id and u.is_active and not u.is_banned
      and not private.are_blocked(visible_actor.user_id, u.id));
end $$;
comment on function private.visible_actor(uuid, uuid) is
  'Who acted, as far as the notified member is told: null when deleted, banned, or blocked either way.';

create function private.is_over(notification public.notifications)
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_lasts_while text[] := case notification.type
    when 'offer_accepted' then '{assigned,in_progress}'::text[]
    when 'task_starts_soon' then '{assigned}'
    when 'task_started' then '{in_progress}'
    when 'task_finished' then '{pending_confirmation}'
    when 'confirmation_reminder' then '{pending_confirmation}'
    when 'completion_rejected' then '{in_progress}'
    when 'start_reminder' then '{assigned}'
    when 'start_overdue' then '{assigned}'
    when 'task_unended' then '{assigned,in_progress}'
    when 'task_released' then '{open}'
    when 'task_expires_soon' then '{open}' end;
begin
  if notification.type in ('offer_received', 'offer_renewed', 'offer_revived', 'task_changed') then
    return notification.offer_id is not null and not exists (
      select from public.task_offers o join public.tasks t on t.id = o.task_id
      where o.id = notification.offer_id and o.status = 'pending' and t.status = 'open'
        and (notification.type <> 'task_changed' or o.terms_version < t.terms_version));
  elsif notification.type = 'message_received' then
    return notification.offer_id is not null
      and private.first_unread_text(notification.user_id, notification.offer_id) is null;
  elsif notification.type = 'phone_number_requested' then
    return notification.task_id is not null and not exists (
      select from private.phone_shares p join public.tasks t on t.id = p.task_id
      where (p.task_id, p.user_id, p.actor_id)
          = (notification.task_id, notification.user_id, notification.actor_id)
        and p.shared_at is null and t.status in ('assigned', 'in_progress', 'pending_confirmation')
        and p.user_id in (t.creator_id, t.helper_id) and p.actor_id in (t.creator_id, t.helper_id));
  elsif notification.type in ('code_ready', 'code_expires_soon') then
    return notification.redemption_id is not null and not exists (
      select from public.redemptions r
      where r.id = notification.redemption_id and r.status = 'active' and coalesce(r.expires_at > now(), true));
  elsif v_lasts_while is not null then
    return notification.task_id is not null and not exists (
      select from public.tasks t
      where t.id = notification.task_id and t.status = any (v_lasts_while)
        and notification.user_id in (t.creator_id, t.helper_id)
        and (notification.type <> 'task_expires_soon' or private.deadline_of(t) > now())
        and (notification.type <> 'task_starts_soon' or t.starts_at > now()));
  end if;
  return false;
end $$;
comment on function private.is_over(public.notifications) is
  'Whether what a notification asks for, or announces, is past: the offer withdrawn, the help confirmed, the code '
  'used, the messages read or deleted.';

create function private.time_left(until timestamptz, language text)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_hours integer := pg_catalog.floor(extract(epoch from until - now()) / 3600);
begin
  return private.fill_in(case
      when v_hours >= 48 then case language when 'de' then '{days} Tage' else '{days} days' end
      when v_hours >= 1 then case language when 'de' then '{hours, plural, one {# Stunde} other {# Stunden}}'
        else '{hours, plural, one {# hour} other {# hours}}' end
      else case language when 'de' then 'weniger als eine Stunde' else 'less than an hour' end end,
    pg_catalog.jsonb_build_object('days', v_hours / 24, 'hours', v_hours));
end $$;
comment on function private.time_left(timestamptz, text) is
  'How long something still lasts, in words: days, below two days hours; rounded down, so that nobody comes too late.';

create function private.changes_since(offer_id uuid, out changes_de text, out changes_en text)
language sql stable set search_path = ''
as $$
  -- an edit in Studio leaves no event
  select coalesce(pg_catalog.string_agg(distinct c.name_de, ', '), 'Angaben'),
    coalesce(pg_catalog.string_agg(distinct c.name_en, ', '), 'details')
  from public.task_offers o
  join public.task_events e on e.task_id = o.task_id and e.action = 'updated'
    and (e.details ->> 'terms_version')::integer > o.terms_version
  join (values ('title', 'Titel', 'title'), ('description', 'Beschreibung', 'description'),
      ('category', 'Kategorie', 'category'), ('latitude', 'Ort', 'place'), ('longitude', 'Ort', 'place'),
      ('starts_at', 'Zeit', 'time'), ('ends_at', 'Zeit', 'time'), ('is_flexible', 'Zeit', 'time'),
      ('points_reward', 'Punkte', 'points')) c (name, name_de, name_en) on e.details ? (c.name || '_before')
  where o.id = changes_since.offer_id
$$;
comment on function private.changes_since(uuid) is
  'What of a task was changed since an offer on it was made or renewed, in words.';

create function private.notification_texts(notification public.notifications, out title_de text, out title_en text,
  out body_de text, out body_en text, out actor_id uuid)
language plpgsql stable set search_path = ''
as $$
declare
  v_type    public.notification_types;
  v_facts   jsonb;
  v_de      jsonb;
  v_en      jsonb;
  v_until   timestamptz;
  v_is_past boolean;
begin
  select t.* into v_type from public.notification_types t where t.type = notification.type;
  actor_id := private.visible_actor(notification.user_id, notification.actor_id);
  v_facts := pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
    'actor', (select u.name from public.users u where u.id = notification_texts.actor_id),
    'score', (select r.score from public.ratings r where r.id = notification.rating_id)));
  if notification.task_id is not null then
    select v_facts || pg_catalog.jsonb_build_object('task', t.title, 'points', t.points_reward),
      case notification.type when 'task_starts_soon' then t.starts_at else private.deadline_of(t) end
    into v_facts, v_until from public.tasks t where t.id = notification.task_id;
    if notification.type = 'confirmation_reminder' then
      select v_facts || pg_catalog.jsonb_build_object('days', extract(day from now() - p.finished_at)) into v_facts
      from private.pending_confirmations p where p.task_id = notification.task_id;
    end if;
  end if;
  v_de := '{"actor": "Ein Mitglied"}'::jsonb || v_facts;
  v_en := '{"actor": "A member"}'::jsonb || v_facts;
  if notification.type = 'task_changed' then
    select v_de || pg_catalog.jsonb_build_object('changes', c.changes_de),
      v_en || pg_catalog.jsonb_build_object('changes', c.changes_en)
    into v_de, v_en from private.changes_since(notification.offer_id) c;
  end if;
  if notification.redemption_id is not null then
    select v_de || pg_catalog.jsonb_build_object('reward', r.title_de, 'points', r.points_spent),
           v_en || pg_catalog.jsonb_build_object('reward', r.title_en, 'points', r.points_spent), r.expires_at
    into v_de, v_en, v_until
    from public.redemptions r where r.id = notification.redemption_id;
  end if;
  v_is_past := v_type.past_de is not null and private.is_over(notification);
  if not v_is_past and pg_catalog.strpos(v_type.body_de || v_type.body_en, '{left}') > 0 then
    v_de := v_de || pg_catalog.jsonb_build_object('left', private.time_left(v_until, 'de'));
    v_en := v_en || pg_catalog.jsonb_build_object('left', private.time_left(v_until, 'en'));
  end if;
  title_de := private.fill_in(v_type.title_de, v_de);
  title_en := private.fill_in(v_type.title_en, v_en);
  body_de := private.fill_in(case when v_is_past then v_type.past_de else v_type.body_de end, v_de);
  body_en := private.fill_in(case when v_is_past then v_type.past_en else v_type.body_en end, v_en);
end $$;
comment on function private.notification_texts(public.notifications) is
  'A notification in words, as it reads at this moment, and the member named in it.';

-- schemas/notifications/timing.sql

create function private.end_of_quiet_hours(quiet_from time, quiet_until time, time_zone text, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_local timestamp := moment at time zone time_zone;
  v_end   timestamp := v_local::date + quiet_until;
begin
  if quiet_from is null
     or (v_local::time < quiet_from and v_local::time >= quiet_until)
     or (quiet_from < quiet_until and (v_local::time < quiet_from or v_local::time >= quiet_until)) then
    return moment;
  end if;
  if v_end <= v_local then
    v_end := v_end + interval '1 day';
  end if;
  -- the clock of the wall decides: an end that summer time leaps over comes an hour later, one that comes twice
  -- counts the second time
  return v_end at time zone time_zone;
end $$;
comment on function private.end_of_quiet_hours(time, time, text, timestamptz) is
  'When something may be sent that is ready at a moment: then, or when the quiet hours it falls into end. Quiet '
  'hours are on the clock of the time zone and may reach over midnight.';

create function private.may_be_sent_at(user_id uuid, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(
    (select private.end_of_quiet_hours(s.quiet_from, s.quiet_until, u.time_zone, moment)
     from public.notification_settings s join public.user_settings u on u.user_id = s.user_id
     where s.user_id = may_be_sent_at.user_id), moment);
end $$;
comment on function private.may_be_sent_at(uuid, timestamptz) is
  'When something that is ready at a moment may be sent to a member.';

create function private.next_digest_at(user_id uuid, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_zone   text := (select s.time_zone from public.user_settings s where s.user_id = next_digest_at.user_id);
  v_local  timestamp := moment at time zone v_zone;
  v_monday timestamp := pg_catalog.date_trunc('week', v_local) + interval '8 hours';
begin
  return case when v_monday > v_local then v_monday else v_monday + interval '7 days' end at time zone v_zone;
end $$;
comment on function private.next_digest_at(uuid, timestamptz) is
  'The first Monday, 8 in the morning where the member lives, after a moment.';

-- schemas/notifications/types.sql

-- E-mail by default for what somebody waits for or loses by not knowing; the rest is pushed and shows in the inbox.
insert into public.notification_types (type, told_when, email_default, title_de, title_en, body_de, body_en) values
  ('offer_received',
    'The creator, when somebody offers help; once a day for each offer, however often it is taken back and made '
    'again.',
    true, 'Neues Hilfsangebot', 'New offer of help',
    '{actor} möchte dir bei „{task}“ helfen.', '{actor} would like to help you with “{task}”.'),
  ('offer_renewed', 'The creator, when that offer holds again.',
    true, 'Angebot erneuert', 'Offer renewed',
    '{actor} möchte dir bei „{task}“ auch nach der Änderung helfen.',
    '{actor} would like to help you with “{task}” after the change, too.'),
  ('offer_accepted', 'The helper, when the creator accepts the offer.',
    true, 'Angebot angenommen', 'Offer accepted',
    '{actor} freut sich auf deine Hilfe bei „{task}“.', '{actor} is looking forward to your help with “{task}”.'),
  ('offer_declined', 'The helper, when the creator declines the offer.',
    false, 'Angebot abgelehnt', 'Offer declined',
    'Bei „{task}“ wird deine Hilfe nicht gebraucht. Danke für dein Angebot!',
    'Your help with “{task}” is not needed. Thank you for offering!'),
  ('offer_not_chosen', 'Who offered, when somebody else was chosen, or the task was called off or ended.',
    false, 'Nicht mehr zu haben', 'No longer available',
    '„{task}“ ist vergeben oder beendet. Danke für dein Angebot!',
    '“{task}” was given to somebody else or has ended. Thank you for offering!'),
  ('task_changed',
    'Who offered, when the terms of the task change; once until they renew their offer, with all that changed by '
    'then.',
    true, 'Aufgabe geändert', 'Task changed',
    '„{task}“ wurde geändert: {changes}. Möchtest du noch helfen? Dann erneuere dein Angebot.',
    '“{task}” was changed: {changes}. Would you still like to help? Then renew your offer.'),
  ('task_starts_soon',
    'Creator and helper, 24 hours before the start of an assigned task, or 2 hours where it was given away '
    'later; once for each start.',
    true, 'Bald geht es los', 'It starts soon',
    '„{task}“ beginnt in {left}.', '“{task}” starts in {left}.'),
  ('message_received',
    'Either side, for the first message of a conversation that is unread; the next one only once it was read. '
    'Without its words, unless show_text was chosen.',
    true, 'Neue Nachricht', 'New message',
    '{actor} hat dir zu „{task}“ geschrieben.', '{actor} wrote to you about “{task}”.'),
  ('task_started', 'The creator, when the helper starts.',
    false, 'Es geht los', 'Work has started',
    '{actor} hat mit „{task}“ begonnen.', '{actor} has started “{task}”.'),
  ('task_finished', 'The creator, when the helper reports the work as done.',
    true, 'Erledigt – bitte bestätigen', 'Done – please confirm',
    '{actor} ist mit „{task}“ fertig. Bestätige es, '
    'damit {points, plural, one {der Punkt ankommt} other {die # Punkte ankommen}}.',
    '{actor} has finished “{task}”. Confirm it '
    'so that {points, plural, one {the point arrives} other {the # points arrive}}.'),
  ('confirmation_reminder', 'The creator, 3 and 10 days after the work was reported as done, without an answer.',
    true, 'Bitte bestätige die Hilfe', 'Please confirm the help',
    '{actor} wartet seit {days, plural, one {# Tag} other {# Tagen}} auf deine Antwort zu „{task}“.',
    '{actor} has been waiting for your answer on “{task}” for {days, plural, one {# day} other {# days}}.'),
  ('completion_rejected', 'The helper, when the creator says that something is missing.',
    true, 'Noch nicht fertig', 'Not done yet',
    '{actor} meint, dass bei „{task}“ noch etwas fehlt.',
    '{actor} says that something is still missing in “{task}”.'),
  ('task_confirmed', 'The helper, when the work is confirmed, by the creator or the deadline.',
    true, 'Punkte erhalten', 'Points received',
    'Für „{task}“ hast du {points, plural, one {# Punkt} other {# Punkte}} bekommen. Danke für deine Hilfe!',
    'You received {points, plural, one {# point} other {# points}} for “{task}”. Thank you for your help!'),
  ('task_auto_confirmed', 'The creator, when the deadline confirmed the work.',
    false, 'Von selbst bestätigt', 'Confirmed by itself',
    '„{task}“ wurde ohne deine Antwort bestätigt, weil die Frist vorbei war.',
    '“{task}” was confirmed without your answer because the deadline had passed.'),
  ('task_released', 'The creator, when the helper steps back or deletes their account.',
    true, 'Aufgabe wieder offen', 'Task open again',
    '{actor} hat „{task}“ abgegeben. Die Aufgabe ist wieder offen.',
    '{actor} has stepped back from “{task}”. The task is open again.'),
  ('offer_revived',
    'Who was passed over, when the helper stepped back or was replaced and the offer is pending again; once a '
    'day for each offer.',
    true, 'Dein Angebot gilt wieder', 'Your offer counts again',
    '„{task}“ ist wieder offen, und dein Angebot gilt wieder. Zieh es zurück, wenn du nicht mehr kannst.',
    '“{task}” is open again, and so is your offer. Take it back if you no longer can.'),
  ('start_reminder', 'The helper, when they are expected and have not started.',
    true, 'Hast du schon begonnen?', 'Have you started yet?',
    '{actor} rechnet bei „{task}“ mit dir. Fang an, gib Bescheid oder gib die Aufgabe ab.',
    '{actor} is counting on you for “{task}”. Start it, send word or step back.'),
  ('start_overdue', 'The creator, when they may replace the helper.',
    true, 'Noch nicht begonnen', 'Not started yet',
    '{actor} hat mit „{task}“ noch nicht begonnen. Du kannst dir jetzt jemand anderen suchen.',
    '{actor} has not started “{task}” yet. You can choose somebody else now.'),
  ('helper_replaced', 'The helper, when the creator asks for somebody else.',
    true, 'Du wirst nicht mehr erwartet', 'You are no longer expected',
    '{actor} sucht für „{task}“ jemand anderen.', '{actor} is looking for somebody else for “{task}”.'),
  ('no_show_recorded', 'The helper, when the creator asks for somebody else and a no-show counts.',
    true, 'Nicht gekommen?', 'Did you not come?',
    '{actor} sucht für „{task}“ jemand anderen, weil von dir nichts kam. Das zählt. Stimmt es nicht, '
    'kannst du einmal widersprechen.',
    '{actor} is looking for somebody else for “{task}”, because nothing came from you. This counts. If it is wrong, '
    'you can contest it once.'),
  ('no_show_upheld', 'The helper, when admins decided that the no-show counts.',
    true, 'Es bleibt dabei', 'It stands',
    'Dass du zu „{task}“ nicht gekommen bist, zählt nach unserer Prüfung weiter.',
    'We have looked into it: that you did not come to “{task}” still counts.'),
  ('no_show_withdrawn', 'The helper, when admins decided that the no-show does not count.',
    true, 'Es zählt nicht mehr', 'It no longer counts',
    'Dass du zu „{task}“ nicht gekommen sein sollst, zählt nicht mehr.',
    'That you did not come to “{task}” no longer counts.'),
  ('task_unended', 'Creator and helper, 14 days after the helper was expected or began, when nobody ends the task.',
    true, 'Seid ihr fertig?', 'Are you done?',
    '„{task}“ läuft schon lange. Bring die Aufgabe zu Ende, gib sie ab oder sag sie ab.',
    '“{task}” has been under way for long. Finish it, step back or call it off.'),
  ('task_cancelled', 'The helper, when the creator calls the task off or deletes their account.',
    true, 'Aufgabe abgesagt', 'Task called off',
    '{actor} hat „{task}“ abgesagt.', '{actor} has called off “{task}”.'),
  ('task_expires_soon', 'The creator, 24 hours before the end of an open task that had more than that.',
    false, 'Deine Aufgabe läuft bald ab', 'Your task ends soon',
    '„{task}“ läuft noch {left}.', '“{task}” ends in {left}.'),
  ('task_expired', 'The creator, when an open task ended.',
    false, 'Aufgabe abgelaufen', 'Task has ended',
    'Für „{task}“ hat sich bis zum Ablauf nichts ergeben. Du kannst die Aufgabe neu einstellen.',
    'Nothing came of “{task}” before it ended. You can post it again.'),
  ('phone_number_requested', 'Whose number it is, when the other side of a task asks for it; once.',
    true, 'Frage nach deiner Telefonnummer', 'Asked for your phone number',
    '{actor} möchte dich wegen „{task}“ anrufen können. Magst du deine Telefonnummer zeigen?',
    '{actor} would like to call you about “{task}”. Would you like to show your phone number?'),
  ('phone_number_shared', 'The other side of the task, when the owner of the number allows it for this task.',
    false, 'Telefonnummer zu sehen', 'Phone number shown',
    '{actor} zeigt dir für „{task}“ die Telefonnummer.', '{actor} shows you the phone number for “{task}”.'),
  ('rating_received', 'Who is rated, when the rating is revealed, never before.',
    false, 'Neue Bewertung', 'New rating',
    '{actor} hat dich für „{task}“ mit {score} von 5 Sternen bewertet.',
    '{actor} rated you {score} out of 5 stars for “{task}”.'),
  ('code_ready',
    'The member, when a partner''s code came more than a minute after redeeming; before, the app shows it.',
    true, 'Dein Code ist da', 'Your code is here',
    'Der Code für „{reward}“ ist angekommen.', 'The code for “{reward}” has arrived.'),
  ('code_expires_soon', 'The member, 3 days before the end of a code that had more than that.',
    true, 'Dein Code läuft bald ab', 'Your code ends soon',
    'Der Code für „{reward}“ gilt noch {left}.',
    'The code for “{reward}” ends in {left}.'),
  ('code_expired', 'The member, when a code ended.',
    false, 'Code abgelaufen', 'Code has ended',
    'Der Code für „{reward}“ ist abgelaufen.', 'The code for “{reward}” has ended.'),
  ('redemption_failed', 'The member, when no code came.',
    true, 'Einlösung fehlgeschlagen', 'Redemption failed',
    'Für „{reward}“ gab es keinen Code. {points, plural, one {Dein Punkt ist} other {Deine # Punkte sind}} zurück.',
    'There was no code for “{reward}”. Your {points, plural, one {point is} other {# points are}} back.'),
  ('redemption_cancelled', 'The member, when the partner cancelled the redemption.',
    true, 'Einlösung storniert', 'Redemption cancelled',
    'Der Partner hat „{reward}“ storniert.', 'The partner has cancelled “{reward}”.');

-- how it reads later in the inbox
update public.notification_types t set past_de = p.past_de, past_en = p.past_en
from (values
  ('offer_received', '{actor} hat dir bei „{task}“ Hilfe angeboten.', '{actor} offered to help you with “{task}”.'),
  ('offer_renewed', '{actor} hat dir bei „{task}“ nach der Änderung wieder Hilfe angeboten.',
    '{actor} offered to help you with “{task}” after the change, too.'),
  ('task_changed', '„{task}“ wurde geändert, nachdem du Hilfe angeboten hattest.',
    '“{task}” was changed after you had offered help.'),
  ('task_starts_soon', '„{task}“ stand kurz bevor.', '“{task}” was about to start.'),
  ('offer_accepted', '{actor} hat sich für deine Hilfe bei „{task}“ entschieden.',
    '{actor} chose your help with “{task}”.'),
  ('task_finished', '{actor} ist mit „{task}“ fertig geworden.', '{actor} finished “{task}”.'),
  ('confirmation_reminder', '{actor} hat auf deine Antwort zu „{task}“ gewartet.',
    '{actor} was waiting for your answer on “{task}”.'),
  ('completion_rejected', '{actor} meinte, dass bei „{task}“ noch etwas fehlte.',
    '{actor} said that something was still missing in “{task}”.'),
  ('task_released', '{actor} hat „{task}“ abgegeben.', '{actor} stepped back from “{task}”.'),
  ('offer_revived', '„{task}“ war noch einmal offen.', '“{task}” was open once more.'),
  ('start_reminder', '{actor} hat bei „{task}“ mit dir gerechnet.', '{actor} was counting on you for “{task}”.'),
  ('start_overdue', '{actor} hatte mit „{task}“ noch nicht begonnen.', '{actor} had not started “{task}” yet.'),
  ('task_unended', '„{task}“ lief schon lange.', '“{task}” had been under way for long.'),
  ('phone_number_requested', '{actor} hat wegen „{task}“ nach deiner Telefonnummer gefragt.',
    '{actor} asked for your phone number about “{task}”.'),
  ('task_expires_soon', 'Die Frist für „{task}“ war fast abgelaufen.', '“{task}” was about to end.'),
  ('code_expires_soon', 'Der Code für „{reward}“ war nur noch kurz gültig.',
    'The code for “{reward}” was about to end.')
) p (type, past_de, past_en)
where t.type = p.type;
