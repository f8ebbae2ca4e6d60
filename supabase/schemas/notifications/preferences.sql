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
