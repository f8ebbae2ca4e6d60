-- Realtime sends a row to whoever may select it under row level security. Nothing else may be published, by any publication.
begin;
select plan(4);

create temporary table safe (name text);
insert into safe values ('public.tasks'), ('public.task_offers'), ('public.task_events'), ('public.point_transactions');
create temporary view unsafe_published as
select pubname::text as publication, (schemaname || '.' || tablename) collate "default" as name
from pg_publication_tables
where schemaname in ('public', 'private', 'ops') and schemaname || '.' || tablename not in (select name from safe);
create temporary view safe_unpublished as
select s.name from safe s
where exists (select from pg_publication where pubname = 'supabase_realtime')
  and not exists (select from pg_publication_tables t where t.pubname = 'supabase_realtime' and t.schemaname || '.' || t.tablename = s.name);

select is_empty('select * from unsafe_published', 'only tables whose rows are safe are published');
select is_empty('select * from safe_unpublished', 'where Realtime exists, it gets all of these');
select is_empty(
  $$ select s.name from safe s join pg_class c on c.oid = s.name::regclass where not c.relrowsecurity $$,
  'each of them has row level security');

create publication planted for table public.tasks, public.user_contacts, private.settings;
select results_eq('select name from unsafe_published where publication = ''planted'' order by name collate "C"', array['private.settings', 'public.user_contacts'],
  'an unsafe published table is found');

select * from finish();
rollback;
