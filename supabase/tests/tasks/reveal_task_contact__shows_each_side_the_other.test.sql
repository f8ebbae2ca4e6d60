-- reveal_task_contact, get_task_location: who is shown the exact place and the other's phone number, and when.
-- anna creates, ben helps, cem was passed over, fay has no part, ines is banned.
begin;
select plan(50);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'fay', 'ines');
create temporary table t as
select state, tests.task_in(state, 'anna', 'ben') as id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
grant select on t to authenticated, anon, service_role;
update public.user_contacts c set phone_number = '+49 30 1' || u.position
from unnest('{anna,ben}'::text[]) with ordinality u (name, position) where c.user_id = tests.get_supabase_uid(u.name);
select ops.ban_user(tests.get_supabase_uid('ines'), 'test');

-- what a member gets, state by state: yes for a row, else the error
create function pg_temp.of_states(who text, command text)
returns jsonb
language plpgsql
as $$
declare
  v_state  record;
  v_row    jsonb;
  v_result jsonb := '{}';
begin
  for v_state in select * from t loop
    begin
      perform case who when 'nobody' then tests.clear_authentication() when 'secret' then tests.authenticate_as_service_role()
        else tests.authenticate_as(who) end;
      execute format('select to_jsonb(r) from public.%I(%L) r', command, v_state.id) into v_row;
      perform tests.reset_authentication();
      v_result := v_result || jsonb_build_object(v_state.state, coalesce(v_row ->> 'address', 'nothing'));
    exception when others then
      v_result := v_result || jsonb_build_object(v_state.state, case when sqlstate like 'PT%' then sqlerrm else sqlstate end);
    end;
  end loop;
  return v_result;
end $$;
create function pg_temp.always(answer text) returns jsonb language sql as $$ select jsonb_object_agg(state, answer) from t $$;
create function pg_temp.while_shared() returns jsonb language sql as $$
  select jsonb_object_agg(state, case when state in ('assigned', 'in_progress', 'pending_confirmation', 'completed') then 'Sea Lane 1'
    else 'contact_not_open' end) from t $$;

select is(pg_temp.of_states('anna', 'reveal_task_contact'), pg_temp.while_shared(), 'creator: from the acceptance until the end, and not after a cancellation');
select is(pg_temp.of_states('ben', 'reveal_task_contact'), pg_temp.while_shared() || '{"open": "task_not_found", "expired": "task_not_found"}', 'helper: the same; an offer alone opens nothing');
select is(pg_temp.of_states('cem', 'reveal_task_contact'), pg_temp.always('task_not_found'), 'other member: never');
select tests.offer_help('cem', id) from t where state = 'open';
select is(pg_temp.of_states('cem', 'reveal_task_contact'), pg_temp.always('task_not_found'), 'who has offered help: never');
select is(pg_temp.of_states('ines', 'reveal_task_contact'), pg_temp.always('user_banned'), 'banned member: never');
select is(pg_temp.of_states('nobody', 'reveal_task_contact'), pg_temp.always('42501'), 'anon: never');
select is(pg_temp.of_states('secret', 'reveal_task_contact'), pg_temp.always('42501'), 'service role: never');
select is(pg_temp.of_states('anna', 'get_task_location'), pg_temp.always('Sea Lane 1'), 'creator: reads the own exact place in every state');
select is(pg_temp.of_states('ben', 'get_task_location'), pg_temp.always('task_not_found'), 'helper: not without leaving a trace');
select is(pg_temp.of_states('fay', 'get_task_location'), pg_temp.always('task_not_found'), 'other member: never');
select is(pg_temp.of_states('nobody', 'get_task_location'), pg_temp.always('42501'), 'anon: never');
select is(pg_temp.of_states('secret', 'get_task_location'), pg_temp.always('42501'), 'service role: never');
select tests.authenticate_as('anna');
select is(tests.error_of('select public.reveal_task_contact(null)'), 'PT404 task_not_found', 'no task');
select is(tests.error_of('select public.get_task_location(null)'), 'PT404 task_not_found', 'has no place either');
select tests.clear_authentication();
select throws_ok('select * from private.task_locations', '42501', 'permission denied for table task_locations', 'the table itself is nobody''s');
select tests.authenticate_as('ben');
select throws_ok('select * from private.task_locations', '42501', 'permission denied for table task_locations', 'not the helper''s');
select throws_ok('select * from private.contact_reveals', '42501', 'permission denied for table contact_reveals', 'nor are the notes');
select throws_ok('select * from private.phone_shares', '42501', 'permission denied for table phone_shares', 'nor who allowed it whom');
select tests.authenticate_as_service_role();
select throws_ok('select * from private.task_locations', '42501', 'permission denied for table task_locations', 'nor the secret key''s');

