-- Row level security is on for every table the product has, also for those nobody is granted.
begin;
select plan(5);

select tests.rls_enabled('public');
select tests.rls_enabled('private');
select tests.rls_enabled('ops');

-- a table that members are granted but that no policy opens would silently stay empty for them
create temporary view granted_without_policy as
select c.oid::regclass as relation, r.rolname
from pg_class c
cross join pg_roles r
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and r.rolname in ('anon', 'authenticated')
  and has_any_column_privilege(r.oid, c.oid, 'select')
  and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd in ('r', '*') and r.oid = any (p.polroles));
select is_empty('select * from granted_without_policy', 'every table that a client role may select has a policy for it');

create table public.planted (id integer);
select isnt((select relrowsecurity from pg_class where oid = 'public.planted'::regclass), true, 'a new table starts without it, so the guard can fail');

select * from finish();
rollback;
