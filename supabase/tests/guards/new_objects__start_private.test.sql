-- Nothing is public by default: what a later migration creates and forgets to protect is closed.
begin;
select plan(8);

create table public.planted (id integer generated always as identity);
create function public.planted() returns integer language sql as 'select 1';
create function private.planted() returns integer language sql as 'select 1';
create function ops.planted() returns integer language sql as 'select 1';

create temporary table roles (name text);
insert into roles values ('anon'), ('authenticated'), ('service_role'), ('app_read'), ('app_service');

select is_empty(
  $$ select r.name, p.privilege
     from roles r cross join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p (privilege)
     where has_table_privilege(r.name, 'public.planted', p.privilege) $$, 'a new table in public is granted to nobody');
select is_empty(
  $$ select name from roles where has_sequence_privilege(name, 'public.planted_id_seq', 'usage, select, update') $$, 'nor is its sequence');
select is_empty($$ select name from roles where has_function_privilege(name, 'public.planted()', 'execute') $$, 'a new function in public may be called by nobody');
select is_empty($$ select name from roles where has_function_privilege(name, 'private.planted()', 'execute') $$, 'nor one in private');
select is_empty($$ select name from roles where has_function_privilege(name, 'ops.planted()', 'execute') $$, 'nor one in ops');

-- and really, not only in the catalogue
select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from public.planted', '42501', 'permission denied for table planted', 'a member cannot read the new table');
select throws_ok('select public.planted()', '42501', 'permission denied for function planted', 'a member cannot call the new function');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.planted', '42501', 'permission denied for table planted', 'neither can the service role');

select * from finish();
rollback;
