-- list_conversations and count_unread_messages: whoever was written to last comes first, in the list of either side.
begin;
select plan(31);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
-- anna asks ben and cem; ben asks anna and cem
create temporary table o (name text, id uuid);
insert into o select 'anna-ben', tests.offer_help('ben', tests.post_task('anna', title => 'The hedge'));
insert into o select 'anna-cem', tests.offer_help('cem', tests.post_task('anna', title => 'The shelf'));
insert into o select 'ben-anna', tests.offer_help('anna', tests.post_task('ben', title => 'The bike'));
insert into o select 'ben-cem', tests.offer_help('cem', tests.post_task('ben', title => 'The tap'));
grant select on o to public;
create function pg_temp.say(sender text, name text, body text default 'Hi') returns bigint language sql as $$ select tests.send_message(sender, o.id, body) from o where o.name = say.name $$;
create function pg_temp.list(member text, page_size integer default null, after bigint default null) returns text language plpgsql as $$
declare
  v_list text;
begin
  perform tests.authenticate_as(member);
  select string_agg(o.name || case when l.unread_count > 0 then ' ' || l.unread_count else '' end, ', ' order by l.cursor desc) into v_list
  from public.list_conversations(page_size, after) l join o on o.id = l.offer_id;
  perform tests.reset_authentication();
  return coalesce(v_list, '');
end $$;
create function pg_temp.unread(member text) returns integer language plpgsql as $$
declare
  v_count integer;
begin
  perform tests.authenticate_as(member);
  v_count := public.count_unread_messages();
  perform tests.reset_authentication();
  return v_count;
end $$;
create function pg_temp.read(member text, name text, up_to bigint default null) returns integer language plpgsql as $$
declare
  v_count integer;
begin
  perform tests.authenticate_as(member);
  select public.mark_conversation_read(o.id, up_to) into v_count from o where o.name = read.name;
  perform tests.reset_authentication();
  return v_count;
end $$;

-- nobody
select tests.clear_authentication();
select throws_ok('select * from public.list_conversations()', '42501', 'permission denied for function list_conversations', 'not signed in: no list');
select throws_ok('select public.count_unread_messages()', '42501', 'permission denied for function count_unread_messages', 'no count');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.list_conversations()', '42501', 'permission denied for function list_conversations', 'the secret key reads nobody''s list');
select tests.act_as('authenticated', '{"sub": "00000000-0000-4000-8000-00000000dead"}');
select throws_ok('select * from public.list_conversations()', 'PT401', 'not_signed_in', 'a token without member: no list');
select throws_ok('select public.count_unread_messages()', 'PT401', 'not_signed_in', 'no count');
select tests.reset_authentication();
select is(pg_temp.list('anna'), '', 'offers alone are no conversations');

-- order and unread
select pg_temp.say('ben', 'anna-ben'), pg_temp.say('cem', 'anna-cem'), pg_temp.say('anna', 'ben-anna');
select is(pg_temp.list('anna'), 'ben-anna, anna-cem 1, anna-ben 1', 'anna: as creator and as helper, last written to first');
select is(pg_temp.list('ben'), 'ben-anna 1, anna-ben', 'ben');
select is(pg_temp.list('dora'), '', 'a stranger');
select pg_temp.say('anna', 'anna-ben'), pg_temp.say('anna', 'anna-ben');
select is(pg_temp.list('anna'), 'anna-ben 1, ben-anna, anna-cem 1', 'what is written to moves up');
select is(pg_temp.list('ben'), 'anna-ben 2, ben-anna 1', 'on both sides');
select is(pg_temp.unread('anna') || ' ' || pg_temp.unread('ben') || ' ' || pg_temp.unread('cem'), '2 3 0', 'unread in all');

