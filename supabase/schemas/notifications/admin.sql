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
