begin;
select plan(19);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as open, tests.task_in('assigned', 'anna', 'ben') as assigned, tests.task_in('in_progress', 'anna', 'ben') as working;
grant select on t to authenticated;
select tests.offer_help('cem', open) from t;

select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.cancel_task(%L, repeat(''x'', 1001))', open)), 'PT400 text_too_long (reason)', 'an overlong reason') from t;
select is(tests.error_of(format('select public.cancel_task(%L, E''a\u0007'')', open)), 'PT400 text_has_control_characters (reason)', 'control characters in the reason') from t;
select is(tests.error_of('select public.cancel_task(null)'), 'PT404 task_not_found', 'no task');
select results_eq($$ select k.status::text, k.closed_at, k.helper_id, k.completed_at from t, public.cancel_task(open, ' It rained. ') k $$,
  $$ values ('cancelled', now(), null::uuid, null::timestamptz) $$, 'an open task is cancelled');
select results_eq('select action::text, actor_id, helper_id, details from public.task_events join t on task_id = t.open order by task_events.id desc limit 1',
  $$ values ('cancelled', tests.get_supabase_uid('anna'), null::uuid, '{"reason": "It rained."}'::jsonb) $$, 'the event holds the reason');
select results_eq('select distinct o.status::text, o.decided_at from public.task_offers o join t on o.task_id = t.open', $$ values ('not_chosen', now()) $$, 'its offers are passed over');
select results_eq('select k.status::text, k.closed_at, k.helper_id from t, public.cancel_task(assigned) k',
  $$ values ('cancelled', now(), tests.get_supabase_uid('ben')) $$, 'so is one that is assigned; the helper stays named');
select results_eq('select details from public.task_events join t on task_id = t.assigned order by task_events.id desc limit 1', 'select null::jsonb', 'without a reason');
select is((public.cancel_task(working)).status, 'cancelled', 'and one in progress') from t;
select tests.authenticate_as('cem');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'none of them is found');

-- repeated
select tests.reset_authentication();
update public.tasks set updated_at = now() - interval '1 hour';
select tests.authenticate_as('anna');
select is(public.cancel_task(open, 'Said twice.'), k, 'cancelling again returns the same task') from t join public.tasks k on k.id = t.open;
select is(updated_at, now() - interval '1 hour', 'untouched') from public.tasks join t on id = open;
select is((select count(*)::int from public.task_events join t on task_id = open where action = 'cancelled'), 1, 'with one event');
select tests.reset_authentication();
select is((select count(*)::int from private.audit_log join t on subject_id = open where action = 'cancelled'), 1, 'one entry in the audit log');
select is_empty('select * from public.point_transactions p join t on p.task_id in (open, assigned, working)', 'with community funding no points move');
select tests.books_are_right();

-- what can no longer happen
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.start_task(%L)', assigned)), 'PT409 task_not_assigned (cancelled)', 'the helper cannot start') from t;
select is(tests.error_of(format('select public.reveal_task_contact(%L)', assigned)), 'PT409 contact_not_open (cancelled)', 'nor see the exact place any more') from t;
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on(open, 'cem'))), 'PT409 task_not_open (cancelled)', 'the creator cannot accept') from t;

select * from finish();
rollback;
