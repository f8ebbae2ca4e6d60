create function private.run_recommendations_jobs(as_of timestamptz, batch integer)
returns table (job text, processed integer, failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  job := 'purge_suggestions'; failed := 0;
  delete from private.suggestion_rounds r
  where r.id in (select o.id from private.suggestion_rounds o
    where o.created_at < as_of - (select pg_catalog.make_interval(days => s.suggestion_retention_days)
      from private.settings s)
    order by o.created_at limit batch for update skip locked);
  get diagnostics processed = row_count;
  return next;
end $$;
comment on function private.run_recommendations_jobs(timestamptz, integer) is
  'Jobs of the room recommendations, for ops.run_due_jobs: forgets suggestions after '
  'suggestion_retention_days.';
