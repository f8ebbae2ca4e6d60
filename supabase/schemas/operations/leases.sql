-- Jobs outside the database: edge functions that are called, and what npm run jobs does itself. Whoever does one holds
-- a lease on it meanwhile, so that several programs may ask at the same time, through any pooler.

create function ops.claim_jobs(runs_in text)
returns setof text
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j
  set started_at = now(),
      -- a call ends within a minute; a long command renews its lease
      leased_until = now() + case j.runs_in when 'function' then interval '75 seconds' else interval '10 minutes' end
  where j.runs_in <> 'database' and j.job = any (array(
    select c.job from private.jobs c where c.runs_in = claim_jobs.runs_in and private.is_due(c)
    for no key update skip locked))
  returning j.job
$$;
comment on function ops.claim_jobs(text) is
  'Takes what is due in a place (function, command) and nobody else is at, and returns its names. ops.finish_job ends '
  'it; without, it is due again after 75 seconds, a command after 10 minutes.';
grant execute on function ops.claim_jobs(text) to service_role, app_service;

create function ops.hold_job(job text)
returns boolean
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j set leased_until = now() + interval '10 minutes'
  where j.job = hold_job.job and j.runs_in = 'command' and j.leased_until > now()
  returning true
$$;
comment on function ops.hold_job(text) is
  'Renews the lease of a command that takes long, for 10 minutes; null when it has ended and another may be at it.';
grant execute on function ops.hold_job(text) to service_role, app_service;

create function ops.finish_job(job text, error text default null)
returns void
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j
  set finished_at = pg_catalog.clock_timestamp(),
      duration_ms = least(1000 * extract(epoch from pg_catalog.clock_timestamp() - j.started_at), 2147483647),
      processed = (error is null)::integer, failed = (error is not null)::integer, request_id = null,
      succeeded_at = case when finish_job.error is null then pg_catalog.clock_timestamp() else j.succeeded_at end,
      failed_at = case when finish_job.error is null then j.failed_at else pg_catalog.clock_timestamp() end,
      error = coalesce(pg_catalog.left(finish_job.error, 500), j.error),
      leased_until = now() + case
        when finish_job.error is null then interval '0'
        when j.runs_in = 'function' then interval '10 seconds'
        else interval '15 minutes' end
  where j.job = finish_job.job and j.runs_in <> 'database'
$$;
comment on function ops.finish_job(text, text) is
  'Writes down how a claimed job ended and gives it back. With an error it is tried again: a function after 10 '
  'seconds, a command after 15 minutes. An error must not hold personal data.';
grant execute on function ops.finish_job(text, text) to service_role, app_service;

create function private.project_address(out url text, out key text)
language plpgsql stable set search_path = ''
as $$
declare
  v_secrets regclass := pg_catalog.to_regclass('vault.decrypted_secrets');
begin
  if v_secrets is not null then
    execute pg_catalog.format($sql$
      select max(s.decrypted_secret) filter (where s.name = 'project_url'),
        max(s.decrypted_secret) filter (where s.name = 'secret_key')
      from %s s where s.name in ('project_url', 'secret_key') $sql$, v_secrets) into url, key;
  end if;
end $$;
comment on function private.project_address() is
  'Where the project''s functions are, and its secret key, from Vault; nulls where nothing of it is.';

create function private.call_functions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_url     text;
  v_key     text;
  v_job     private.jobs;
  v_name    text;
  v_status  integer;
  v_error   text;
  v_answers regclass := pg_catalog.to_regclass('net._http_response');
begin
  processed := 0; failed := 0;
  select rtrim(a.url, '/'), a.key into v_url, v_key from private.project_address() a;
  if v_url is null or v_key is null or v_answers is null then
    return;
  end if;
  -- what came of the last calls
  for v_job in select j.* from private.jobs j where j.request_id is not null for no key update skip locked loop
    execute pg_catalog.format('select r.status_code, r.error_msg from %s r where r.id = $1', v_answers)
    into v_status, v_error using v_job.request_id;
    v_error := case
      when v_status between 200 and 299 then null
      when v_status is not null then 'answered ' || v_status
      when v_error is not null then v_error
      when v_job.leased_until <= now() then 'no answer' else 'waiting' end;
    continue when v_error = 'waiting';
    perform ops.finish_job(v_job.job, v_error);
    failed := failed + (v_error is not null)::integer;
  end loop;
  -- sent when this transaction has ended
  for v_name in select c from ops.claim_jobs('function') c limit batch loop
    execute pg_catalog.format($sql$
      update private.jobs j set request_id = %I.http_post(url := $2, headers := $3, timeout_milliseconds := 60000)
      where j.job = $1 $sql$, 'net')
    using v_name, v_url || '/functions/v1/' || pg_catalog.replace(v_name, '_', '-'),
      pg_catalog.jsonb_build_object('apikey', v_key);
    processed := processed + 1;
  end loop;
end $$;
comment on function private.call_functions(timestamptz, integer) is
  'Job: calls the edge functions that have work, where pg_net is and Vault holds project_url and secret_key; one call '
  'of each at a time. Counts the calls, and as failed what was not answered well since the last run.';

create function private.purge_cron_log(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_runs regclass := pg_catalog.to_regclass('cron.job_run_details');
begin
  processed := 0; failed := 0;
  if v_runs is null then
    return;
  end if;
  execute pg_catalog.format($sql$
    delete from %1$s d
    where d.runid in (select r.runid from %1$s r where coalesce(r.end_time, r.start_time) < $1 limit $2) $sql$, v_runs)
  using as_of - (select pg_catalog.make_interval(days => s.cron_log_days) from private.settings s), batch;
  get diagnostics processed = row_count;
end $$;
comment on function private.purge_cron_log(timestamptz, integer) is
  'Job: forgets what pg_cron noted of its runs cron_log_days ago. pg_cron itself keeps it for ever.';

insert into private.jobs (job, room, step, every) values
  ('purge_cron_log', 'operations', 190, '1 hour'),
  ('call_functions', 'operations', 200, '1 minute');
-- undo: delete from private.jobs where room = 'operations';

insert into private.jobs (job, room, runs_in, every, starts_at) values
  ('back_up', 'operations', 'command', '1 day', '3 hours');
-- undo: nothing
