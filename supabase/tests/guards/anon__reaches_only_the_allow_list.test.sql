-- What somebody who is not signed in can reach in the exposed schema, tried for every object there is.
begin;
select plan(7);

-- as the catalogue sees it, with rights through PUBLIC and memberships included
create temporary view reachable as
select 'relation' as kind, format('%s.%s', c.relnamespace::regnamespace, c.relname collate "default") as name
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and has_schema_privilege('anon', c.relnamespace, 'usage')
  and (has_any_column_privilege('anon', c.oid, 'select, insert, update, references')
       or has_table_privilege('anon', c.oid, 'delete, truncate, trigger'))
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
union all
select 'sequence', format('%s.%s', c.relnamespace::regnamespace, c.relname collate "default")
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind = 'S'
  and has_schema_privilege('anon', c.relnamespace, 'usage')
  -- case: the planner may evaluate conditions in any order, and the function refuses what is no sequence
  and case c.relkind when 'S' then has_sequence_privilege('anon', c.oid, 'usage, select, update') end
union all
select 'function', format('%s.%s', p.pronamespace::regnamespace, p.proname collate "default")
from pg_proc p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
  and has_schema_privilege('anon', p.pronamespace, 'usage') and has_function_privilege('anon', p.oid, 'execute')
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');

create temporary view listed as
select distinct case privilege when 'SELECT' then 'relation' else 'function' end as kind, name
from tests.allowed_rights() where grantee in ('anon', 'PUBLIC') and privilege <> 'USAGE';
grant select on listed to anon;
select results_eq(
  'select kind, name from reachable order by kind collate "C", name collate "C"',
  $$ select kind, name from listed order by kind collate "C", name collate "C" $$,
  'anon reaches what the list says, nothing else');

-- as anon sees it: the same, by trying
create function pg_temp.tries(template text, names text[])
returns table (name text, error text)
language sql
as $$ select n, tests.error_of(format(template, n)) from unnest(names) n $$;
grant execute on function pg_temp.tries(text, text[]) to public;

create temporary table tables as
select array_agg(format('%s.%s', c.relnamespace::regnamespace, c.relname collate "default")) as names from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
create temporary table commands as
select array_agg(
    case p.prokind when 'p' then 'call ' else 'select ' end || format('%s.%s(', p.pronamespace::regnamespace, p.proname collate "default") ||
    (select string_agg('null::' || case t when 'anyelement'::regtype then 'text' else t::regtype::text end, ', ')
     from unnest((p.proargtypes::oid[])) t) || ')') as names
from pg_proc p
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and p.prorettype <> 'trigger'::regtype and p.pronargs > 0
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');
grant select on tables, commands to anon;

select tests.clear_authentication();
select results_eq(
  $$ select t.name from tables, pg_temp.tries('select * from %s limit 1', names) t
     where t.error not like '42501 permission denied for %' order by t.name collate "C" $$,
  $$ select name from listed where kind = 'relation' order by name collate "C" $$,
  'reading every table: only those of the list answer');
select is_empty(
  $$ select t.* from tables, pg_temp.tries('delete from %s where false', names) t where t.error not like '42501 permission denied for %' $$,
  'deleting: refused everywhere');
select is_empty(
  $$ select t.* from tables, pg_temp.tries('truncate %s', names) t where t.error not like '42501 permission denied for %' $$,
  'truncating: refused everywhere');
select is_empty(
  $$ select t.* from tables, pg_temp.tries('insert into %s default values', names) t
     where t.error not like '42501 permission denied for %' $$,
  'inserting: refused everywhere');
select results_eq(
  $$ select n.name, c.error from commands, pg_temp.tries('%s', names) c, pg_catalog.substring(c.name, ' (.*?)\(') n (name)
     where c.error not like '42501 permission denied for %' order by n.name collate "C" $$,
  $$ select name, case when name like '%.monthly_statistics' then 'no error' else 'PT400 coordinates_invalid' end
     from listed where kind = 'function' and name <> 'public.get_api_version' order by name collate "C" $$,
  'calling every function that takes arguments: only those of the list answer, as they do without a value');
select is(public.get_api_version(), '0.1.0', 'the version is for everybody');

select * from finish();
rollback;