-- what it shows
create function pg_temp.reveal(who text, state text default 'assigned') returns setof jsonb language plpgsql as $$
begin
  perform tests.authenticate_as(who);
  return query select to_jsonb(c) from t, public.reveal_task_contact(id) c where t.state = reveal.state;
  perform tests.reset_authentication();
end $$;
create function pg_temp.phone(who text, state text default 'assigned') returns text language sql as $$
  select (r ->> 'phone_status') || coalesce(' ' || (r ->> 'phone_number'), '') from pg_temp.reveal(who, state) r $$;
create function pg_temp.shares(who text, how text) returns void language plpgsql as $$
begin
  perform tests.authenticate_as(who);
  perform public.update_settings(phone_sharing => how);
  perform tests.reset_authentication();
end $$;
select tests.reset_authentication();
select is(pg_temp.reveal('ben'), jsonb_build_object('user_id', tests.get_supabase_uid('anna'), 'latitude', -48.8767, 'longitude', -123.3933, 'address', 'Sea Lane 1',
  'phone_number', null, 'phone_status', 'on_request'), 'the exact place, and the phone number when asked for: nobody agreed to more');
select is(pg_temp.phone('anna'), 'on_request', 'neither way');
select pg_temp.shares('anna', 'on_shared_tasks');
select is(pg_temp.phone('ben'), 'shared +49 30 11', 'whoever shows it to those they share a task with');
select is(pg_temp.phone('anna'), 'on_request', 'does not thereby see the other''s');
select pg_temp.shares('ben', 'on_shared_tasks');
select is(pg_temp.phone('anna'), 'shared +49 30 12', 'which is shown when its owner says so');
select pg_temp.shares('anna', 'never');
select is(pg_temp.phone('ben'), 'not_shared', 'never means never');
select pg_temp.shares('anna', 'on_shared_tasks');
update public.user_contacts set phone_number = null where user_id = tests.get_supabase_uid('anna');
select is(pg_temp.phone('ben'), 'not_shared', 'as does having none');
update public.user_contacts set phone_number = '+49 30 11' where user_id = tests.get_supabase_uid('anna');
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.phone('ben'), 'not_shared', 'a block takes the phone number away');
select is(pg_temp.phone('anna'), 'not_shared', 'from both');
select is(pg_temp.reveal('ben') ->> 'address', 'Sea Lane 1', 'and leaves the place, so that the task can be ended');
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));
select is(tests.error_of($$ select public.update_settings(phone_sharing => 'always') $$), 'PT401 not_signed_in', 'nobody has no settings');
select tests.authenticate_as('anna');
select is(tests.error_of($$ select public.update_settings(phone_sharing => 'always') $$), 'PT400 phone_sharing_invalid (always)', 'words are known');
select tests.reset_authentication();

-- what is noted, for whom
create function pg_temp.noted(who text) returns setof text language plpgsql as $$
begin
  perform tests.authenticate_as(who);
  return query select format('%s %s %s%s', r.viewer_name, t.state, case when r.showed_place then 'place ' end, case when r.showed_phone_number then 'phone' end)
    from public.my_contact_reveals(100) r join t on t.id = r.task_id order by r.id desc;
  perform tests.reset_authentication();
