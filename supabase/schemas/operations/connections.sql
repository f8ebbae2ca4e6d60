-- Monitoring: who is connected, who waits for whom, and who holds a transaction open. What others are doing stands in
-- their statements, and so may what members wrote: the statements are masked, and not for reporting.

create function private.connection_limit()
returns integer
language sql stable set search_path = ''
as $$
  select pg_catalog.current_setting('max_connections')::integer
    - pg_catalog.current_setting('superuser_reserved_connections')::integer
    - coalesce(pg_catalog.current_setting('reserved_connections', true)::integer, 0)
$$;
comment on function private.connection_limit() is 'How many connections the server has for others than superusers.';

create function private.sessions()
returns setof pg_catalog.pg_stat_activity
language sql volatile set search_path = ''
as $$
  -- backend_type is null of sessions that the owner may not see
  select a.* from pg_catalog.pg_stat_activity a where coalesce(a.backend_type, 'client backend') = 'client backend'
$$;
comment on function private.sessions() is 'Sessions of clients, on every database of the server.';

create function private.shown_query(query text)
returns text
language sql immutable set search_path = ''
as $$ select pg_catalog.left(private.mask_literals(pg_catalog.left(query, 4000)), 500) $$;
comment on function private.shown_query(text) is 'A statement of another session, masked, at most 500 characters.';

create function ops.list_connections()
returns table (role text, state text, connections integer, longest_seconds numeric, connection_limit integer)
language sql volatile security definer set search_path = ''
as $$
  select coalesce(s.usename, '')::text, coalesce(s.state, 'unseen'), count(*)::integer,
    max(private.seconds_since(s.state_change)), private.connection_limit()
  from private.sessions() s
  group by 1, 2 order by 3 desc, 1, 2
$$;
comment on function ops.list_connections() is 'The rows of ops.connections.';
grant execute on function ops.list_connections() to service_role, app_read;

create view ops.connections with (security_invoker = true) as select * from ops.list_connections();
comment on view ops.connections is 'Connections of clients to the whole server, by role and state.';
comment on column ops.connections.role is 'Login.';
comment on column ops.connections.state is
  'active, idle, idle in transaction and others of pg_stat_activity; unseen without pg_monitor.';
comment on column ops.connections.connections is 'How many there are.';
comment on column ops.connections.longest_seconds is 'How long the one that is longest in this state has been so.';
comment on column ops.connections.connection_limit is
  'How many the server has for all of them together, without those it keeps for superusers.';
grant select on ops.connections to service_role, app_read;

create function ops.list_locks()
returns table (blocked_pid integer, blocked_role text, waits_seconds numeric, lock_type text, relation text,
  blocked_query text, blocking_pid integer, blocking_role text, blocking_state text, blocking_seconds numeric,
  blocking_query text)
language sql volatile security definer set search_path = ''
as $$
  select w.pid, w.usename::text, private.seconds_since(coalesce(l.waitstart, w.query_start)), l.locktype,
    l.relation::regclass::text, private.shown_query(w.query), b.pid, b.usename::text, b.state,
    private.seconds_since(b.xact_start), private.shown_query(b.query)
  from private.sessions() w
  cross join lateral (
    select distinct p.pid from pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) p (pid)) p
  left join pg_catalog.pg_stat_activity b on b.pid = p.pid
  left join lateral (
    select l.locktype, l.waitstart, case when l.database = w.datid then l.relation end as relation
    from pg_catalog.pg_locks l where l.pid = w.pid and not l.granted limit 1) l on true
  where w.wait_event_type = 'Lock' and w.datname = pg_catalog.current_database()
  order by 3 desc, 1, 7
$$;
comment on function ops.list_locks() is 'The rows of ops.locks.';
grant execute on function ops.list_locks() to service_role;

create view ops.locks with (security_invoker = true) as select * from ops.list_locks();
comment on view ops.locks is
  'Who waits for a lock on this database, and who holds it up: one row for each pair, the longest wait first. '
  'Statements are masked.';
comment on column ops.locks.blocked_pid is 'Session that waits.';
comment on column ops.locks.blocked_role is 'Its login.';
comment on column ops.locks.waits_seconds is 'For how long.';
comment on column ops.locks.lock_type is 'What it waits for: relation, tuple, transactionid, advisory and others.';
comment on column ops.locks.relation is 'The table or index, where the lock is on one.';
comment on column ops.locks.blocked_query is 'What it wants to do, masked.';
comment on column ops.locks.blocking_pid is 'Session it waits for; null: a prepared transaction.';
comment on column ops.locks.blocking_role is 'Login of that session.';
comment on column ops.locks.blocking_state is 'What that session is doing; idle in transaction: nothing.';
comment on column ops.locks.blocking_seconds is 'How long its transaction has been open.';
comment on column ops.locks.blocking_query is 'Its statement, or its last one, masked.';
grant select on ops.locks to service_role;

