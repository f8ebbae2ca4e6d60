-- Monitoring: standbys, replication slots, and the archive of the write-ahead log (WAL).

create function private.wal_position()
returns pg_lsn
language sql stable set search_path = ''
as $$
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
    else pg_catalog.pg_current_wal_lsn() end
$$;
comment on function private.wal_position() is 'Up to where this server has written, or as a standby replayed, its WAL.';

create function private.unarchived_bytes()
returns numeric
language sql stable set search_path = ''
as $$
  select greatest(0, private.wal_position() - '0/0'::pg_lsn - (
    select (hex.log * 4294967296 + (hex.segment + 1) * pg_catalog.pg_size_bytes(
      pg_catalog.current_setting('wal_segment_size')))
    from (select ('x' || pg_catalog.substr(a.last_archived_wal, 9, 8))::bit(32)::bigint as log,
            ('x' || pg_catalog.substr(a.last_archived_wal, 17, 8))::bit(32)::bigint as segment) hex))
  from pg_catalog.pg_stat_archiver a where a.last_archived_wal ~ '^[0-9A-F]{24}'
$$;
comment on function private.unarchived_bytes() is
  'How much WAL was written after the last segment that was archived; null while none was.';

create function ops.list_replication()
returns table (kind text, name text, state text, lag_seconds numeric, lag_bytes numeric, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'standby', r.application_name, coalesce(r.state, 'unseen'),
    coalesce(pg_catalog.round(extract(epoch from r.replay_lag), 3), 0), private.wal_position() - r.replay_lsn,
    pg_catalog.format('%s, sync %s', coalesce(host(r.client_addr), 'local'), r.sync_state)
  from pg_catalog.pg_stat_replication r
  union all
  select 'slot', s.slot_name::text, case when s.active then 'active' else 'inactive' end, null,
    private.wal_position() - s.restart_lsn, coalesce(s.wal_status, 'nothing kept')
  from pg_catalog.pg_replication_slots s
  union all
  select 'archive', coalesce(a.last_archived_wal, 'nothing archived yet'),
    case when a.last_failed_time > coalesce(a.last_archived_time, '-infinity') then 'fails' else 'works' end,
    private.seconds_since(coalesce(a.last_archived_time, a.stats_reset)), private.unarchived_bytes(),
    case when a.last_failed_time > coalesce(a.last_archived_time, '-infinity')
      then pg_catalog.format('%s, %s failures in all', a.last_failed_wal, a.failed_count) end
  from pg_catalog.pg_stat_archiver a where pg_catalog.current_setting('archive_mode') <> 'off'
  union all
  select 'this_server', 'standby', 'replays',
    case when pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() then 0
      else private.seconds_since(pg_catalog.pg_last_xact_replay_timestamp()) end,
    pg_catalog.pg_last_wal_receive_lsn() - pg_catalog.pg_last_wal_replay_lsn(), null
  where pg_catalog.pg_is_in_recovery()
$$;
comment on function ops.list_replication() is 'The rows of ops.replication.';
grant execute on function ops.list_replication() to service_role, app_read;

create view ops.replication with (security_invoker = true) as select * from ops.list_replication();
comment on view ops.replication is
  'Where the write-ahead log (WAL) goes: standbys that are connected, slots that keep it for somebody, the archive, '
  'and how far this server is behind when it is a standby itself. Empty where there is nothing of it.';
comment on column ops.replication.kind is 'standby, slot, archive, this_server.';
comment on column ops.replication.name is 'Of the standby or slot; of the archive the last segment in it.';
comment on column ops.replication.state is
  'Of a standby streaming and others, of a slot active or inactive, of the archive works or fails.';
comment on column ops.replication.lag_seconds is
  'How far behind in time; of the archive since when nothing came. 0 of a standby that has everything.';
comment on column ops.replication.lag_bytes is 'How far behind in WAL; of a slot what is kept for it.';
comment on column ops.replication.detail is 'Address of the standby; what of its WAL a slot still has; what failed.';
grant select on ops.replication to service_role, app_read;

create function private.alerts_of_replication()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  with r as materialized (select r.* from ops.list_replication() r)
  select 'replication_lag', coalesce(max(r.lag_seconds), 0),
    (pg_catalog.array_agg(r.name order by r.lag_seconds desc nulls last))[1]
  from r where r.kind in ('standby', 'this_server')
  union all
  -- what a slot has lost cannot be had again, however little it was
  select 'slot_holds_wal', coalesce(max(case when r.detail = 'lost' then 1000
    else pg_catalog.round(r.lag_bytes / 1e9, 3) end), 0),
    (pg_catalog.array_agg(pg_catalog.format('%s %s, %s', r.name, r.state, r.detail) order by r.lag_bytes desc))[1]
  from r where r.kind = 'slot' and (r.state = 'inactive' or r.detail in ('unreserved', 'lost'))
  union all
  select 'archiving_fails', coalesce(max(r.lag_seconds), 0), max(r.detail)
  from r where r.kind = 'archive' and r.state = 'fails'
  union all
  -- what comes from a server that does nothing is not late
  select 'archive_lags', coalesce(max(r.lag_seconds), 0), max(r.lag_bytes) || ' bytes are not archived'
  from r where r.kind = 'archive' and coalesce(r.lag_bytes, 1e9) > 65536
$$;
comment on function private.alerts_of_replication() is 'Part of ops.alerts: standbys, slots and the archive.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('replication_lag', 60, 300, 'seconds',
   'How far the slowest standby is behind. What it lacks is lost when it is promoted.'),
  ('slot_holds_wal', 1, 50, 'GB (10^9 bytes)',
   'WAL that is kept for a standby that does not come, until the disk is full; 1000: some was lost, the standby has to '
   'be made anew. Drop the slot if nobody needs it.'),
  ('archiving_fails', 1, 300, 'seconds',
   'Since when nothing has come into the archive, while attempts fail: what is newer cannot be recovered.'),
  ('archive_lags', 300, 900, 'seconds',
   'Since when nothing has come into the archive, although there is something for it. Set archive_timeout.');
