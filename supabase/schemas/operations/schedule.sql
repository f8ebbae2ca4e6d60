-- By pg_cron where the platform has it; the local stack calls ops.run_due_jobs() itself.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()');
  end if;
exception when others then  -- installed on the machine, but not loaded by this server
  raise notice 'pg_cron cannot be used here (%), call ops.run_due_jobs() every minute yourself', sqlerrm;
end $$;
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('cron.job') is not null then
-- undo:     -- by query, not by cron.unschedule by name, which fails when there is no such job
-- undo:     perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
-- undo:   end if;
-- undo: end $$;
