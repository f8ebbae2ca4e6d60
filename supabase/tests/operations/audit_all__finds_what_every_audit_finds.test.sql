-- One call for all audits: what each of them finds, under its name.
begin;
select plan(4);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as open;

select is_empty('select * from ops.audit_all()', 'an undamaged database has no problem');

delete from private.open_tasks where task_id = (select open from t);
select results_eq('select audit, problem, subject_id from ops.audit_all() where audit = ''audit_tasks''',
  'select ''audit_tasks'', a.problem, a.subject_id from ops.audit_tasks() a', 'a problem is named with its audit');
select isnt_empty('select from ops.audit_all() where subject_id = (select open::text from t)', 'and with its subject');

create function ops.audit_weather() returns table (problem text, subject_id text, detail text) language sql
as 'select ''rain'', ''today'', null';
select results_eq('select problem, subject_id from ops.audit_all() where audit = ''audit_weather''',
  $$values ('rain', 'today')$$, 'an audit that is new needs no entry anywhere');

select finish();
rollback;
