-- The job forgets exact places, allowed phone numbers and notes of who saw them; an erasure takes what is of the member.
begin;
select plan(17);
select tests.use_default_settings();
-- whatever else the database holds is older work
select private.forget_places(now() + interval '10 years', 100000), private.forget_contact_reveals(now() + interval '10 years', 100000);
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select state, tests.task_in(state, 'anna', 'ben') as id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired}'::text[]) state;
grant select on t to authenticated;
select tests.as_member('ben', $$ select public.update_contact(phone_number => '+49 30 2') $$);
select tests.as_member('ben', format('select public.share_phone_number(%L)', id)) from t where state in ('assigned', 'completed');
select tests.as_member(who, format('select public.reveal_task_contact(%L)', id)) from t, unnest('{anna,ben}'::text[]) who where state in ('assigned', 'completed');

-- what the job says it did, and of which tasks the place is left
create function pg_temp.run(days integer, batch integer default 1000) returns jsonb language sql as $$
  select jsonb_build_object('forget_places', p.processed, 'forget_contact_reveals', r.processed)
  from private.forget_places(now() + make_interval(days => days), batch) p, private.forget_contact_reveals(now() + make_interval(days => days), batch) r $$;
create function pg_temp.left() returns text[] language sql as $$
  select array_agg(t.state order by t.state) from t join private.task_locations l on l.task_id = t.id $$;

select pg_temp.run(89);
select is(cardinality(pg_temp.left()), 7, 'for 89 days nothing is forgotten');
update private.settings set exact_place_days = 91;
select is(pg_temp.run(90) ->> 'forget_places', '0', 'nor before the days of the setting have passed');
update private.settings set exact_place_days = 90;
select is(pg_temp.run(91) ->> 'forget_places', '3', 'then places of tasks that ended are deleted');
select is(pg_temp.left(), '{assigned,in_progress,open,pending_confirmation}'::text[], 'and of no other');
select results_eq('select t.state from private.phone_shares p join t on t.id = p.task_id', array['assigned'], 'as are allowed phone numbers');
select is(pg_temp.run(91) ->> 'forget_places', '0', 'a second run finds nothing');
select tests.authenticate_as('anna');
select is_empty($$ select l.* from t, public.get_task_location(id) l where state = 'completed' $$, 'the creator reads none any more');
select isnt_empty($$ select l.* from t, public.get_task_location(id) l where state = 'open' $$, 'but that of a task that goes on');
select tests.reset_authentication();

-- step by step
select private.close_task(k, null, 'cancelled', null) from public.tasks k join t using (id) where state in ('open', 'assigned', 'in_progress');
select is((select sum((pg_temp.run(91, 1) ->> 'forget_places')::int)::int from generate_series(1, 3)), 3, 'small batches come to the end, too');
select is(pg_temp.left(), '{pending_confirmation}'::text[], 'of all that ended');

-- the notes
select is((select count(*)::int from private.contact_reveals where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'))), 4, 'who saw what is still there');
select is(pg_temp.run(364) ->> 'forget_contact_reveals', '0', 'for a year');
create temporary table seen as select jsonb_agg(to_jsonb(r) order by r.id) as rows from private.contact_reveals r where r.user_id = tests.get_supabase_uid('anna');

-- who leaves: what others saw of them goes, what they saw stays for those whose it was
delete from auth.users where id = tests.get_supabase_uid('ben');
select is_empty($$ select from private.contact_reveals where user_id = tests.get_supabase_uid('ben') $$, 'what others saw of a member who left is gone');
select is((select jsonb_agg(to_jsonb(r) order by r.id) from private.contact_reveals r where r.user_id = tests.get_supabase_uid('anna')), (select rows from seen), 'what they saw stays with its owner');
select tests.authenticate_as('anna');
select results_eq('select distinct viewer_name from public.my_contact_reveals()', array['Deleted member'], 'without a name');
select tests.reset_authentication();
select tests.books_are_right();
select pg_temp.run(366);
select is_empty($$ select from private.contact_reveals $$, 'after a year nothing is left');

select * from finish();
rollback;
