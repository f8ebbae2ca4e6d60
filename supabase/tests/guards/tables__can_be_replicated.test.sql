-- Logical replication carries every table to another server, row by row, so that a new major version can take over.
begin;
select plan(6);

create temporary view ours as
select c.* from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'p')
  -- the row of a read (decision 0033)
  and coalesce(obj_description(c.oid, 'pg_class'), '') not like '%Holds nothing.';

-- an update or a deletion of a row that nothing identifies is refused as soon as its table is published
create temporary view without_identity as
select o.oid::regclass::text collate "default" as name from ours o
where o.relreplident <> 'f' and not exists (
  select from pg_index i
  where i.indrelid = o.oid and i.indisvalid and i.indimmediate
    and case o.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end);

create temporary view without_log as
select o.oid::regclass::text collate "default" as name from ours o where o.relpersistence <> 'p';

-- what a trigger has written comes by itself; one that fires on the subscriber, too, writes it a second time
create temporary view fired_twice as
select t.tgname::text collate "default" as name from pg_trigger t join ours o on o.oid = t.tgrelid where t.tgenabled <> 'O';

select is_empty('select * from without_identity', 'every table has a primary key or a replica identity');
select is_empty('select * from without_log', 'every table is in the write-ahead log');
select is_empty('select * from fired_twice', 'every trigger fires where the change is made, and nowhere else');

create table public.planted (id integer, note text);
create table public.planted_late (id integer primary key deferrable);
create table public.planted_nothing (id integer primary key);
alter table public.planted_nothing replica identity nothing;
create table public.planted_full (id integer);
alter table public.planted_full replica identity full;
create table public.planted_index (id integer not null unique);
alter table public.planted_index replica identity using index planted_index_id_key;
select results_eq('select name from without_identity order by 1', array['planted', 'planted_late', 'planted_nothing'],
  'a table without one is found: without key, with a deferrable one, with none on purpose');

create unlogged table public.planted_unlogged (id integer primary key);
select results_eq('select name from without_log', array['planted_unlogged'], 'an unlogged table is found');

create trigger planted_always before update on public.planted execute function private.refuse_change();
create trigger planted_off before update on public.planted execute function private.refuse_change();
alter table public.planted enable always trigger planted_always, disable trigger planted_off;
select results_eq('select name from fired_twice order by 1', array['planted_always', 'planted_off'],
  'a trigger that fires on a subscriber, or nowhere, is found');

select * from finish();
rollback;
