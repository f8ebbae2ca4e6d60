-- Open apps hear of changes where the platform has Realtime.
do $$
declare
  v_table text;
begin
  if exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    foreach v_table in array array['tasks', 'task_offers', 'task_events', 'point_transactions'] loop
      if not exists (select from pg_catalog.pg_publication_tables
                     where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = v_table) then
        execute pg_catalog.format('alter publication supabase_realtime add table public.%I', v_table);
      end if;
    end loop;
  end if;
end $$;
-- undo: nothing
