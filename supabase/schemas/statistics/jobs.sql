create function private.count_statistics(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_rows     constant integer := 20 * count_statistics.batch;  -- all rows are counted at once, which is cheap
  v_progress private.statistics_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_changes  bigint[];
  v_members  uuid[];
begin
  processed := 0; failed := 0;
  -- Each statement must see what was committed before it, or the fence would let rows slip through. One run at a time.
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed'
     or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics')) then
    return;
  end if;

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
  perform private.count_between(v_progress.events_position, v_events, v_progress.ledger_position, v_ledger, v_members);
  -- by id: whoever chose anew meanwhile has a row of their own, and stays listed
  delete from private.leaderboard_changes c where c.id = any (v_changes);
  update private.statistics_progress p set events_position = v_events, ledger_position = v_ledger
  where p.is_singleton;
  processed := processed + pg_catalog.cardinality(v_changes);
end $$;
comment on function private.count_statistics(timestamptz, integer) is
  'Job: counts what the ledger and the events have got since the last run, up to 20 times batch rows; puts members '
  'on leaderboards and takes them off. All of it or nothing. Does nothing while another run is under way.';

create function private.forget_leaderboards(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_rows   constant integer := 20 * forget_leaderboards.batch;
  v_today  timestamptz := least(forget_leaderboards.as_of, now());  -- a look ahead does not end a period
  v_period text;
  v_start  date;
  v_gone   integer;
begin
  processed := 0; failed := 0;
  -- as above
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed'
     or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics')) then
    return;
  end if;

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
end $$;
comment on function private.forget_leaderboards(timestamptz, integer) is
  'Job: forgets leaderboards of ended periods, up to 20 times batch rows.';

insert into private.jobs (job, room, step, every) values
  ('count_statistics', 'statistics', 80, '1 minute'),
  ('forget_leaderboards', 'statistics', 81, '1 hour');
-- undo: delete from private.jobs where room = 'statistics';
