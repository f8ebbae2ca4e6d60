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