end $$;
delete from private.contact_reveals;
select pg_temp.shares('ben', 'on_request');
select pg_temp.phone(who) from unnest('{ben,ben,anna,ben}'::text[]) who;
select results_eq($$ select * from pg_temp.noted('anna') $$, array['Ben assigned place phone'], 'the owner reads who saw what; repetitions within the hour are one');
select is_empty($$ select * from pg_temp.noted('ben') $$, 'a creator who looks sees nothing of the helper''s, and nothing is noted');
select pg_temp.shares('ben', 'on_shared_tasks');
select pg_temp.phone('anna');
select results_eq($$ select * from pg_temp.noted('ben') $$, array['Anna assigned phone'], 'but when they see the phone number');
select pg_temp.shares('anna', 'never');
select pg_temp.phone('ben');
select results_eq($$ select * from pg_temp.noted('anna') $$, array['Ben assigned place ', 'Ben assigned place phone'], 'to see something else is another row');
select pg_temp.phone('ben', 'completed');
select results_eq($$ select * from pg_temp.noted('anna') $$, array['Ben completed place ', 'Ben assigned place ', 'Ben assigned place phone'], 'as is another task');
select is_empty($$ select * from pg_temp.noted('fay') $$, 'others read nothing of it');
alter table private.contact_reveals disable trigger contact_reveals_are_append_only;
update private.contact_reveals set revealed_at = revealed_at - interval '1 hour';
alter table private.contact_reveals enable trigger contact_reveals_are_append_only;
select pg_temp.phone('ben', 'completed');
select is((select count(*)::int from pg_temp.noted('anna')), 4, 'an hour later it is noted again');
select is(tests.error_of('update private.contact_reveals set actor_id = user_id'), 'PT409 ledger_is_append_only (private.contact_reveals)', 'nobody changes what is noted');
select tests.authenticate_as('anna');
select results_eq($$ select b.id from public.my_contact_reveals(2) a, public.my_contact_reveals(2, a.id) b where a.id = (select min(id) from public.my_contact_reveals(2)) $$,
  $$ select id from public.my_contact_reveals(100) order by id desc offset 2 $$, 'pages follow each other');
select results_eq($$ select id from public.my_contact_reveals(null, null) $$, $$ select id from public.my_contact_reveals(100) order by id desc $$, 'nulls are the defaults');
select tests.reset_authentication();

-- until when
create function pg_temp.sees_after(passed interval) returns jsonb language plpgsql as $$
begin
  update public.tasks k set completed_at = now() - passed from t where t.id = k.id and t.state = 'completed';
  return jsonb_build_array(pg_temp.of_states('ben', 'reveal_task_contact') -> 'completed', pg_temp.of_states('anna', 'reveal_task_contact') -> 'completed');
end $$;
select is(pg_temp.sees_after(interval '13 days 23:59:59'), '["Sea Lane 1", "Sea Lane 1"]', 'up to 14 days after completion');
select is(pg_temp.sees_after(interval '14 days'), '["contact_not_open", "contact_not_open"]', 'and no longer');

-- whoever steps back, and whoever comes after
select tests.as_member('ben', format('select public.release_task(%L)', id)) from t where state = 'in_progress';
select is(pg_temp.of_states('ben', 'reveal_task_contact') ->> 'in_progress', 'task_not_found', 'who stepped back sees nothing any more');
select tests.offer_help('cem', id) from t where state = 'in_progress';
select tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on(id, 'cem'))) from t where state = 'in_progress';
select is(pg_temp.reveal('cem', 'in_progress') ->> 'address', 'Sea Lane 1', 'the present helper does');
select is(pg_temp.of_states('ben', 'reveal_task_contact') ->> 'in_progress', 'task_not_found', 'the former one does not');
select is(pg_temp.reveal('anna', 'in_progress') ->> 'user_id', tests.get_supabase_uid('cem')::text, 'and the creator is shown the present one');

-- whoever leaves
delete from auth.users where id = tests.get_supabase_uid('cem');
select is((select status from public.tasks k join t using (id) where t.state = 'in_progress'), 'open', 'the task of a helper who left is open again');
delete from auth.users where id = tests.get_supabase_uid('anna');
select is(pg_temp.of_states('ben', 'reveal_task_contact') ->> 'pending_confirmation', 'contact_not_open', 'of a creator who left there is nothing to see');
select tests.books_are_right();

select * from finish();
rollback;
