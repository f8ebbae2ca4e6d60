create function private.purge_webhooks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language sql volatile set search_path = ''
as $$
  -- what can still be sent is given up by its sender
  select private.purge_queue('private.webhook_messages', as_of, batch,
    'o.endpoint_id in (select e.id from private.webhook_endpoints e where not e.is_enabled)', 'endpoint disabled'), 0
$$;
comment on function private.purge_webhooks(timestamptz, integer) is
  'Job: gives up what waited 3 days for a disabled endpoint, forgets messages after 90.';

insert into private.jobs (job, room, step, every) values
  ('purge_webhooks', 'webhooks', 50, '1 hour');
-- undo: delete from private.jobs where room = 'webhooks';
