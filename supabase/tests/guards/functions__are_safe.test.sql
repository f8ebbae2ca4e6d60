-- No privileged body where the API can see it, and no function whose names somebody else could redirect.
begin;
select plan(4);

create temporary view functions as
select p.oid, p.oid::regprocedure as name, n.nspname as schema, p.prosecdef, p.proconfig
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'private', 'ops')
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');

create temporary view exposed_definers as select name from functions where schema = 'public' and prosecdef;
create temporary view unpinned as
select name from functions where not coalesce(proconfig, '{}') @> array['search_path=""'];

select is_empty('select * from exposed_definers', 'no security definer function sits in the exposed schema');
select is_empty('select * from unpinned', 'every function pins an empty search_path');

create function public.planted() returns integer language sql security definer set search_path = public as 'select 1';
create function public.planted(integer) returns integer language sql as 'select 1';
select results_eq('select name::text from exposed_definers', array['planted()'], 'a definer in public is found');
select results_eq('select name::text from unpinned order by name::text collate "C"', array['planted()', 'planted(integer)'], 'a search_path that is missing or not empty is found');

select * from finish();
rollback;
