-- Rollback of operations. Removes deadlines, bans by command, and the audits; no member data is lost.

do $$
begin
  if to_regclass('cron.job') is not null then
    -- by query, not by cron.unschedule, which fails when there is no such job
    perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
  end if;
end $$;

drop function ops.audit_tasks;
drop function ops.audit_books;
drop view ops.ledger_entries;
drop function ops.unban_user;
drop function ops.ban_user;
drop function ops.run_due_jobs;
drop table private.job_progress;
