-- list_messages: page by page, to the older or to the newer ones; for the two sides alone.
begin;
select plan(20);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select tests.offer_help('ben', id) as id from t;
create temporary table other as select tests.offer_help('cem', id) as id from t;
create temporary table n (number integer, id bigint);
do $$ begin
  for i in 1..7 loop
    insert into n select i, tests.send_message(case when i % 2 = 0 then 'anna' else 'ben' end, o.id, 'Message ' || i) from o;
    perform tests.send_message('cem', other.id, 'Elsewhere') from other;
  end loop;
end $$;
grant select on t, o, other, n to public;
create function pg_temp.page(page_size integer default null, after integer default null, oldest_first boolean default null) returns text language sql as $$
  select coalesce(string_agg(substr(l.body, 9), ' ' order by l.place), '')
  from o, public.list_messages(o.id, page_size, (select n.id from n where number = after), oldest_first)
    with ordinality l (offer_id, id, sender_id, recipient_id, body, created_at, deleted_at, place)
$$;
create function pg_temp.error_of_listing() returns text language sql as $$ select tests.error_of(format('select * from public.list_messages(%L)', o.id)) from o $$;
grant execute on all functions in schema pg_temp to public;

select tests.clear_authentication();
select is(pg_temp.error_of_listing(), '42501 permission denied for function list_messages', 'not signed in');
select tests.authenticate_as_service_role();
select is(pg_temp.error_of_listing(), '42501 permission denied for function list_messages', 'the secret key');
select tests.act_as('authenticated', '{"sub": "00000000-0000-4000-8000-00000000dead"}');
select is(pg_temp.error_of_listing(), 'PT401 not_signed_in', 'a token without member');
select tests.authenticate_as('dora');
select is(pg_temp.error_of_listing(), 'PT404 offer_not_found', 'a stranger');
select tests.authenticate_as('cem');
select is(pg_temp.error_of_listing(), 'PT404 offer_not_found', 'somebody else who offered');
select is(tests.error_of('select * from public.list_messages(null)'), 'PT404 offer_not_found', 'no offer');

select tests.authenticate_as('anna');
select is(pg_temp.page(), '7 6 5 4 3 2 1', 'all, newest first');
select is(pg_temp.page(3), '7 6 5', 'a page');
select is(pg_temp.page(3, 5), '4 3 2', 'the next');
select is(pg_temp.page(3, 2), '1', 'the last');
select is(pg_temp.page(3, 1), '', 'nothing after the end');
select is(pg_temp.page(3, null, true), '1 2 3', 'oldest first');
select is(pg_temp.page(3, 3, true), '4 5 6', 'the next');
select is(pg_temp.page(3, 6, true), '7', 'to the newest');
select is(pg_temp.page(0), '7', 'at least one');
select is(pg_temp.page(-1, 4, true), '5', 'any number will do');
select tests.authenticate_as('ben');
select is(pg_temp.page(), '7 6 5 4 3 2 1', 'the other side reads the same');
select is(tests.error_of(format('select * from public.list_messages(%L)', (select id from other))), 'PT404 offer_not_found', 'but not the creator''s other conversations');

-- the table itself: not even one's own
select throws_ok('select * from private.messages', '42501', 'permission denied for table messages', 'the table is closed');
select is_empty('select * from pg_class c where c.relname = ''messages'' and c.relnamespace = ''public''::regnamespace', 'and stands where no question reaches it');

select * from finish();
rollback;
