-- app_service calls its commands and touches no table; app_read reads figures that name nobody. That they really log in, and
-- what their settings do then: tests/operations/roles.test.ts.
begin;
select plan(23);

-- how they are made
select is((select array_agg(rolname::text order by rolname) from pg_roles where rolcanlogin and rolname like 'app\_%'),
  '{app_read,app_service}', 'both log in');
select is((select rolconfig from pg_roles where rolname = 'app_read'),
  '{default_transaction_read_only=on,statement_timeout=30s,idle_in_transaction_session_timeout=60s}'::text[],
  'app_read: reads only, and not for long');
select is((select rolconfig from pg_roles where rolname = 'app_service'),
  '{statement_timeout=300s,idle_in_transaction_session_timeout=60s}'::text[], 'app_service: five minutes for a statement');
select ok(not pg_has_role('authenticator', 'app_read', 'member') and not pg_has_role('authenticator', 'app_service', 'member'),
  'a token of the API cannot name them');

-- over the whole catalogue
select is_empty(
  $$ select c.oid::regclass, p.privilege
     from pg_class c
     cross join unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) p (privilege)
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
       and c.relkind in ('r', 'v', 'm', 'p') and has_any_column_privilege('app_service', c.oid, p.privilege) $$,
  'app_service: no table and no view, not even a column');
select is_empty(
  $$ select c.oid::regclass, p.privilege
     from pg_class c
     cross join unnest('{INSERT,UPDATE,REFERENCES}'::text[]) p (privilege)
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
       and c.relkind in ('r', 'v', 'm', 'p') and has_any_column_privilege('app_read', c.oid, p.privilege) $$,
  'app_read: writes nowhere');
select is_empty(
  $$ select c.oid::regclass from pg_class c
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
       and c.relkind in ('r', 'v', 'm', 'p') and has_any_column_privilege('app_read', c.oid, 'SELECT') $$,
  'app_read: no table of members');
-- columns of views, and what functions return; a job, a table or a month may have a name
create view pg_temp.shown as
select c.oid::regclass::text as place, a.attname::text as name
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
where c.relnamespace = 'ops'::regnamespace and has_table_privilege('app_read', c.oid, 'SELECT')
union all
select p.oid::regprocedure::text, n.name
from pg_proc p
cross join unnest(p.proargnames[p.pronargs + 1:]) n (name)
where p.pronamespace = 'ops'::regnamespace and has_function_privilege('app_read', p.oid, 'EXECUTE');
select is_empty(
  $$ select place, name from pg_temp.shown
     where name ~ '^(user|creator|helper|member|rater|ratee|sender|actor)(_id|_name)?$|email|phone|address|latitude|longitude|comment|title|body' $$,
  'app_read: nothing says who, what was written, or where');

-- what they can do, and cannot: pgTAP is out of their reach, so a role is taken on around the one command
grant app_read, app_service to current_user;
create function pg_temp.outcome(role text, command text)
returns text
language plpgsql
as $$
declare
  v_outcome text := 'done';
begin
  perform tests.act_as(outcome.role, null);
  begin
    execute command;
  exception when others then
    v_outcome := sqlstate || ' ' || sqlerrm;
  end;
  reset role;
  return v_outcome;
end $$;
select tests.create_supabase_user('anna');

select is(pg_temp.outcome('app_service', 'select * from ops.run_due_jobs()'), 'done', 'app_service: runs the jobs');
select is(pg_temp.outcome('app_service', 'select * from public.claim_webhook_messages()'), 'done', 'app_service: takes webhooks');
select is(pg_temp.outcome('app_service', 'select * from public.claim_notification_deliveries()'), 'done', 'app_service: takes notifications');
select is(pg_temp.outcome('app_service', 'select * from public.claim_partner_requests()'), 'done', 'app_service: takes questions to partners');
select is(pg_temp.outcome('app_service', 'select * from public.users'), '42501 permission denied for table users', 'app_service: no members');
select is(pg_temp.outcome('app_service', 'select * from ops.alerts'), '42501 permission denied for view alerts', 'app_service: no views');
select is(pg_temp.outcome('app_service', 'delete from private.webhook_messages'), '42501 permission denied for schema private', 'app_service: no outbox by hand');
select is(pg_temp.outcome('app_service', format('select ops.adjust_points(%L, 1000, ''Mine'')', tests.get_supabase_uid('anna'))),
  '42501 permission denied for function adjust_points', 'app_service: makes no points');
select is(pg_temp.outcome('app_service', format('select ops.ban_user(%L, ''Away'')', tests.get_supabase_uid('anna'))),
  '42501 permission denied for function ban_user', 'app_service: bans nobody');

select is(pg_temp.outcome('app_read', 'select * from ops.monthly_statistics(12)'), 'done', 'app_read: reads the months');
select is(pg_temp.outcome('app_read', 'select * from ops.audit_all()'), 'done', 'app_read: runs the audits');
select is(pg_temp.outcome('app_read', 'select * from ops.run_due_jobs()'), '42501 permission denied for function run_due_jobs', 'app_read: runs no jobs');
select is(pg_temp.outcome('app_read', 'select * from ops.stuck_tasks'), '42501 permission denied for view stuck_tasks', 'app_read: not who is late');
select is(pg_temp.outcome('app_read', 'select * from public.claim_notification_deliveries()'),
  '42501 permission denied for function claim_notification_deliveries', 'app_read: no addresses');
select ok(not has_database_privilege('app_read', current_database(), 'create') and not has_database_privilege('app_service', current_database(), 'create'),
  'neither creates schemas');

select * from finish();
rollback;
