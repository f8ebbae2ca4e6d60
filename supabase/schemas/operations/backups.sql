create table private.backups (
  id          bigint generated always as identity primary key,
  taken_at    timestamptz not null,
  finished_at timestamptz not null default now(),
  store       text not null,
  name        text not null,
  bytes       bigint not null,
  kind        text not null,
  is_verified boolean not null,
  constraint backups_stand_once_in_a_store unique (store, name),
  constraint backups_kind_is_known check (kind in ('scheduled', 'manual', 'deploy', 'base')),
  constraint backups_bytes_are_positive check (bytes > 0)
);
comment on table private.backups is
  'Backups that are complete and still kept: one row each, written by npm run ops:backup, deleted with the backup by '
  'its retention. A restored database has the rows from before its own backup.';
comment on column private.backups.taken_at is 'The moment whose data it holds; what came later is not in it.';
comment on column private.backups.store is 'Folder, or s3://bucket/prefix; never a password.';
comment on column private.backups.name is 'What npm run ops:restore -- --name takes.';
comment on column private.backups.bytes is 'Size in the store: compressed, and encrypted if it was asked for.';
comment on column private.backups.kind is
  'Why it was made: scheduled (daily), manual, deploy (before a deployment); base is a copy of the whole server.';
comment on column private.backups.is_verified is
  'Whether it was read back from the store and its checksums were right.';
alter table private.backups enable row level security;

create function ops.list_backups()
returns setof private.backups
language sql stable security definer set search_path = ''
as $$ select b.* from private.backups b order by b.taken_at desc $$;
comment on function ops.list_backups() is 'Backups that are kept, the newest first; body of the view ops.backups.';
grant execute on function ops.list_backups() to service_role, app_read;

create view ops.backups with (security_invoker = true) as
select b.finished_at, b.store, b.name, b.bytes, b.kind, b.is_verified, b.taken_at from ops.list_backups() b;
comment on view ops.backups is
  'Backups that are complete and still kept, the newest first: for alerts, the doctor, and whoever has to restore.';
comment on column ops.backups.store is 'Folder, or s3://bucket/prefix.';
comment on column ops.backups.name is 'What npm run ops:restore -- --name takes.';
comment on column ops.backups.bytes is 'Size in the store.';
comment on column ops.backups.kind is 'scheduled, manual, deploy, or base: a copy of the whole server.';
comment on column ops.backups.is_verified is
  'Whether it was read back from the store and its checksums were right.';
comment on column ops.backups.taken_at is 'The moment whose data it holds.';
grant select on ops.backups to service_role, app_read;

create function ops.list_sealing_keys()
returns table (key_id text, texts bigint)
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.split_part(s.sealed, '.', 1), count(*)
  from (
    select c.ciphertext from private.reward_codes c
    union all select c.secret from private.partner_connections c
    union all select e.secret from private.webhook_endpoints e
    union all select o.older ->> 'secret'
    from (select c.older_secrets from private.partner_connections c
          union all select e.older_secrets from private.webhook_endpoints e) s
    cross join lateral pg_catalog.jsonb_array_elements(s.older_secrets) o (older)) s (sealed)
  where s.sealed like '%.%.%'
  group by 1
$$;
comment on function ops.list_sealing_keys() is
  'Names of the keys under which codes and secrets are sealed; body of the view ops.sealing_keys.';
grant execute on function ops.list_sealing_keys() to service_role, app_read;

create view ops.sealing_keys with (security_invoker = true) as
select k.key_id, k.texts from ops.list_sealing_keys() k;
comment on view ops.sealing_keys is
  'Which keys of SEALING_KEYS the functions need to open what is stored. The keys themselves are in the environment of '
  'the functions alone.';
comment on column ops.sealing_keys.texts is 'How many codes and secrets are sealed under it.';
grant select on ops.sealing_keys to service_role, app_read;
