-- mark_conversation_read, delete_message, update_message_settings: each member their own.
begin;
select plan(36);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select tests.offer_help('ben', id) as id from t;
select tests.offer_help('cem', id) from t;
create temporary table m as select tests.send_message('ben', o.id, 'One') as one, tests.send_message('ben', o.id, 'Two') as two, tests.send_message('anna', o.id, 'Three') as three from o;
grant select on t, o, m to public;
create function pg_temp.error_of(command text) returns text language sql as $$ select tests.error_of(format(command, o.id, m.one, m.two)) from o, m $$;
grant execute on all functions in schema pg_temp to public;
create temporary view unread as select c.creator_unread, c.helper_unread, c.creator_read_id, c.helper_read_id from private.conversations c join o on o.id = c.offer_id;

-- marking
select tests.clear_authentication();
select is(pg_temp.error_of('select public.mark_conversation_read(%L)'), '42501 permission denied for function mark_conversation_read', 'not signed in');
select tests.authenticate_as_service_role();
select is(pg_temp.error_of('select public.mark_conversation_read(%L)'), '42501 permission denied for function mark_conversation_read', 'the secret key');
select tests.authenticate_as('cem');
select is(pg_temp.error_of('select public.mark_conversation_read(%L)'), 'PT404 offer_not_found', 'a stranger');
select is(tests.error_of('select public.mark_conversation_read(null)'), 'PT404 offer_not_found', 'no offer');
select tests.reset_authentication();
select results_eq('select * from unread', 'values (2, 1, 0::bigint, 0::bigint)', 'nothing was marked');
select tests.authenticate_as('anna');
select is((select public.mark_conversation_read(o.id, 0) from o), 0, 'up to nothing');
select is((select public.mark_conversation_read(o.id, m.one) from o, m), 1, 'up to the first');
select is((select public.mark_conversation_read(o.id, m.one) from o, m), 0, 'again: nothing more');
select is((select public.mark_conversation_read(o.id, -5) from o), 0, 'backwards: nothing');
select tests.reset_authentication();
select results_eq('select creator_unread, helper_unread, creator_read_id, helper_read_id from unread', 'select 1, 1, m.one, 0::bigint from m', 'one is left; the other side''s is untouched');
select tests.authenticate_as('anna');
select is((select public.mark_conversation_read(o.id, 9223372036854775807) from o), 1, 'up to what there is not yet: what there is');
select tests.reset_authentication();
select is((select creator_read_id from unread), (select three from m), 'and no further');
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select is((select public.mark_conversation_read(o.id) from o), 1, 'a banned member reads');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('ben'));
select results_eq('select creator_unread, helper_unread from unread', 'values (0, 0)', 'all is read');
-- nothing was written: nothing to mark
select tests.authenticate_as('cem');
select is((select public.mark_conversation_read(f.id) from public.task_offers f where f.helper_id = tests.get_supabase_uid('cem')), 0, 'a conversation without messages');

-- deleting
select tests.clear_authentication();
select is(pg_temp.error_of('select public.delete_message(%L, %s)'), '42501 permission denied for function delete_message', 'not signed in');
select tests.authenticate_as_service_role();
select is(pg_temp.error_of('select public.delete_message(%L, %s)'), '42501 permission denied for function delete_message', 'the secret key');
select tests.authenticate_as('cem');
select is(pg_temp.error_of('select public.delete_message(%L, %s)'), 'PT404 message_not_found', 'a stranger');
select tests.authenticate_as('anna');
select is(pg_temp.error_of('select public.delete_message(%L, %s)'), 'PT404 message_not_found', 'the other side');
select is(pg_temp.error_of('select public.delete_message(%L, null)'), 'PT404 message_not_found', 'no message');
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.delete_message(gen_random_uuid(), %s)', (select one from m))), 'PT404 message_not_found', 'in another conversation');
select is((select count(l.body)::int from o, public.list_messages(o.id) l), 3, 'all are there');
select results_eq('select d.body, d.deleted_at, d.created_at from o, m, public.delete_message(o.id, m.one) d', 'values (null::text, now(), now())', 'one''s own: the words go, a mark stays');
select tests.authenticate_as('anna');
select is((select string_agg(coalesce(l.body, '-'), ' ' order by l.id) from o, public.list_messages(o.id) l), '- Two Three', 'for both sides');
select tests.reset_authentication();
update private.messages set created_at = now() - interval '15 minutes' + interval '1 second';
update private.messages set created_at = now() - interval '15 minutes' where body = 'Two';
select tests.authenticate_as('ben');
select is(pg_temp.error_of('select public.delete_message(%L, %3$s)'), 'PT409 message_final', 'after 15 minutes');
select lives_ok('select public.delete_message(o.id, m.one) from o, m', 'repeated: nothing changes');
select tests.authenticate_as('anna');
select is((select d.deleted_at from o, m, public.delete_message(o.id, m.three) d), now(), 'a second before the end');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select is(pg_temp.error_of('select public.delete_message(%L, %s)'), 'PT403 user_banned', 'a banned member');

-- choices
select tests.clear_authentication();
select throws_ok('select public.update_message_settings(true)', '42501', 'permission denied for function update_message_settings', 'not signed in');
select tests.authenticate_as('anna');
select is_empty('select * from public.message_settings', 'no choice before the first');
select results_eq('select show_read_marks, show_text from public.update_message_settings()', 'values (false, false)', 'the defaults');
select results_eq('select show_read_marks, show_text from public.update_message_settings(show_text => true)', 'values (false, true)', 'one');
select results_eq('select show_read_marks, show_text from public.update_message_settings(show_read_marks => true)', 'values (true, true)', 'the other; null leaves it');
select results_eq('select show_read_marks, show_text from public.message_settings', 'values (true, true)', 'one''s own are read');
select tests.authenticate_as('cem');
select is_empty('select * from public.message_settings', 'others'' are not');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
