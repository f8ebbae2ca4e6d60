create function private.purge_suggestions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from private.suggestion_rounds r
  where r.id in (select o.id from private.suggestion_rounds o
    where o.created_at < as_of - (select pg_catalog.make_interval(days => s.suggestion_retention_days)
      from private.settings s)
    order by o.created_at limit batch for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.purge_suggestions(timestamptz, integer) is
  'Job: forgets suggestions after suggestion_retention_days.';

insert into private.jobs (job, room, step, every) values
  ('purge_suggestions', 'recommendations', 40, '1 hour');
-- undo: delete from private.jobs where room = 'recommendations';
