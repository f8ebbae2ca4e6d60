-- Whoever posts or accepts waits while promises are counted: by index, however many tasks there are. With sequential scans
-- switched off the planner takes one only where no index will do.
begin;
select plan(6);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
set local enable_seqscan = off;

create function pg_temp.scans() returns bigint language sql as $$
  select sum(pg_stat_get_xact_numscans(relation))::bigint from unnest('{public.tasks,public.task_offers,public.users}'::regclass[]) relation
$$;
create function pg_temp.scans_of(member text, command text) returns bigint language plpgsql as $$
declare
  v_before bigint;
begin
  v_before := pg_temp.scans();
  perform tests.authenticate_as(member);
  execute command;
  perform tests.reset_authentication();
  return pg_temp.scans() - v_before;
end $$;

select is(pg_temp.scans_of('anna', $$ select public.create_task('Mow the lawn', 'x', 'garten', 52.5, 13.4, 10) $$), 0::bigint, 'create_task');
create temporary table t as select id from public.tasks where creator_id = tests.get_supabase_uid('anna');
select is(pg_temp.scans_of('anna', format('select public.update_task(%L, points_reward => 20)', id)), 0::bigint, 'update_task') from t;
select is(pg_temp.scans_of('ben', format('select public.offer_help(%L)', id)), 0::bigint, 'offer_help') from t;
select is(pg_temp.scans_of('anna', format('select public.accept_offer(%L)', tests.offer_on(id, 'ben'))), 0::bigint, 'accept_offer') from t;
select is((select status from public.tasks join t using (id)), 'assigned', 'these were real calls');
select cmp_ok(pg_temp.scans_of('anna', 'select count(points_reward) from public.tasks'), '>', 0::bigint, 'a scan would be seen');

select * from finish();
rollback;
