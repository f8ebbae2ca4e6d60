-- task_rules: settings as an admin has them, for members alone; no limit against abuse is told.
begin;
select plan(5);
select tests.use_default_settings();
select tests.create_supabase_user('anna');

select tests.authenticate_as('anna');
select results_eq(
  'select reward_funding::text, confirmation_days, open_task_limit, community_reward_requires_verified_contact from public.task_rules()',
  $$ values ('community', 14, 20, true) $$, 'one row, as the settings are');
select tests.reset_authentication();
update private.settings set reward_funding = 'creator', confirmation_days = 3, time_zone = 'Asia/Tokyo';
select tests.authenticate_as('anna');
select results_eq('select reward_funding::text, confirmation_days, time_zone from public.task_rules()',
  $$ values ('creator', 3, 'Asia/Tokyo') $$, 'a change shows at once');
select tests.reset_authentication();

select is_empty(
  $$ select a.name from pg_proc p cross join unnest(p.proargnames) a (name)
     where p.oid = 'public.task_rules()'::regprocedure and a.name like any ('{points_limit%,%_per_day,new_member%}') $$,
  'what keeps members from gathering points is not told');
select is_empty(
  $$ select a.name from pg_proc p cross join unnest(p.proargnames) a (name)
     where p.oid = 'public.task_rules()'::regprocedure and not exists (
       select from pg_attribute s where s.attrelid = 'private.settings'::regclass and s.attname = a.name) $$,
  'each has the name of its setting');

set local role anon;
select throws_ok('select * from public.task_rules()', '42501', 'permission denied for function task_rules', 'not for everybody');
reset role;

select * from finish();
rollback;
