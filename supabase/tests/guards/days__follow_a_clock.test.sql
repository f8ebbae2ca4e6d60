-- Whoever needs a day asks the community's clock (private.community_day) or the member's, never that of the session or UTC.
begin;
select plan(2);
create temporary view clockless as
select p.oid::regprocedure::text collate "default" as name
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'private', 'ops')
  and pg_get_functiondef(p.oid) ~* '\mcurrent_date\M|\mlocaltimestamp\M|time zone ''utc''|, ''utc''|(now|timestamp)\(\)::date'
  and p.prokind in ('f', 'p')
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');
select is_empty('select name from clockless', 'no function knows a day of its own');
create function private.planted_1() returns date language sql stable set search_path = '' as 'select current_date';
create function private.planted_2() returns timestamp language sql stable set search_path = '' as $$ select pg_catalog.date_trunc('day', now() at time zone 'UTC') $$;
create function private.planted_3() returns timestamptz language sql stable set search_path = '' as $$ select pg_catalog.date_trunc('day', now(), 'UTC') $$;
select results_eq('select name from clockless order by name', array['private.planted_1()', 'private.planted_2()', 'private.planted_3()'], 'one that does is found');
select * from finish();
rollback;
