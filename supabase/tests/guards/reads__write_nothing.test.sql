-- Whatever says that it reads runs where nothing can be written: in a read-only transaction, as GET gives it, and on a
-- standby, which moreover takes no temporary table, no NOTIFY and gives no number to a transaction.
begin;
select plan(11);

create temporary view all_functions as
select p.oid, (n.nspname || '.' || p.proname)::text collate "default" as name, p.provolatile, f.source,
  -- every name stands with its schema
  array(select m[1] from regexp_matches(f.source, '\m((?:public|private|ops)\.\w+)\s*\(', 'g') m) as called
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
cross join lateral (select regexp_replace(pg_get_functiondef(p.oid), '--[^\n]*', '', 'g') as source) f
where n.nspname in ('public', 'private', 'ops') and p.prokind in ('f', 'p');
create temporary table functions as select * from all_functions;
create temporary table calls as
select f.oid as caller, c.oid as called from functions f, unnest(f.called) name join functions c using (name);
create function tests.look_at_planted() returns void language sql as $$
  delete from functions where name ~ '\.planted$';
  insert into functions select * from all_functions where name ~ '\.planted$';
  insert into calls select f.oid, c.oid from functions f, unnest(f.called) name join functions c using (name)
  where f.name ~ '\.planted$';
$$;

-- what members and visitors call to read, and what decides which rows of a table they see
create temporary view reads as
select f.oid, f.name from functions f
where f.provolatile <> 'v' and f.name like 'public.%'
  and (has_function_privilege('authenticated', f.oid, 'execute') or has_function_privilege('anon', f.oid, 'execute'))
union
select f.oid, f.name from pg_policy p join functions f on strpos(pg_get_expr(p.polqual, p.polrelid), f.name || '(') > 0
where p.polcmd in ('r', '*') and p.polrelid in (select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace);

create temporary view reached as
with recursive r (oid) as (
  select oid from reads
  union
  select c.called from r join calls c on c.caller = r.oid)
select f.name, f.provolatile, f.source from r join functions f on f.oid = r.oid;

create temporary view unfit as
select distinct name, case
    when provolatile = 'v' then 'volatile'
    when source ~* '\mfor\s+(no\s+key\s+)?update\M|\mfor\s+(key\s+)?share\M|\mlock\s+table\M' then 'locks rows'
    when source ~* '\minsert\s+into\M|\mupdate\s+[\w.]+\s+(\w+\s+)?set\M|\mdelete\s+from\M|\mcreate\s+temp|\mmerge\s+into\M' then 'writes'
    when source ~* '\m(nextval|setval|pg_(try_)?advisory_\w+|pg_notify|txid_current|pg_current_xact_id)\s*\(|\mnotify\s' then 'what a standby refuses'
  end as reason
from reached;

select cmp_ok((select count(*) from reads), '>', 20::bigint, 'there are reads');
select is_empty('select name, reason from unfit where reason is not null', 'no read reaches anything that writes, locks, or is volatile');

-- and the other way round: a function that only reads says so, or GET and replicas would be closed to it
create temporary view shy as
with recursive r (command, oid) as (
  select f.name, f.oid from functions f
  where f.provolatile = 'v' and f.name like 'public.%' and has_function_privilege('authenticated', f.oid, 'execute')
  union
  select r.command, c.called from r join calls c on c.caller = r.oid)
select r.command from r join functions f on f.oid = r.oid group by r.command
having not bool_or(f.source ~* '\minsert\s+into\M|\mupdate\s+[\w.]+\s+(\w+\s+)?set\M|\mdelete\s+from\M');
select is_empty('select command from shy', 'every function of members that is volatile writes');

-- each is called, by a member, where nothing may be written
select tests.create_supabase_users('rea', 'other');
create temporary table given (name text, argument text);
insert into given values ('latitude', '52.52'), ('longitude', '13.405'), ('west', '13.3'), ('south', '52.4'), ('east', '13.5'), ('north', '52.6'), ('zoom', '12'),
  ('query', '''lawn'''),
  ('user_id', quote_literal(tests.get_supabase_uid('other'))),
  ('task_id', quote_literal(tests.post_task('rea'))),
  ('offer_id', quote_literal(tests.offer_on(tests.task_in('assigned', 'rea', 'other'), 'other')));
create temporary table statements as
select p.proname::text as name, case
    when t.typrelid <> 0 then format('select %s from %s row limit 1', 'public.' || p.proname || '(row)', t.typrelid::regclass)
    else format('select * from public.%I(%s)', p.proname, (
      select string_agg(format('%I => %s', a.name, coalesce(g.argument, '?')), ', ')
      from unnest(p.proargnames[1:p.pronargs]) with ordinality a (name, position)
      left join given g on g.name = a.name
      where a.position <= p.pronargs - p.pronargdefaults or g.name is not null)) end as statement
from reads r join pg_proc p on p.oid = r.oid left join pg_type t on t.oid = p.proargtypes[0]
where r.name like 'public.%';
select cmp_ok((select count(*) from statements), '>', 15::bigint, 'each has a statement that calls it');

create function tests.failures_of_reads()
returns setof text
language plpgsql
as $$
declare
  v record;
begin
  for v in select s.name, s.statement from statements s order by s.name loop
    begin
      execute v.statement;
    exception when others then
      return next format('%s: %s %s', v.name, sqlstate, sqlerrm);
    end;
  end loop;
end $$;
grant usage on schema tests to authenticated;
grant execute on function tests.failures_of_reads() to authenticated;
grant select on statements to authenticated;
savepoint before_reading;
set local transaction_read_only = on;
select tests.authenticate_as('rea');
select is_empty('select * from tests.failures_of_reads()', 'each answers a member in a read-only transaction');
select throws_ok($$ select public.update_profile(name => 'Rea') $$, '25006', null, 'in which a command is refused');
rollback to before_reading;

-- what the guard finds, planted
create function private.planted() returns integer language plpgsql stable security definer set search_path = '' as $$
begin perform from public.users u for share; return 1; end $$;
create function public.planted() returns integer language sql stable set search_path = '' as $$ select private.planted() $$;
grant execute on function public.planted() to authenticated;
select tests.look_at_planted();
select results_eq('select name, reason from unfit where reason is not null', $$ values ('private.planted', 'locks rows') $$, 'a lock behind a read is found');
insert into statements values ('planted', 'select public.planted()');
grant execute on function private.planted() to authenticated;
savepoint before_planted;
set local transaction_read_only = on;
select tests.authenticate_as('rea');
select results_eq('select * from tests.failures_of_reads()',
  array['planted: 0A000 SELECT FOR SHARE is not allowed in a non-volatile function'], 'and it fails when it is called');
rollback to before_planted;
create or replace function private.planted() returns integer language sql volatile security definer set search_path = '' as 'select 1';
select tests.look_at_planted();
select results_eq('select name, reason from unfit where reason is not null', $$ values ('private.planted', 'volatile') $$, 'a volatile function behind a read is found');
create or replace function private.planted() returns integer language sql stable security definer set search_path = ''
  as $$ select count(pg_catalog.pg_notify('x', 'y'))::integer $$;
select tests.look_at_planted();
select results_eq('select name, reason from unfit where reason is not null', $$ values ('private.planted', 'what a standby refuses') $$, 'a NOTIFY behind a read is found');
create or replace function public.planted() returns integer language sql volatile set search_path = '' as $$ select 1 $$;
select tests.look_at_planted();
select results_eq('select command from shy', array['public.planted'], 'a read that is not declared as one is found');

select * from finish();
rollback;
