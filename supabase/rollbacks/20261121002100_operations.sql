-- Written by npm run db:build: takes the room operations out again.

do $$
begin
  if to_regclass('cron.job') is not null then
    -- by query, not by cron.unschedule by name, which fails when there is no such job
    perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
  end if;
end $$;
drop function ops.audit_all;
drop function ops.run_due_jobs;
