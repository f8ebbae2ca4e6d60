-- request_phone_number, share_phone_number: one side asks, the other allows it for this task.
begin;
select plan(36);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'ines');
create temporary table t as select tests.task_in('assigned', 'anna', 'ben') as id, tests.task_in('assigned', 'anna', 'ben') as other, tests.task_in('open', 'anna', 'ben') as open,
  tests.task_in('cancelled', 'anna', 'ben') as cancelled;
grant select on t to authenticated, anon;
create function pg_temp.try(who text, command text, id uuid) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as(who);
  v_answer := tests.error_of(format('select public.%I(%L)', command, id));
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.phone(who text, id uuid) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as(who);
  select r.phone_status || coalesce(' ' || r.phone_number, '') into v_answer from public.reveal_task_contact(id) r;
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.told(who text) returns setof text language sql as $$ select i from tests.inbox(who) i where i like 'phone%' $$;

-- asking
select is(pg_temp.try('ben', 'request_phone_number', id), 'no error', 'the helper asks') from t;
select is(pg_temp.try('ben', 'request_phone_number', id), 'no error', 'and may ask again') from t;
select results_eq($$ select * from pg_temp.told('anna') $$, array['phone_number_requested'], 'the owner is told once');
select results_eq($$ select n.task_id, n.actor_id from public.notifications n where n.type = 'phone_number_requested' and n.user_id = tests.get_supabase_uid('anna') $$,
  $$ select id, tests.get_supabase_uid('ben') from t $$, 'by whom, and because of which task');
select is(pg_temp.phone('ben', id), 'requested', 'nothing is shown by that') from t;
select is(pg_temp.phone('ben', other), 'on_request', 'on another task nothing was asked') from t;

-- allowing
select is(pg_temp.try('anna', 'share_phone_number', id), 'PT409 phone_number_missing', 'there has to be a number') from t;
select tests.as_member('anna', $$ select public.update_contact(phone_number => '+49 30 1') $$);
select tests.as_member('anna', $$ select public.update_settings(phone_sharing => 'never') $$);
select is(pg_temp.try('anna', 'share_phone_number', id), 'PT409 phone_sharing_is_off', 'and the will to show it at all') from t;
select is(pg_temp.phone('ben', id), 'not_shared', 'that was not shown') from t;
select tests.as_member('anna', $$ select public.update_settings(phone_sharing => 'on_request') $$);
select is(pg_temp.try('anna', 'share_phone_number', id), 'no error', 'the owner allows it') from t;
select is(pg_temp.try('anna', 'share_phone_number', id), 'no error', 'and may repeat it') from t;
select is(pg_temp.phone('ben', id), 'shared +49 30 1', 'then it is shown') from t;
select is(pg_temp.phone('ben', other), 'on_request', 'on this task alone') from t;
select is(pg_temp.phone('anna', id), 'on_request', 'and not the other way') from t;
select results_eq($$ select * from pg_temp.told('ben') $$, array['phone_number_shared'], 'who asked is told, once');
select is_empty($$ select * from public.notifications n where to_jsonb(n)::text like '%30 1%' $$, 'without the number');
select is(pg_temp.try('ben', 'request_phone_number', id), 'no error', 'there is nothing to ask for any more') from t;
select results_eq($$ select * from pg_temp.told('anna') $$, array['phone_number_requested'], 'so the owner is not told again');
select is((select b.body_en from public.notifications n, private.notification_texts(n) b where n.type = 'phone_number_requested' and n.user_id = tests.get_supabase_uid('anna')),
  'Ben asked for your phone number about “Mow the lawn”.', 'and the question is past');
select tests.as_member('anna', $$ select public.update_settings(phone_sharing => 'never') $$);
select is(pg_temp.phone('ben', id), 'not_shared', 'never ends what was allowed') from t;
select is(pg_temp.try('ben', 'request_phone_number', id), 'PT409 phone_number_not_shared', 'and there is nothing to ask for') from t;
select tests.as_member('anna', $$ select public.update_settings(phone_sharing => 'on_request') $$);

-- unasked, by the helper
select tests.as_member('ben', $$ select public.update_contact(phone_number => '+49 30 2') $$);
select is(pg_temp.try('ben', 'share_phone_number', other), 'no error', 'a number may be shown unasked') from t;
select is(pg_temp.phone('anna', other), 'shared +49 30 2', 'by either side') from t;

-- blocks are not told
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.try('ben', 'request_phone_number', id), 'PT409 phone_number_not_shared', 'whoever is blocked hears the same as of a number that nobody sees') from t;
select is(pg_temp.try('ben', 'share_phone_number', id), 'no error', 'and may show the own one') from t;
select is_empty($$ select * from pg_temp.told('anna') i where i = 'phone_number_shared' offset 1 $$, 'of which the one who blocks is not told');
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));

-- nobody else
select is(pg_temp.try(who, command, id), case who when 'ines' then 'PT403 user_banned' else 'PT404 task_not_found' end, format('%s cannot %s', who, command))
from t, (select ops.ban_user(tests.get_supabase_uid('ines'), 'test')) b, unnest('{cem,ines}'::text[]) who, unnest('{request_phone_number,share_phone_number}'::text[]) command;
select is(pg_temp.try('anna', 'request_phone_number', open), 'PT409 contact_not_open (open)', 'nor is there anybody to ask on an open task') from t;
select is(pg_temp.try('anna', 'share_phone_number', cancelled), 'PT409 contact_not_open (cancelled)', 'or to show it to after a cancellation') from t;

-- the former helper
select tests.as_member('ben', format('select public.release_task(%L)', other)) from t;
select tests.offer_help('cem', other) from t;
select tests.as_member('anna', format('select public.accept_offer(%L)', tests.offer_on(other, 'cem'))) from t;
select is(pg_temp.try('ben', 'share_phone_number', other), 'PT404 task_not_found', 'who stepped back has no part in it any more') from t;
select is(pg_temp.phone('anna', other), 'on_request', 'and the next helper is asked anew') from t;

-- an erasure leaves nothing of it
delete from auth.users where id = tests.get_supabase_uid('ben');
select is_empty($$ select * from private.phone_shares where tests.get_supabase_uid('ben') in (user_id, actor_id) $$, 'what was asked and allowed goes with either side');
select tests.books_are_right();

select * from finish();
rollback;