-- a conversation that is first anyway keeps its place, so that a message writes no index of the table
create temporary table place as select c.place from private.conversations c join o on o.id = c.offer_id where o.name = 'anna-ben';
select pg_temp.say('ben', 'anna-ben'), pg_temp.say('anna', 'anna-ben');
select is((select c.place from private.conversations c join o on o.id = c.offer_id where o.name = 'anna-ben'), (select place from place), 'first on both sides: it stays');
select pg_temp.say('cem', 'ben-cem');
select isnt(pg_temp.say('anna', 'anna-ben'), null, 'first for anna, but not for ben any more');
select is(pg_temp.list('ben'), 'anna-ben 4, ben-cem 1, ben-anna 1', 'it moves up');
select is((select string_agg(o.name, ' ' order by c.last_message_id desc) from private.conversations c join o on o.id = c.offer_id),
  (select string_agg(o.name, ' ' order by c.place desc) from private.conversations c join o on o.id = c.offer_id), 'places follow the last messages');

-- pages
select is(pg_temp.list('anna', 2), 'anna-ben 2, ben-anna', 'a page');
select is(pg_temp.list('anna', 2, (select c.place from private.conversations c join o on o.id = c.offer_id where o.name = 'ben-anna')), 'anna-cem 1', 'the next');
select is(pg_temp.list('anna', 0), 'anna-ben 2', 'at least one');
select is(pg_temp.list('anna', 2, 0), '', 'nothing after the end');

-- what a row says
update public.users set avatar_path = 'x/y.png' where id = tests.get_supabase_uid('ben');
select tests.authenticate_as('anna');
select results_eq($$ select l.task_title, l.other_id, l.other_name, l.other_avatar_path, l.is_open, l.last_body, l.last_sender_id, l.last_message_at, l.own_read_id, l.other_read_id
    from o, public.list_conversations(only_offer_id => o.id) l where o.name = 'anna-ben' $$,
  $$ values ('The hedge', tests.get_supabase_uid('ben'), 'Ben', 'x/y.png', true, 'Hi', tests.get_supabase_uid('anna'), now(), 0::bigint, null::bigint) $$, 'one conversation, by its offer');
select is_empty($$ select * from o, public.list_conversations(only_offer_id => o.id) where o.name = 'ben-cem' $$, 'nobody else''s');
select tests.reset_authentication();

-- reading, up to what was shown
select is(pg_temp.read('ben', 'anna-ben', (select min(m.id) + 0 from private.messages m join o on o.id = m.offer_id where o.name = 'anna-ben' and m.recipient_id = tests.get_supabase_uid('ben'))), 1, 'up to the first');
select is(pg_temp.list('ben', 1), 'anna-ben 3', 'three are left');
select is(pg_temp.read('ben', 'anna-ben') || ' ' || pg_temp.read('ben', 'anna-ben'), '3 0', 'all of them, once');
select is(pg_temp.unread('ben'), 2, 'the others are unread');

-- read marks: where both show them
create function pg_temp.mark(member text) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  perform tests.authenticate_as(member);
  select l.other_read_id into v_id from o, public.list_conversations(only_offer_id => o.id) l where o.name = 'anna-ben';
  perform tests.reset_authentication();
  return v_id;
end $$;
select tests.as_member('anna', 'select public.update_message_settings(show_read_marks => true)');
select is(pg_temp.mark('anna'), null, 'anna alone sees none');
select tests.as_member('ben', 'select public.update_message_settings(show_read_marks => true)');
select is(pg_temp.mark('anna'), (select c.last_message_id from private.conversations c join o on o.id = c.offer_id where o.name = 'anna-ben'), 'both: anna sees how far ben has read');
select tests.as_member('anna', 'select public.update_message_settings(show_read_marks => false)');
select is(array[pg_temp.mark('anna'), pg_temp.mark('ben')], array[null, null]::bigint[], 'withdrawn by one: none for both');

-- deleted: the mark stays
select tests.as_member('anna', format('select public.delete_message(%L, %s)', c.offer_id, c.last_message_id)) from private.conversations c join o on o.id = c.offer_id where o.name = 'anna-ben';
select tests.authenticate_as('ben');
select results_eq($$ select l.last_body, l.last_sender_id from o, public.list_conversations(only_offer_id => o.id) l where o.name = 'anna-ben' $$, $$ values (null::text, tests.get_supabase_uid('anna')) $$, 'no words');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
