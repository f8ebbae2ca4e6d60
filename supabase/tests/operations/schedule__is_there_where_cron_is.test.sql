-- pg_cron runs the jobs where the platform has it. Elsewhere the migration does without, and something else calls them.
begin;
select plan(2);

create function pg_temp.scheduled()
returns text[]
language plpgsql
as $$
declare
  v_commands text[];
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    execute 'select array_agg(command order by jobid) from cron.job where jobname = ''run-due-jobs''' into v_commands;
  end if;
  return v_commands;
end $$;

select is(pg_temp.scheduled(), case when exists (select from pg_extension where extname = 'pg_cron') then array['select ops.run_due_jobs(now())'] end,
  'the jobs are scheduled once where pg_cron is, and nowhere else');
select lives_ok('select ops.run_due_jobs(now())', 'what is scheduled can be called as it stands');

select * from finish();
rollback;
