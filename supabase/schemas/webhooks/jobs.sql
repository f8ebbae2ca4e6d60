create function private.purge_webhooks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language sql volatile set search_path = ''
as $$
  -- what can still be sent is given up by its sender
  select private.purge_queue('private.webhook_messages', as_of, batch,
    'o.endpoint_id in (select e.id from private.webhook_endpoints e where not e.is_enabled)', 'endpoint disabled'), 0
$$;
comment on function private.purge_webhooks(timestamptz, integer) is
  'Job: gives up what waited 3 days for a disabled endpoint, forgets messages after outbox_retention_days.';

create function private.has_work_for_deliver_webhooks()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.webhook_endpoints e join private.webhook_messages m on m.endpoint_id = e.id
    where e.is_enabled and e.paused_until <= now() and m.status = 'pending' and m.next_attempt_at <= now())
$$;
comment on function private.has_work_for_deliver_webhooks() is 'Whether a webhook is waiting that may be sent now.';

insert into private.jobs (job, room, step, every) values
  ('purge_webhooks', 'webhooks', 50, '1 hour');
-- undo: delete from private.jobs where room = 'webhooks';

insert into private.jobs (job, room, runs_in) values ('deliver_webhooks', 'webhooks', 'function');
-- undo: nothing
