-- No privileged body where the API can see it, and no function whose names somebody else could redirect.
begin;
select plan(8);

create temporary view functions as
select p.oid, p.oid::regprocedure as name, n.nspname as schema, p.prosecdef, p.proconfig,
  -- such a procedure may pin nothing: it empties the search_path itself, and is the owner's alone
  p.prokind = 'p' and p.prosrc ~ '\mcommit;' and p.prosrc ~ 'set_config\(.search_path., ..,' as commits
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'private', 'ops')
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');

create temporary view exposed_definers as
select name from functions, unnest(array['anon', 'authenticated']) role
where schema = 'public' and prosecdef and has_function_privilege(role, oid, 'execute');
create temporary view lent_commits as
select f.name from functions f join pg_proc p on p.oid = f.oid, aclexplode(p.proacl) a
where f.commits and a.grantee <> p.proowner;
create temporary view unpinned as
select name from functions where not coalesce(proconfig, '{}') @> array['search_path=""'] and not commits;

-- the Auth server works as a role that has no rights here: what its tables trigger must bring its own
create temporary view powerless_triggers as
select t.tgname::text collate "default" as name
from pg_trigger t
join pg_proc p on p.oid = t.tgfoid
join pg_class c on c.oid = t.tgrelid
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
  and c.relnamespace not in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and not t.tgisinternal
  and not p.prosecdef;

select is_empty('select * from exposed_definers', 'no member reaches a security definer function in the exposed schema');
select is_empty('select * from unpinned', 'every function pins an empty search_path');
select is_empty('select * from lent_commits', 'a procedure that pins none, because it commits, is the owner''s alone');
select is_empty('select * from powerless_triggers', 'a trigger on a table of the platform runs as the product''s owner');

create function private.planted() returns trigger language plpgsql set search_path = '' as 'begin return null; end';
create trigger planted after insert on auth.users for each row execute function private.planted();
select results_eq('select name from powerless_triggers', array['planted'], 'one that runs as the Auth server is found');
create function public.planted() returns integer language sql security definer set search_path = public as 'select 1';
create function public.planted(integer) returns integer language sql as 'select 1';
grant execute on function public.planted() to service_role;
select is_empty('select * from exposed_definers', 'a definer in public may be there for the service role');
grant execute on function public.planted() to authenticated;
select results_eq('select name::text from exposed_definers', array['planted()'], 'one that members may execute is found');
select results_eq('select name::text from unpinned order by name::text collate "C"', array['planted()', 'planted(integer)'], 'a search_path that is missing or not empty is found');

select * from finish();
rollback;
