-- Where the platform has pg_cron and pg_net, they do what npm run jobs does elsewhere. Both may be on the machine and
-- not for this database: not loaded by the server, of another database, or for superusers only.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()');
  end if;
exception when others then
  raise notice 'pg_cron cannot be used here (%): let "npm run jobs" run instead', sqlerrm;
end $$;
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('cron.job') is not null then
-- undo:     -- by query, not by cron.unschedule by name, which fails when there is no such job
-- undo:     perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
-- undo:   end if;
-- undo: end $$;

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_net') then
    create extension if not exists pg_net with schema extensions;
  end if;
exception when others then
  raise notice 'pg_net cannot be used here (%): let "npm run jobs" call the functions', sqlerrm;
end $$;
-- undo: nothing
