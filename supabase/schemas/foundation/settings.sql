create table private.settings (
  is_singleton boolean primary key default true,
  updated_at   timestamptz not null default now(),
  time_zone    text not null default private.default_time_zone(),
  constraint settings_has_one_row check (is_singleton)
);

comment on table private.settings is
  'Product settings, exactly one row, with columns of many rooms. Edit it in Studio; changes count from the next '
  'command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.settings.time_zone is
  'The community''s clock, such as Europe/Berlin: when days, weeks, months and years begin for settlements, '
  'statistics, leaderboards, and limits of rewards. A change holds from that moment on; nothing is counted or settled '
  'anew (private.community_clocks). Limits in 24 hours know no clock, quiet hours and digests follow the member''s.';

alter table private.settings enable row level security;

create trigger settings_set_updated_at before update on private.settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

insert into private.settings default values;

create function private.log_settings()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.audit_log (actor_id, action, details)
  select auth.uid(), 'settings_changed',
    pg_catalog.jsonb_object_agg(n.key, pg_catalog.jsonb_build_array(o.value, n.value))
  from pg_catalog.jsonb_each(to_jsonb(old)) o join pg_catalog.jsonb_each(to_jsonb(new)) n using (key)
  where n.key <> 'updated_at' and n.value <> o.value
  having count(*) > 0;
  return null;
end $$;
comment on function private.log_settings() is
  'Trigger on settings: the audit log tells what was changed, from what to what. Settings are edited in Studio.';
create trigger settings_are_logged after update on private.settings
  for each row execute function private.log_settings();
