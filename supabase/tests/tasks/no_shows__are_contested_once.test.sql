-- What a helper says against a no-show, who reads it, and what admins decide.
begin;
select plan(40);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('assigned', 'anna', 'ben') as id, tests.task_in('assigned', 'anna', 'cem') as late;
update private.tasks_under_way set expected_at = now() - interval '2 days' where task_id in (select id from t union select late from t);
update public.tasks set assigned_at = now() - interval '4 days' where id in (select id from t union select late from t);
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', id)) from t;
select tests.as_member('cem', format('select public.release_task(%L)', late)) from t;
create temporary table l as select (select l.id from public.lapses l join t on l.task_id = t.id) as no_show, (select l.id from public.lapses l join t on l.task_id = t.late) as late;
grant select on t, l to authenticated, service_role;
create function pg_temp.contest(words text) returns text language sql as $$ select tests.error_of(format('select public.contest_no_show(%s, %L)', no_show, words)) from l $$;
create function pg_temp.totals(who text) returns text language sql as $$
  select coalesce((select format('%s %s', no_shows, late_releases) from private.lapse_totals where user_id = tests.get_supabase_uid(who)), 'none') $$;
create function pg_temp.decide(decision text, reason text) returns text language sql as $$ select tests.error_of(format('select ops.decide_no_show(%s, %L, %L)', no_show, decision, reason)) from l $$;
grant execute on function pg_temp.contest(text) to authenticated;
grant execute on function pg_temp.decide(text, text) to authenticated, service_role, anon;
select is(pg_temp.totals('ben') || ', ' || pg_temp.totals('cem'), '1 0, 0 1', 'a no-show and a late release');

-- who reads lapses
select tests.authenticate_as('ben');
select results_eq('select id from public.lapses', 'select no_show from l', 'a helper reads the own one');
select tests.authenticate_as('cem');
select results_eq('select id from public.lapses', 'select late from l', 'each their own');
select tests.authenticate_as('anna');
select is_empty('select id from public.lapses', 'the creator none');
select is(pg_temp.contest('I was not there.'), 'PT404 no_show_not_found', 'and has nothing to contest');
select tests.clear_authentication();
select throws_ok('select id from public.lapses', '42501', null, 'nobody without signing in');
select throws_ok('select public.contest_no_show(1, ''x'')', '42501', null, 'who may not contest either');
select tests.authenticate_as('ben');
select throws_ok('update public.lapses set decision = ''withdrawn''', '42501', null, 'a table that nobody writes');
select throws_ok('delete from public.lapses', '42501', null, 'or empties');
select throws_ok('select * from ops.no_shows', '42501', null, 'members reach nothing of the admins');
select throws_like(format('select ops.decide_no_show(%s, ''withdrawn'', ''Me'')', no_show), '%permission denied%', 'least of all the decision') from l;

-- contesting
select is(pg_temp.contest(' '), 'PT400 text_blank (statement)', 'in words');
select is(pg_temp.contest(repeat('x', 1001)), 'PT400 text_too_long (statement)', 'not too many');
select is(pg_temp.contest(E'a\u0007'), 'PT400 text_has_control_characters (statement)', 'without control characters');
select is(tests.error_of('select public.contest_no_show(null, ''I was there.'')'), 'PT404 no_show_not_found', 'of something');
select is(tests.error_of(format('select public.contest_no_show(%s, ''I was there.'')', late)), 'PT404 no_show_not_found', 'that is one''s own') from l;
select results_eq('select statement, contested_at, decision::text from l, public.contest_no_show(no_show, '' I rang twice. '') c', $$ values ('I rang twice.', now(), null::text) $$, 'once');
select results_eq('select c.statement from l, public.contest_no_show(no_show, ''I rang twice.'') c', $$ values ('I rang twice.') $$, 'the same words again return the row');
select is(pg_temp.contest('And knocked.'), 'PT409 no_show_already_contested', 'other words come too late');
select tests.authenticate_as('cem');
select is(tests.error_of(format('select public.contest_no_show(%s, ''I fell ill.'')', late)), 'PT404 no_show_not_found', 'a late release cannot be contested') from l;
select tests.reset_authentication();
select is(pg_temp.totals('ben'), '1 0', 'until somebody decides, it counts');

-- what admins see
select tests.authenticate_as_service_role();
select results_eq('select helper, creator, reason, statement, decision::text, no_shows_of_helper, no_shows_by_creator from ops.no_shows join l on no_show_id = no_show',
  $$ values ('Ben', 'Anna', 'Nobody came.', 'I rang twice.', null::text, 1::bigint, 1::bigint) $$, 'both sides in one row');
select is_empty('select 1 from ops.no_shows join l on no_show_id = late', 'late releases are none');
select is(pg_temp.decide('maybe', 'x'), 'PT400 decision_invalid (maybe)', 'yes or no');
select is(pg_temp.decide(null, 'x'), 'PT400 decision_invalid (null)', 'not nothing');
select is(pg_temp.decide('withdrawn', ''), 'PT400 text_blank (reason)', 'with a reason');
select is(tests.error_of('select ops.decide_no_show(null, ''upheld'', ''x'')'), 'PT404 no_show_not_found', 'of something');
select is(tests.error_of(format('select ops.decide_no_show(%s, ''withdrawn'', ''x'')', late)), 'PT404 no_show_not_found', 'that is a no-show') from l;
select results_eq('select d.decision::text, d.decision_reason from l, ops.decide_no_show(no_show, ''upheld'', ''Anna waited all day.'') d', $$ values ('upheld', 'Anna waited all day.') $$, 'upheld');
select tests.reset_authentication();
select is(pg_temp.totals('ben'), '1 0', 'it goes on counting');
select is((select string_agg(i, ' ') from tests.inbox('ben') i), 'offer_accepted no_show_recorded no_show_upheld', 'the helper is told');
select is(pg_temp.decide('upheld', 'Said twice.'), 'no error', 'decided again the same way');
select is((select decision_reason from public.lapses join l on id = no_show), 'Anna waited all day.', 'changes nothing');
select is(pg_temp.decide('withdrawn', 'The bell is broken.'), 'no error', 'another decision replaces it');
select is(pg_temp.totals('ben'), '0 0', 'and it no longer counts');
select is((select string_agg(i, ' ') from tests.inbox('ben') i), 'offer_accepted no_show_recorded no_show_upheld no_show_withdrawn', 'which is told as well');
select results_eq('select action, details ->> ''reason'' from private.audit_log join t on subject_id = t.id where action like ''no_show%'' order by audit_log.id',
  $$ values ('no_show_upheld', 'Anna waited all day.'), ('no_show_withdrawn', 'The bell is broken.') $$, 'every decision is in the audit log');
select tests.authenticate_as('ben');
select results_eq('select decision::text, decision_reason from public.lapses', $$ values ('withdrawn', 'The bell is broken.') $$, 'the helper reads the decision');
select tests.reset_authentication();
update public.lapses set statement = null, contested_at = null;
select tests.authenticate_as('ben');
select is(pg_temp.contest('Too late.'), 'PT409 no_show_decided (withdrawn)', 'what is decided needs no words');
select tests.reset_authentication();
select tests.books_are_right('and the totals agree');

select * from finish();
rollback;
