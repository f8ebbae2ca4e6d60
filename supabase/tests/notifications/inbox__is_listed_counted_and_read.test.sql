-- list_notifications, count_unread_notifications, mark_notifications_read: each member their own, page by page.
begin;
select plan(36);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table n (number integer primary key, id bigint);
insert into n select i, tests.notify('anna', case when i % 2 = 0 then 'task_confirmed' else 'offer_received' end, 'ben') from generate_series(1, 7) i;
create temporary table b as select tests.notify('ben') as id;
grant select on n, b to authenticated;
create function pg_temp.page(page_size integer default null, after bigint default null, only_unread boolean default null) returns text language sql as $$
  select coalesce(string_agg(n.number::text, ' ' order by l.place), '')
  from public.list_notifications(page_size, after, only_unread) with ordinality l (id, type, title_de, title_en, body_de, body_en, task_id, redemption_id, actor_id, created_at, read_at, offer_id, place)
  join n on n.id = l.id
$$;
grant execute on all functions in schema pg_temp to public;

-- not signed in, and nobody's
select tests.clear_authentication();
select throws_ok('select * from public.list_notifications()', '42501', 'permission denied for function list_notifications', 'not signed in: no list');
select throws_ok('select public.count_unread_notifications()', '42501', 'permission denied for function count_unread_notifications', 'no count');
select throws_ok('select public.mark_notifications_read()', '42501', 'permission denied for function mark_notifications_read', 'no marking');
select tests.act_as('authenticated', '{"sub": "00000000-0000-4000-8000-00000000dead"}');
select throws_ok('select * from public.list_notifications()', 'PT401', 'not_signed_in', 'a token without member: no list');
select throws_ok('select public.count_unread_notifications()', 'PT401', 'not_signed_in', 'no count');
select throws_ok('select public.mark_notifications_read()', 'PT401', 'not_signed_in', 'no marking');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.list_notifications()', '42501', 'permission denied for function list_notifications', 'the secret key reads nobody''s list');

-- pages
select tests.authenticate_as('anna');
select is(pg_temp.page(), '7 6 5 4 3 2 1', 'all, newest first');
select is(pg_temp.page(3), '7 6 5', 'a page');
select is(pg_temp.page(3, (select id from n where number = 5)), '4 3 2', 'the next');
select is(pg_temp.page(3, (select id from n where number = 2)), '1', 'the last');
select is(pg_temp.page(3, 0), '', 'nothing after the end');
select is(pg_temp.page(0), '7', 'at least one');
select is(pg_temp.page(-5, 9223372036854775807), '7', 'any number will do');
select results_eq(
  $$ select l.type::text, l.title_de, l.title_en, l.body_de, l.body_en, l.task_id, l.redemption_id, l.actor_id, l.created_at, l.read_at from public.list_notifications(1) l $$,
  $$ values ('offer_received', 'Neues Hilfsangebot', 'New offer of help', 'Ben möchte dir bei „“ helfen.', 'Ben would like to help you with “”.',
     null::uuid, null::uuid, tests.get_supabase_uid('ben'), now(), null::timestamptz) $$, 'what a row says; a fact that is missing leaves a gap');
select is(public.count_unread_notifications(), 7, 'all are unread');

-- reading
select is(public.mark_notifications_read(array(select id from n where number in (6, 4))), 2, 'two are read');
select is(public.count_unread_notifications(), 5, 'five are not');
select is(pg_temp.page(only_unread => true), '7 5 3 2 1', 'only unread ones');
select is(pg_temp.page(2, (select id from n where number = 5), true), '3 2', 'page by page');
select is((select array_agg(read_at) from public.notifications where id in (select id from n where number in (4, 6))), array[now(), now()], 'since now');
select is(public.mark_notifications_read(array(select id from n where number in (6, 5))), 1, 'what is read already does not count');
select is(public.mark_notifications_read(array(select id from b)), 0, 'nor does what is somebody else''s');
select is(public.mark_notifications_read('{}'), 0, 'nor nothing');
select is(public.mark_notifications_read(array[-1, null, 9223372036854775807]), 0, 'nor what there is not');
select is(public.mark_notifications_read(), 4, 'all the others');
select is(public.count_unread_notifications(), 0, 'none is unread');
select is(pg_temp.page(), '7 6 5 4 3 2 1', 'they stay in the list');
select tests.authenticate_as('ben');
select is(public.count_unread_notifications(), 1, 'another member''s is still unread');
select results_eq('select id from public.list_notifications(100)', 'select id from b', 'and theirs alone');

-- types kept out of the inbox
select tests.authenticate_as('anna');
select public.set_notification_preference('offer_received', 'in_app', false);
select is(pg_temp.page(2), '6 4', 'a type switched off for the inbox is left out, and pages stay full');
select tests.reset_authentication();
select tests.notify('anna', 'offer_received', 'ben'), tests.notify('anna', 'task_confirmed', 'ben');
select tests.authenticate_as('anna');
select is(public.count_unread_notifications(), 1, 'and does not count');
select public.set_notification_preference('offer_received', 'in_app', true);
select is(public.count_unread_notifications(), 2, 'it was kept: switched on, it shows again');

-- banned members read; deleted ones do not
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('anna');
select is(public.count_unread_notifications() || ' ' || public.mark_notifications_read() || ' ' || (select count(*) from public.list_notifications()), '2 2 9', 'a banned member reads');
select tests.reset_authentication();
update public.users set is_active = false where id = tests.get_supabase_uid('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from public.list_notifications()', 'PT403', 'user_inactive', 'a deleted one does not');
select throws_ok('select public.mark_notifications_read()', 'PT403', 'user_inactive', 'nor marks');

select * from finish();
rollback;
