-- offer_help, withdraw_offer, decline_offer: what each does, repeated and in an order that nobody expects.
begin;
select plan(44);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create temporary table t as select tests.post_task('anna') as id, tests.post_task('anna') as other;
create temporary table o (who text primary key, id uuid);
grant all on t, o to authenticated;
create function pg_temp.make_old() returns void language sql as $$ update public.task_offers set updated_at = now() - interval '1 hour', created_at = now() - interval '1 hour' $$;
create function pg_temp.offer_of(who text) returns public.task_offers language sql as $$ select f from public.task_offers f join o on o.id = f.id where o.who = $1 $$;
grant execute on function pg_temp.offer_of(text) to authenticated;

-- offering
select tests.authenticate_as('ben');
with made as (select f.* from t, public.offer_help(t.id, '  I can come tomorrow.  ') f), kept as (insert into o select 'ben', id from made)
select results_eq(format('select %L::uuid, %L::uuid, %L::uuid, %L, %L, %L::timestamptz', task_id, creator_id, helper_id, message, status, decided_at),
  $$ select id, tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 'I can come tomorrow.', 'pending', null::timestamptz from t $$, 'an offer is pending, its message trimmed') from made;
select tests.reset_authentication();
select pg_temp.make_old();
select tests.authenticate_as('ben');
select is((select public.offer_help(id, 'Something else.') from t), pg_temp.offer_of('ben'), 'offering again returns the same offer');
select is((pg_temp.offer_of('ben')).message, 'I can come tomorrow.', 'with the first message');
select is((pg_temp.offer_of('ben')).updated_at, now() - interval '1 hour', 'untouched');
select is((select count(*)::int from public.task_offers), 1, 'there is one');
select tests.authenticate_as('cem');
insert into o select 'cem', f.id from t, public.offer_help(t.id) f;
select is((pg_temp.offer_of('cem')).message, null, 'a message is optional');
select tests.authenticate_as('dora');
insert into o select 'dora', f.id from t, public.offer_help(t.id, ' ') f;
select is((pg_temp.offer_of('dora')).message, null, 'a blank one is none');
select is((public.offer_help(other, repeat('ü', 1000))).message, repeat('ü', 1000), 'it may have 1000 characters') from t;
select is_empty($$ select * from public.task_events where task_id = (select id from t) $$, 'offers are no events: nobody else sees who offered');

-- input
select tests.authenticate_as('cem');
select is(tests.error_of(format('select public.offer_help(%L, repeat(''x'', 1001))', other)), 'PT400 text_too_long (message)', '1001 are too many') from t;
select is(tests.error_of(format('select public.offer_help(%L, E''a\u0007'')', other)), 'PT400 text_has_control_characters (message)', 'control characters are refused') from t;
select is(tests.error_of('select public.offer_help(null)'), 'PT404 task_not_found', 'no task');
select is(tests.error_of(format('select public.offer_help(%L)', tests.get_supabase_uid('no task'))), 'PT404 task_not_found', 'a task that does not exist');
select is(tests.error_of('select public.withdraw_offer(null)'), 'PT404 offer_not_found', 'no offer to withdraw');
select is(tests.error_of('select public.decline_offer(null)'), 'PT404 offer_not_found', 'no offer to decline');
select is(tests.error_of('select public.accept_offer(null)'), 'PT404 offer_not_found', 'no offer to accept');
select is_empty($$ select * from public.task_offers where task_id = (select other from t) $$, 'the refused offers were not made');

-- withdrawing, and offering again
select tests.authenticate_as('ben');
select results_eq($$ select f.status::text, f.decided_at from o, public.withdraw_offer(o.id) f where who = 'ben' $$, $$ values ('withdrawn', now()) $$, 'an offer is withdrawn');
select tests.reset_authentication();
select pg_temp.make_old();
select tests.authenticate_as('ben');
select is((select public.withdraw_offer(id) from o where who = 'ben'), pg_temp.offer_of('ben'), 'withdrawing again changes nothing');
select is((pg_temp.offer_of('ben')).updated_at, now() - interval '1 hour', 'untouched');
select results_eq($$ select f.id, f.status::text, f.decided_at, f.message from t, public.offer_help(t.id, 'Now I can.') f $$,
  $$ select id, 'pending', null::timestamptz, 'Now I can.' from o where who = 'ben' $$, 'whoever withdrew can offer again, with new words');

