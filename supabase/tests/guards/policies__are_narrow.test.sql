-- Policies: for named roles, one per command and role, and cheap (auth.uid() is evaluated once per statement).
begin;
select plan(8);

create temporary view policies as
select p.oid, p.polname::text collate "default" as polname, p.polrelid::regclass as relation, p.polcmd, p.polroles, p.polpermissive,
  coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as expression
from pg_policy p
join pg_class c on c.oid = p.polrelid
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace);

create temporary view for_everyone as select relation, polname from policies where 0 = any (polroles);
create temporary view doubled as
select relation, r.role::regrole, c.command::text collate "default" as command, count(*)
from policies
cross join lateral unnest(polroles) r (role)
cross join lateral unnest(case polcmd when '*' then '{r,a,w,d}'::"char"[] else array[polcmd] end) c (command)
group by relation, r.role, c.command having count(*) > 1;
create temporary view uid_per_row as
select relation, polname from policies where replace(expression, '( SELECT auth.uid() AS uid)', '') like '%auth.uid()%';
create temporary view writing as select relation, polname from policies where polcmd <> 'r';

select is_empty('select * from for_everyone', 'every policy names its roles');
select is_empty('select * from doubled', 'there is one policy per table, command and role');
select is_empty('select * from uid_per_row', 'auth.uid() only stands in (select auth.uid())');
select is_empty('select * from writing', 'no policy opens a table for writing: changes are commands');

-- each guard finds what it is there for
create table public.planted (user_id uuid);
create policy planted_one on public.planted for all to authenticated using (user_id = auth.uid());
create policy planted_two on public.planted for select to authenticated using (true);
create policy planted_three on public.planted for delete using (true);
select results_eq('select polname from for_everyone', array['planted_three'], 'a policy for public is found');
select results_eq('select command from doubled', array['r'], 'a doubled policy is found');
select results_eq('select polname from uid_per_row', array['planted_one'], 'auth.uid() per row is found');
select results_eq('select polname from writing order by polname collate "C"', array['planted_one', 'planted_three'], 'a writing policy is found');

select * from finish();
rollback;
