-- create_task with an idempotency key: the same key by the same member gives the same task, another input is refused.
begin;
select plan(15);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table k as select gen_random_uuid() as key;
grant select on k to authenticated;
create function pg_temp.post(key uuid, title text default 'Mow the lawn', metadata jsonb default '{}')
returns public.tasks language sql as $$
  select public.create_task(title, 'The lawn', 'garten', 52.5, 13.4, 5, address => 'Sea Lane 1', metadata => metadata, idempotency_key => key)
$$;
grant execute on function pg_temp.post to authenticated;
create function pg_temp.count_of(member text) returns integer language sql as $$ select count(*)::int from public.tasks where creator_id = tests.get_supabase_uid(member) $$;

grant execute on function pg_temp.count_of to authenticated;
select tests.authenticate_as('anna');
create temporary table posted as select (pg_temp.post(key)).id from k;
grant select on posted to authenticated;
select is((select (pg_temp.post(key)).id from k), (select id from posted), 'the same key gives the same task');
select is(pg_temp.count_of('anna'), 1, 'there is one');
select is(tests.error_of('select pg_temp.post(key, ''Mow another lawn'') from k'), 'PT409 idempotency_key_reused', 'with another title the key is refused');
select is(tests.error_of('select pg_temp.post(key, metadata => ''{"a": 1}'') from k'), 'PT409 idempotency_key_reused', 'with anything else, too');
select isnt((pg_temp.post(gen_random_uuid())).id, (select id from posted), 'another key gives another task');
select isnt((pg_temp.post(null)).id, (pg_temp.post(null)).id, 'without a key each call posts one');
select is(pg_temp.count_of('anna'), 4, 'as many as were meant');
select public.update_task((select id from posted), title => 'Mow all lawns');
select is((select (pg_temp.post(key)).title from k), 'Mow all lawns', 'a repetition shows the task as it is now');
select public.cancel_task((select id from posted));
select is((select (pg_temp.post(key)).status::text from k), 'cancelled', 'also when it has ended');
select throws_ok('select * from private.task_keys', '42501', null, 'nobody reads keys');

select tests.reset_authentication();
update private.settings set open_task_limit = 1, task_limit_per_day = 1;
select tests.authenticate_as('anna');
select is((select (pg_temp.post(key)).id from k), (select id from posted), 'limits that are reached by now do not stand in its way');
select tests.authenticate_as('ben');
select isnt((select (pg_temp.post(key)).id from k), (select id from posted), 'the same key by another member gives another task');
select is(pg_temp.count_of('ben'), 1, 'who has posted one');

select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('anna');
select is((select count(*)::int from private.task_keys where creator_id = tests.get_supabase_uid('anna')), 0, 'keys go with their member');
select is((select count(*)::int from private.task_keys), 1, 'and nobody else''s');
select * from finish();
rollback;
