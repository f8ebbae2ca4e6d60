-- Room: operations. The job that calls what each room has due.

create function ops.run_due_jobs(as_of timestamptz default now())
returns table (job text, processed integer, failed integer)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_batch constant integer := 1000;
begin
  -- one run at a time: two would pay the same helpers in different order and wait for each other
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs')) then
    return;
  end if;
  -- first what locks members, because the others lock point accounts: members come before accounts everywhere
  return query select * from private.run_ratings_jobs(as_of, c_batch);
  return query select * from private.run_tasks_jobs(as_of, c_batch);
  return query select * from private.run_redemptions_jobs(as_of, c_batch);
  return query select * from private.run_recommendations_jobs(as_of, c_batch);
  return query select * from private.run_webhooks_jobs(as_of, c_batch);
  return query select * from private.archive_tasks(as_of, c_batch);
  return query select * from private.forget_contacts(as_of, c_batch);
  return query select * from private.run_statistics_jobs(as_of, c_batch);
  return query select * from private.run_messages_jobs(as_of, c_batch);
  -- last: they lock notifications and hosts and wait for nobody after that
  return query select * from private.run_notifications_jobs(as_of, c_batch);
  return query select * from private.run_outbox_jobs(as_of, c_batch);
end $$;
comment on function ops.run_due_jobs(timestamptz) is
  'Does what is due at a moment: expires open tasks past their deadline, confirms finished tasks that nobody '
  'answered, expires codes past their term, refunds redemptions whose partner stayed silent, forgets webhook '
  'messages after 90 days and conversations as long after their last message as the settings say, archives tasks '
  'completed more than a year ago, deletes old exact places, reveals ratings after 7 days, counts statistics (up to '
  '20,000 rows), reminds of deadlines and puts notifications into the outbox. At most 1000 of each per call; safe to '
  'repeat. Returns one row per job with the number done and failed; nothing while another run is under way.';
grant execute on function ops.run_due_jobs(timestamptz) to service_role, app_service;
