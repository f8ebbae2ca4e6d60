create function ops.enable_webhook_endpoint(endpoint_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.webhook_endpoints e
  set is_enabled = true, disabled_at = null, disabled_reason = null, failure_streak = 0, paused_until = now()
  where e.id = enable_webhook_endpoint.endpoint_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found',
      hint = 'There is no such endpoint.';
  end if;
end $$;
comment on function ops.enable_webhook_endpoint(uuid) is
  'Switches an endpoint on again; what is still pending is sent. Errors: webhook_endpoint_not_found.';
grant execute on function ops.enable_webhook_endpoint(uuid) to service_role;

create function ops.retry_webhook_messages()
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  -- lock: in one order, and not what somebody else sends again right now
  select pg_catalog.array_agg(d.id) into v_ids from (
    select m.id from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
    where m.status = 'dead' and e.is_enabled
      -- what was given up for its age may be a day old
      and m.created_at > now() - private.give_up_after() - interval '1 day'
    order by m.id for no key update of m skip locked) d;
  delete from private.webhook_attempts a where a.message_id = any (v_ids);
  -- three more days from now on, as when a partner replays one
  update private.webhook_messages m
  set status = 'pending', next_attempt_at = now(), attempts = 0, created_at = now()
  where m.id = any (v_ids);
  return coalesce(pg_catalog.cardinality(v_ids), 0);
end $$;
comment on function ops.retry_webhook_messages() is
  'Sends once more, with the same webhook-id, the messages of the last 4 days that were given up, to endpoints that '
  'are enabled: after a partner''s server was mended. Returns how many.';
grant execute on function ops.retry_webhook_messages() to service_role;

create view ops.webhook_endpoints_health with (security_invoker = true) as
select e.id, p.name as partner, e.url, e.is_enabled, e.disabled_at, e.disabled_reason, e.failure_streak, e.paused_until,
  m.pending, m.dead, m.oldest_pending_at, m.last_delivered_at, m.last_error
from private.webhook_endpoints e
join public.partners p on p.id = e.partner_id
cross join lateral (
  select count(*) filter (where w.status = 'pending') as pending, count(*) filter (where w.status = 'dead') as dead,
    min(w.created_at) filter (where w.status = 'pending') as oldest_pending_at,
    max(w.delivered_at) as last_delivered_at,
    (pg_catalog.array_agg(coalesce(w.last_error, w.last_status::text) order by w.id desc)
      filter (where w.status <> 'delivered'))[1] as last_error
  from private.webhook_messages w where w.endpoint_id = e.id) m;

comment on view ops.webhook_endpoints_health is
  'How the webhook endpoints of partners are doing, for Studio: which are disabled, what is waiting or was given up.';
comment on column ops.webhook_endpoints_health.id is
  'The endpoint; switch it on again with ops.enable_webhook_endpoint(id).';
comment on column ops.webhook_endpoints_health.partner is 'Whose it is.';
comment on column ops.webhook_endpoints_health.url is 'Where it goes.';
comment on column ops.webhook_endpoints_health.is_enabled is 'False: nothing is sent.';
comment on column ops.webhook_endpoints_health.disabled_reason is 'Why.';
comment on column ops.webhook_endpoints_health.failure_streak is 'Failed attempts since the last success.';
comment on column ops.webhook_endpoints_health.paused_until is 'While it fails, nothing is sent before this moment.';
comment on column ops.webhook_endpoints_health.pending is 'Messages waiting.';
comment on column ops.webhook_endpoints_health.dead is 'Messages given up after three days.';
comment on column ops.webhook_endpoints_health.oldest_pending_at is 'Age of the oldest waiting message.';
comment on column ops.webhook_endpoints_health.last_error is 'Why the newest message that is not delivered failed.';
