-- Do now what is due: expire, confirm, archive. Safe to repeat; at most 1000 of each per call.
select * from ops.run_due_jobs(now());
