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
