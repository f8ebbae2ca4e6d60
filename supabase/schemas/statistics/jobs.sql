create function private.run_statistics_jobs(as_of timestamptz, batch integer)
returns table (job text, processed integer, failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_rows     constant integer := 20 * run_statistics_jobs.batch;  -- all rows are counted at once, which is cheap
  v_today    timestamptz := least(run_statistics_jobs.as_of, now());  -- a look ahead does not end a period
  v_progress private.statistics_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_changes  bigint[];
  v_members  uuid[];
  v_period   text;
  v_start    date;
  v_gone     integer;
begin
  -- Each statement must see what was committed before it, or the fence would let rows slip through. One run at a time.
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed'
     or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('private.run_statistics_jobs')) then
    return;
  end if;

  job := 'count_statistics'; processed := 0; failed := 0;
  begin
    perform private.settle_statistics();
    select p.* into v_progress from private.statistics_progress p;
    select max(e.id), count(*) into v_events, processed
    from (select c.id from public.task_events c
          where c.action = 'created' and c.id > v_progress.events_position and c.id <= v_progress.events_settled
          order by c.id limit c_rows) e;
    v_events := case when processed < c_rows then v_progress.events_settled else v_events end;
    -- payments only after all postings up to the fence: a task is counted where it was posted
    select case when count(*) < c_rows - processed then v_progress.ledger_settled
      else coalesce(max(t.id), v_progress.ledger_position) end, processed + count(*)
    into v_ledger, processed
    from (select p.id from public.point_transactions p
          where p.id > v_progress.ledger_position and p.id <= v_progress.ledger_settled
          order by p.id limit c_rows - processed) t;
    select coalesce(pg_catalog.array_agg(c.id), '{}'), coalesce(pg_catalog.array_agg(distinct c.user_id), '{}')
    into v_changes, v_members
    from (select l.id, l.user_id from private.leaderboard_changes l order by l.id limit c_rows) c;
    perform private.count_statistics(v_progress.events_position, v_events, v_progress.ledger_position, v_ledger,
      v_members);
    -- by id: whoever chose anew meanwhile has a row of their own, and stays listed
    delete from private.leaderboard_changes c where c.id = any (v_changes);
    update private.statistics_progress p set events_position = v_events, ledger_position = v_ledger
    where p.is_singleton;
    processed := processed + pg_catalog.cardinality(v_changes);
  exception when others then  -- all of it or nothing: counted again next time; the other jobs go on
    processed := 0;
    failed := 1;
    raise warning 'statistics could not be counted: % %', sqlstate, sqlerrm;
  end;
  return next;

  job := 'forget_leaderboards'; processed := 0; failed := 0;
  for v_period, v_start in
    select p.period, private.period_start(p.period, v_today) from (values ('week'), ('month'), ('year')) p (period)
  loop
    delete from private.leaderboard_entries e
    where e.period = v_period and e.starts_on < v_start
      and (e.starts_on, e.user_id) in (
        select o.starts_on, o.user_id from private.leaderboard_entries o
        where o.period = v_period and o.starts_on < v_start limit c_rows);
    get diagnostics v_gone = row_count;
    processed := processed + v_gone;
    delete from private.leaderboard_counts c where c.period = v_period and c.starts_on < v_start;
  end loop;
  return next;
end $$;
comment on function private.run_statistics_jobs(timestamptz, integer) is
  'Counts what the ledger and the events have got since the last run, up to 20 times batch rows; puts members on '
  'leaderboards and takes them off; forgets leaderboards of ended periods. Returns nothing while another run is '
  'under way.';
