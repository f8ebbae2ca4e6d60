-- Who holds which right on which object of the product: exactly what supabase/tests/000_who_reaches_what.test.sql says.
begin;
-- without public, so that names come out qualified
set local search_path = extensions;
select plan(12);

create temporary view objects as
with schemas as (
  select oid, nspname, nspacl, nspowner from pg_namespace where nspname in ('public', 'private', 'ops'))
select 'schema' as kind, nspname::text as name, nspowner as owner, coalesce(nspacl, acldefault('n', nspowner)) as acl,
  'pg_namespace'::regclass as catalogue, oid
from schemas
union all
select case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, c.oid::regclass::text, c.relowner,
  coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)),
  'pg_class'::regclass, c.oid
from pg_class c join schemas s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
union all
select 'column', a.attrelid::regclass::text || '.' || a.attname collate "default", c.relowner, a.attacl, 'pg_class'::regclass, c.oid
from pg_attribute a join pg_class c on c.oid = a.attrelid join schemas s on s.oid = c.relnamespace
where a.attacl is not null and not a.attisdropped
union all
select 'function', p.oid::regproc::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)),
  'pg_proc'::regclass, p.oid
from pg_proc p join schemas s on s.oid = p.pronamespace
union all
select 'type', t.oid::regtype::text, t.typowner, t.typacl, 'pg_type'::regclass, t.oid
from pg_type t join schemas s on s.oid = t.typnamespace where t.typacl is not null;

create temporary view each_grant as
select o.kind, o.oid, x.privilege_type || case when x.is_grantable then ' with grant option' else '' end as privilege,
  o.name collate "default" as name,
  case x.grantee when 0 then 'PUBLIC' else r.rolname::text collate "default" end as grantee
from objects o
cross join lateral aclexplode(o.acl) x
left join pg_roles r on r.oid = x.grantee
where x.grantee <> o.owner
  and (x.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role', 'app_read', 'app_service', 'authenticator'))
  and not exists (select from pg_depend d where d.classid = o.catalogue and d.objid = o.oid and d.deptype = 'e');

-- a table that is granted by all of its columns is granted, so that the list need not name them
create temporary view whole_tables as
select g.privilege, t.name, g.grantee, t.oid
from each_grant g join objects t on g.kind = 'column' and t.kind = 'table' and t.oid = g.oid
group by g.privilege, t.name, g.grantee, t.oid
having count(*) = (select count(*) from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped);

create temporary view granted as
select g.kind, g.privilege || case when g.kind = 'table' and g.privilege = 'SELECT' then ' with system columns' else '' end as privilege, g.name, g.grantee
from each_grant g
where not exists (select from whole_tables w where g.kind = 'column' and (w.privilege, w.oid, w.grantee) = (g.privilege, g.oid, g.grantee))
union all
select 'table', w.privilege, w.name, w.grantee from whole_tables w;

create temporary view unlisted as
select privilege, name, grantee from granted except select privilege, name, grantee from tests.allowed_rights();

-- the list names functions without their arguments
create temporary view ambiguous as
select g.name from granted g
join pg_proc p on p.pronamespace::regnamespace || '.' || p.proname = g.name
where g.kind = 'function' group by g.name having count(distinct p.oid) > 1;

select is_empty('select * from unlisted', 'nothing is granted that 000_who_reaches_what.test.sql does not list');
select is_empty(
  'select privilege, name, grantee from tests.allowed_rights() except select privilege, name, grantee from granted',
  'everything on the list is granted');
select is_empty('select * from ambiguous', 'no function that somebody may call shares its name with another');
select is_empty(
  $$ select m.roleid::regrole, m.member::regrole from pg_auth_members m
     where m.member in ('anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole, 'app_read'::regrole, 'app_service'::regrole) $$,
  'the API roles are members of no other role');

-- each kind of grant is seen
create table public.planted (id integer generated always as identity, note text);
create function public.planted() returns integer language sql as 'select 1';
grant insert, truncate on public.planted to anon;
grant update (note) on public.planted to authenticated with grant option;
grant usage on sequence public.planted_id_seq to service_role;
grant execute on function public.planted() to public;
grant create on schema ops to app_read;
select results_eq(
  'select privilege, name, grantee from unlisted order by privilege collate "C", name collate "C"',
  $$ values ('CREATE', 'ops', 'app_read'), ('EXECUTE', 'public.planted', 'PUBLIC'),
    ('INSERT', 'public.planted', 'anon'), ('TRUNCATE', 'public.planted', 'anon'),
    ('UPDATE with grant option', 'public.planted.note', 'authenticated'),
    ('USAGE', 'public.planted_id_seq', 'service_role') $$,
  'a new grant is found, whatever it is on');

-- system columns tell which rows one transaction wrote and locked, and so who did what; and one column without its grant
-- breaks select * with all that hangs on it
create table public.half_granted (id integer, note text);
call private.grant_columns('public.half_granted', 'authenticated, service_role');
select is_empty($$ select * from unlisted where name like '%half_granted.%' $$, 'a table granted by columns counts as granted');
alter table public.half_granted add column added text;
grant select on public.half_granted to anon;
select results_eq($$ select privilege, name, grantee from unlisted where name like '%half_granted%' order by name collate "C", grantee collate "C" $$,
  $$ values ('SELECT with system columns', 'public.half_granted', 'anon'), ('SELECT', 'public.half_granted.id', 'authenticated'),
    ('SELECT', 'public.half_granted.id', 'service_role'), ('SELECT', 'public.half_granted.note', 'authenticated'),
    ('SELECT', 'public.half_granted.note', 'service_role') $$,
  'a column added without its grant is found, and so is a grant of the whole table');
set local role authenticated;
select throws_ok('select xmin from public.tasks', '42501', 'permission denied for table tasks', 'and really, not only in the catalogue');
reset role;

-- and the rights that exist by membership or superuser attribute
select is_empty(
  $$ select rolname from pg_roles
     where rolname in ('anon', 'authenticated', 'authenticator', 'app_read', 'app_service') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) $$,
  'no client role has an attribute that beats grants or row level security');
select ok((select not rolcanlogin from pg_roles where rolname = 'anon'), 'anon cannot log in');
select ok((select not rolcanlogin from pg_roles where rolname = 'authenticated'), 'authenticated cannot log in');
select is_empty(
  $$ select n.nspname from pg_namespace n
     where n.nspname in ('public', 'private', 'ops')
       and (has_schema_privilege('anon', n.oid, 'create') or has_schema_privilege('authenticated', n.oid, 'create')
            or has_schema_privilege('service_role', n.oid, 'create')) $$,
  'no client role can create objects');

select * from finish();
rollback;
