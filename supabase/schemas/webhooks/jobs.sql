create function private.run_webhooks_jobs(as_of timestamptz, batch integer)
returns table (job text, processed integer, failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  job := 'purge_webhooks'; failed := 0;
  update private.webhook_messages m set status = 'dead', last_error = coalesce(m.last_error, 'endpoint disabled')
  from private.webhook_endpoints e
  where e.id = m.endpoint_id and not e.is_enabled and m.status = 'pending' and m.created_at < as_of - interval '3 days';
  delete from private.webhook_messages m
  where m.id in (select w.id from private.webhook_messages w
    where w.created_at < as_of - interval '90 days' and w.status <> 'pending' order by w.created_at limit batch);
  get diagnostics processed = row_count;
  return next;
end $$;
comment on function private.run_webhooks_jobs(timestamptz, integer) is
  'Part of ops.run_due_jobs: gives up what waited 3 days for a disabled endpoint, forgets messages after 90.';
