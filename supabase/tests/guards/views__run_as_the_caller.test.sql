-- A view that runs as its owner would show everybody's rows.
begin;
select plan(4);

create temporary view as_owner as
select c.oid::regclass::text as name
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind = 'v'
  and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
create temporary view materialized as
select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'm';

select is_empty('select * from as_owner', 'every view is security_invoker');
select is_empty('select * from materialized', 'no materialized view sits in the exposed schema: row level security does not reach it');

create view public.planted as select 1 as one;
create materialized view public.planted_too as select 1 as one;
select results_eq('select name from as_owner', array['planted'], 'a view that runs as its owner is found');
select results_eq('select name from materialized', array['planted_too'], 'a materialized view is found');

select * from finish();
rollback;
