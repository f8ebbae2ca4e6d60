-- send_message: between the creator of a task and each member who offered help, and nobody else.
begin;
select plan(31);
select tests.use_default_settings();
-- whatever else the database holds is older work
select tests.run_jobs('messages', now() + interval '10 years', 100000);
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select 'ben' as helper, tests.offer_help('ben', id) as id from t union all select 'cem', tests.offer_help('cem', id) from t;
create temporary table k as select gen_random_uuid() as id;
grant select on t, o, k to public;
create function pg_temp.say(helper text, body text, key uuid default gen_random_uuid()) returns setof public.message language sql
as $$ select m.* from o, public.send_message(o.id, body, key) m where o.helper = say.helper $$;
create function pg_temp.error_of_saying(helper text, body text) returns text language sql
as $$ select tests.error_of(format('select public.send_message(%L, %L, gen_random_uuid())', o.id, body)) from o where o.helper = error_of_saying.helper $$;
grant execute on all functions in schema pg_temp to public;

-- nobody
select tests.clear_authentication();
select is(pg_temp.error_of_saying('ben', 'Hi'), '42501 permission denied for function send_message', 'not signed in');
select tests.act_as('authenticated', '{"sub": "00000000-0000-4000-8000-00000000dead"}');
select is(pg_temp.error_of_saying('ben', 'Hi'), 'PT401 not_signed_in', 'a token without member');
select tests.authenticate_as_service_role();
select is(pg_temp.error_of_saying('ben', 'Hi'), '42501 permission denied for function send_message', 'the secret key');

-- strangers
select tests.authenticate_as('dora');
select is(pg_temp.error_of_saying('ben', 'Hi'), 'PT404 offer_not_found', 'a stranger');
select tests.authenticate_as('cem');
select is(pg_temp.error_of_saying('ben', 'Hi'), 'PT404 offer_not_found', 'somebody else who offered on the same task');
select is(tests.error_of('select public.send_message(gen_random_uuid(), ''Hi'', gen_random_uuid())'), 'PT404 offer_not_found', 'an offer that there is not');
select tests.reset_authentication();
select is_empty('select * from private.conversations', 'offers alone make no conversation, and refusals none either');

-- the two sides
select tests.authenticate_as('ben');
select results_eq($$ select m.offer_id, m.sender_id, m.recipient_id, m.body, m.created_at, m.deleted_at from pg_temp.say('ben', E' \u200bWhen shall I come?\n<b>Ben</b> ') m $$,
  $$ select o.id, tests.get_supabase_uid('ben'), tests.get_supabase_uid('anna'), E'When shall I come?\n<b>Ben</b>', now(), null::timestamptz from o where helper = 'ben' $$,
  'the helper writes first: trimmed, and else as it was typed');
select tests.authenticate_as('anna');
select results_eq($$ select m.sender_id, m.recipient_id from pg_temp.say('ben', 'At ten.') m $$, $$ values (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben')) $$,
  'the creator answers');
select lives_ok($$ select pg_temp.say('cem', 'And you?') $$, 'and writes first to another');
select tests.reset_authentication();
select results_eq($$ select o.helper, c.creator_unread, c.helper_unread from private.conversations c join o on o.id = c.offer_id order by 1 $$,
  $$ values ('ben', 1, 1), ('cem', 0, 1) $$, 'unread by the other side');
select ok((select bool_and(c.last_message_id = (select max(id) from private.messages m where m.offer_id = c.offer_id)) from private.conversations c), 'the newest message is known');

-- what is written
select tests.authenticate_as('ben');
select is(pg_temp.error_of_saying('ben', body), error, error) from (values
  (null, 'PT400 text_blank (body)'), ('', 'PT400 text_blank (body)'), (E' \t\n\u200b', 'PT400 text_blank (body)'),
  (E'a\u0007', 'PT400 text_has_control_characters (body)'), (repeat('x', 2001), 'PT400 text_too_long (body)')) v (body, error);
select is((select length(body) from pg_temp.say('ben', repeat('x', 2000))), 2000, '2000 characters');
select is((select length(body) from pg_temp.say('ben', 'x')), 1, 'one');
select is(tests.error_of(format('select public.send_message(%L, ''Hi'', null)', (select id from o where helper = 'ben'))), 'PT400 validation_failed (idempotency_key)', 'no key');

-- once for each key
select is((select (array_agg(m.id))[1] = (array_agg(m.id))[2] from (select * from pg_temp.say('ben', 'Once', (select id from k)) union all
  select * from pg_temp.say('ben', ' Once ', (select id from k))) m), true, 'the same again is the same message');
select is((select count(*)::int from o, public.list_messages(o.id) m where o.helper = 'ben' and m.body = 'Once'), 1, 'which stands there once');
select is(tests.error_of($$ select pg_temp.say('ben', 'Twice', (select id from k)) $$), 'PT409 idempotency_key_reused', 'other words need another key');
select tests.authenticate_as('cem');
select is((select count(*)::int from pg_temp.say('cem', 'Once', (select id from k))), 1, 'somebody else''s key is free');
select tests.authenticate_as('anna');
select lives_ok($$ select pg_temp.say('ben', 'Mine', (select id from k)) $$, 'also the other side''s');
select is(tests.error_of($$ select pg_temp.say('cem', 'Mine', (select id from k)) $$), 'PT409 idempotency_key_reused', 'another conversation needs another key');
select is((select (public.delete_message(m.offer_id, m.id)).body from o, public.list_messages(o.id) m where o.helper = 'ben' and m.body = 'Mine'), null, 'deleted meanwhile');
select isnt((select deleted_at from pg_temp.say('ben', 'Mine', (select id from k))), null, 'it does not come back by a repetition');

-- banned
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select is(pg_temp.error_of_saying('ben', 'Hi'), 'PT403 user_banned', 'a banned member does not write');
select cmp_ok((select count(*)::int from o, public.list_messages(o.id) where helper = 'ben'), '=', 6, 'but reads');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
