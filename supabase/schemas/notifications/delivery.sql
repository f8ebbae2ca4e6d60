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
