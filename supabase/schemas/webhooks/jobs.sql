create function private.run_webhooks_jobs(as_of timestamptz, batch integer)
returns table (job text, processed integer, failed integer)
language sql volatile set search_path = ''
as $$
  -- what can still be sent is given up by its sender
  select 'purge_webhooks', private.purge_queue('private.webhook_messages', as_of, batch,
    'o.endpoint_id in (select e.id from private.webhook_endpoints e where not e.is_enabled)', 'endpoint disabled'), 0
$$;
comment on function private.run_webhooks_jobs(timestamptz, integer) is
  'Part of ops.run_due_jobs: gives up what waited 3 days for a disabled endpoint, forgets messages after '
  'outbox_retention_days.';
