-- Studio shows these comments. Columns that name themselves (id, …_id, …_at) need none, and a body whose twin of the same
-- name in public is commented needs none either.
begin;
select plan(6);

create temporary view relations as
select c.oid, c.oid::regclass::text as name
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
create temporary view silent_relations as
select name from relations where coalesce(obj_description(oid, 'pg_class'), '') = '';
create temporary view silent_columns as
select r.name || '.' || a.attname collate "default" as name
from relations r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
where coalesce(col_description(r.oid, a.attnum), '') = '' and a.attname !~ '(^|_)(id|at)$'
  and a.attname not in ('category', 'latitude', 'longitude');
create temporary view silent_functions as
select p.oid::regprocedure::text as name
from pg_proc p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
  and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
  and not (p.pronamespace = 'private'::regnamespace and exists (
    select from pg_proc t where t.pronamespace = 'public'::regnamespace and t.proname = p.proname))
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');

select is_empty('select * from silent_relations', 'every table and view is commented');
select is_empty('select * from silent_columns', 'every column is commented');
select is_empty('select * from silent_functions', 'every function is commented');

create table public.planted (id integer, colour text);
create function public.planted() returns integer language sql as 'select 1';
select results_eq('select name from silent_relations', array['planted'], 'a table without a comment is found');
select results_eq('select name from silent_columns', array['planted.colour'], 'a column without a comment is found');
select results_eq('select name from silent_functions', array['planted()'], 'a function without a comment is found');

select * from finish();
rollback;
