-- Monitoring: how much would be lost if this server were lost now.

create function private.alerts_of_backups()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  -- without any, the age of what would be lost: since the first sign-up
  select 'backup_age', coalesce(pg_catalog.round(private.seconds_since(coalesce(b.taken_at,
      (select u.created_at from public.users u order by u.created_at limit 1))) / 3600, 2), 0),
    coalesce(b.name || ' in ' || b.store, 'there is none')
  from (values (1)) one
  left join lateral (
    select b.* from private.backups b where b.is_verified order by b.taken_at desc limit 1) b on true
$$;
comment on function private.alerts_of_backups() is 'Part of ops.alerts: how much would be lost without the server.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('backup_age', 25, 26, 'hours',
   'Age of the newest backup that was read back and found right, or of what would be lost without one. The daily one '
   'is made at 03:00 UTC; where the WAL archive covers the time since (archiving_fails, archive_lags), allow more.');