-- declining is final
select tests.authenticate_as('anna');
select results_eq($$ select f.status::text, f.decided_at from o, public.decline_offer(o.id) f where who = 'cem' $$, $$ values ('declined', now()) $$, 'an offer is declined');
select tests.reset_authentication();
select pg_temp.make_old();
select tests.authenticate_as('anna');
select is((select public.decline_offer(id) from o where who = 'cem'), pg_temp.offer_of('cem'), 'declining again changes nothing');
select is((pg_temp.offer_of('cem')).updated_at, now() - interval '1 hour', 'untouched');
select is(tests.error_of(format('select public.accept_offer(%L)', id)), 'PT409 offer_not_pending (declined)', 'a declined offer cannot be accepted') from o where who = 'cem';
select tests.authenticate_as('cem');
select is(tests.error_of(format('select public.offer_help(%L)', id)), 'PT409 offer_declined', 'whoever was declined cannot offer again') from t;
select is(tests.error_of(format('select public.withdraw_offer(%L)', id)), 'PT409 offer_not_pending (declined)', 'nor withdraw') from o where who = 'cem';
select is((pg_temp.offer_of('cem')).status, 'declined', 'it stays declined');
select tests.authenticate_as('dora');
select public.withdraw_offer(id) from o where who = 'dora';
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.decline_offer(%L)', id)), 'PT409 offer_not_pending (withdrawn)', 'a withdrawn offer cannot be declined') from o where who = 'dora';
select is(tests.error_of(format('select public.accept_offer(%L)', id)), 'PT409 offer_not_pending (withdrawn)', 'nor accepted') from o where who = 'dora';
select is((pg_temp.offer_of('dora')).status, 'withdrawn', 'it stays withdrawn');

-- offers that were passed over
select tests.authenticate_as('dora');
select public.offer_help(id) from t;
select tests.authenticate_as('anna');
select public.accept_offer(id) from o where who = 'ben';
select is((pg_temp.offer_of('dora')).status, 'not_chosen', 'another offer was accepted');
select tests.authenticate_as('dora');
select is((public.withdraw_offer(id)).status, 'withdrawn', 'a passed-over offer can be withdrawn') from o where who = 'dora';
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.withdraw_offer(%L)', id)), 'PT409 offer_not_pending (accepted)', 'an accepted offer is given back by releasing the task') from o where who = 'ben';
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.decline_offer(%L)', id)), 'PT409 offer_not_pending (accepted)', 'and cannot be declined any more') from o where who = 'ben';
select tests.authenticate_as('ben');
select public.release_task(id) from t;
select is((pg_temp.offer_of('ben')).status, 'withdrawn', 'released');
select tests.authenticate_as('dora');
select is((pg_temp.offer_of('dora')).status, 'withdrawn', 'what was withdrawn meanwhile does not come back');
select is((public.offer_help(id)).status, 'pending', 'unless offered again') from t;

-- past the deadline, before the job comes; and while the creator is banned
select tests.reset_authentication();
select tests.pass_deadline(other) from t;
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.offer_help(%L)', other)), 'PT409 task_not_open (open)', 'no offers past the deadline') from t;
select tests.authenticate_as('dora');
select is((public.offer_help(other)).status, 'pending', 'an offer made before is still the same') from t;
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.offer_help(%L)', id)), 'PT409 task_not_open (open)', 'no offers to a banned creator') from t;
select is((pg_temp.offer_of('ben')).status, 'withdrawn', 'nothing changed');
select tests.authenticate_as('dora');
select is((public.withdraw_offer(id)).status, 'withdrawn', 'but whoever offered can still withdraw') from o where who = 'dora';
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