create function ops.list_long_transactions()
returns table (pid integer, role text, application text, state text, transaction_seconds numeric,
  state_seconds numeric, is_idle boolean, query text)
language sql volatile security definer set search_path = ''
as $$
  with s as (
    select s.*, s.state like 'idle in transaction%' as is_idle, private.seconds_since(s.xact_start) as open_seconds,
      private.seconds_since(s.state_change) as state_seconds
    from private.sessions() s
    where s.xact_start is not null and s.pid <> pg_catalog.pg_backend_pid()
      and s.datname = pg_catalog.current_database()
  )
  select s.pid, s.usename::text, s.application_name, s.state, s.open_seconds, s.state_seconds, s.is_idle,
    private.shown_query(s.query)
  from s
  where s.open_seconds >= private.warn_at('long_transactions')
    or (s.is_idle and s.state_seconds >= private.warn_at('idle_transactions'))
  order by s.open_seconds desc, s.pid
$$;
comment on function ops.list_long_transactions() is 'The rows of ops.long_transactions.';
grant execute on function ops.list_long_transactions() to service_role;

create view ops.long_transactions with (security_invoker = true) as select * from ops.list_long_transactions();
comment on view ops.long_transactions is
  'Transactions on this database that have been open, or idle, for as long as the alerts long_transactions and '
  'idle_transactions warn of, the longest first. They hold their locks and keep vacuum from its work.';
comment on column ops.long_transactions.pid is 'Session.';
comment on column ops.long_transactions.role is 'Its login.';
comment on column ops.long_transactions.application is 'What it calls itself.';
comment on column ops.long_transactions.state is 'active, idle in transaction, idle in transaction (aborted).';
comment on column ops.long_transactions.transaction_seconds is 'How long the transaction has been open.';
comment on column ops.long_transactions.state_seconds is 'How long it has been in this state.';
comment on column ops.long_transactions.is_idle is 'Whether it does nothing.';
comment on column ops.long_transactions.query is 'Its statement, or its last one, masked.';
grant select on ops.long_transactions to service_role;

create function private.alerts_of_connections()
returns table (alert text, value numeric, detail text)
language sql volatile set search_path = ''
as $$
  with s as materialized (select s.* from private.sessions() s),
  here as (
    select s.*, s.state like 'idle in transaction%' as is_idle from s
    where s.datname = pg_catalog.current_database() and s.pid <> pg_catalog.pg_backend_pid())
  select 'connections', pg_catalog.round(100.0 * count(*) / private.connection_limit(), 1),
    pg_catalog.format('%s of %s', count(*), private.connection_limit())
  from s
  union all
  select 'long_transactions', coalesce(max(private.seconds_since(h.xact_start)), 0),
    'pid ' || (pg_catalog.array_agg(h.pid order by h.xact_start))[1]
  from here h where h.xact_start is not null
  union all
  select 'idle_transactions', coalesce(max(private.seconds_since(h.state_change)), 0),
    'pid ' || (pg_catalog.array_agg(h.pid order by h.state_change))[1]
  from here h where h.is_idle
  union all
  select 'blocked_sessions', coalesce(max(private.seconds_since(h.query_start)), 0),
    pg_catalog.format('%s sessions wait for locks', count(*))
  from here h where h.wait_event_type = 'Lock'
$$;
comment on function private.alerts_of_connections() is
  'Part of ops.alerts: connections, and transactions that hold up others. Reads no locks, which would hold up others, '
  'too: how long somebody waits is counted from the begin of the statement.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('connections', 80, 95, '%',
   'Connections of clients in use, of those the server has for others than superusers: see ops.connections. Connect '
   'through the pooler, or end what is idle.'),
  ('long_transactions', 300, 1800, 'seconds',
   'The longest open transaction: see ops.long_transactions. Cancel it if nobody needs it.'),
  ('idle_transactions', 60, 300, 'seconds',
   'The longest transaction that does nothing: see ops.long_transactions. End its session.'),
  ('blocked_sessions', 10, 60, 'seconds',
   'The longest wait for a lock: see ops.locks for who holds it.');
