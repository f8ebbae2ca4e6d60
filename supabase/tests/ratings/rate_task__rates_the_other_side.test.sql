-- Both sides of a completed task rate each other once, within 60 days, and may think again for a day. Nobody else.
begin;
select plan(58);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
-- the ratings of this file, with the rights of whoever reads: the demo neighbourhood has some, too
create temporary view own with (security_invoker = true) as
select r.* from public.ratings r where r.rater_id in (select tests.get_supabase_uid(name) from unnest(array['anna', 'ben', 'cem', 'dora']) name);
grant select on own to public;
create temporary table t as select tests.task_in('completed', 'anna', 'ben') as done, tests.task_in('archived', 'anna', 'ben') as archived, tests.task_in('completed', 'anna', 'ben') as other;
grant select on t to public;
create function pg_temp.try(task_id uuid, score integer default 5, comment text default null) returns text
language sql as $$ select tests.error_of(format('select public.rate_task(%L, %L, %L)', task_id, score, comment)) $$;
grant execute on function pg_temp.try(uuid, integer, text) to public;

-- the creator
select tests.authenticate_as('anna');
create temporary table r as select * from public.rate_task((select done from t), 4, E'  Kind and\nquick.  ');
grant select on r to public;
select results_eq('select task_id, rater_id, ratee_id, score, comment, created_at, updated_at, revealed_at from r',
  $$ select done, tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 4, E'Kind and\nquick.', now(), now(), null::timestamptz from t $$,
  'creator: rates the helper; the comment is trimmed, nothing is revealed');
select results_eq('select r.* from t, public.rate_task(done, 4, E''Kind and\nquick.'') r', 'select * from r', 'creator: the same again is the same rating');
select is((select count(*)::int from own), 1, 'creator: one rating');

-- inputs
select is(pg_temp.try(done, score), 'PT400 score_out_of_range', format('score %s is refused', coalesce(score::text, 'null')))
from t, unnest(array[0, 6, -1, 2147483647, null]) score;
select is(pg_temp.try(done, 5, repeat('x', 1001)), 'PT400 text_too_long (comment)', '1001 characters are too many') from t;
select is(pg_temp.try(done, 5, E'a\u202Eb'), 'PT400 text_has_control_characters (comment)', 'a comment that reads backwards is refused') from t;
select is(pg_temp.try(null), 'PT404 task_not_found', 'no task') ;
select is(pg_temp.try(gen_random_uuid()), 'PT404 task_not_found', 'a task that does not exist');
select results_eq($$ select score, comment from own $$, $$ values (4, E'Kind and\nquick.') $$, 'none of this changed the rating');
select is((select comment from public.rate_task((select done from t), 1, repeat('x', 1000))), repeat('x', 1000), 'creator: may think again, in up to 1000 characters');
select results_eq($$ select score, comment, created_at from t, public.rate_task(done, 5, '  ') $$, $$ select 5, null::text, created_at from r $$,
  'creator: and again; blank is no comment, and the 24 hours do not start anew');
select is((select id from own), (select id from r), 'creator: still the same row');

-- the helper
select tests.authenticate_as('ben');
select is(pg_temp.try(done, 9), 'PT400 score_out_of_range', 'helper: inputs are checked for them, too') from t;
select results_eq('select rater_id, ratee_id, score, comment, revealed_at from t, public.rate_task(done, 2) r',
  $$ values (tests.get_supabase_uid('ben'), tests.get_supabase_uid('anna'), 2, null::text, now()) $$, 'helper: rates the creator, and because both have rated it is revealed');
select results_eq('select score, revealed_at from own order by score', $$ values (2, now()), (5, now()) $$, 'helper: and so is the other one');
select is(pg_temp.try(done, 3), 'PT409 rating_final', 'helper: no answer to what they read now') from t;
select is(pg_temp.try(done, 2), 'no error', 'helper: the same again is the same rating') from t;
select results_eq($$ select rating_average, rating_count from public.users where id = tests.get_supabase_uid('anna') $$, $$ values (2.00, 1) $$, 'helper: it counts');
select results_eq($$ select rating_average, rating_count from public.users where id = tests.get_supabase_uid('ben') $$, $$ values (5.00, 1) $$, 'helper: and for the other side what they were given');

-- everybody else
select tests.authenticate_as('cem');
select is(pg_temp.try(done), 'PT404 task_not_found', 'stranger: there is no such task') from t;
select is(pg_temp.try(done, 0), 'PT400 score_out_of_range', 'stranger: inputs come first, which tells nothing') from t;
select tests.clear_authentication();
select is(pg_temp.try(done), '42501 permission denied for function rate_task', 'anon: may not call it') from t;
select tests.authenticate_as_service_role();
select is(pg_temp.try(done), '42501 permission denied for function rate_task', 'service role: may not call it') from t;
select tests.act_as('authenticated', '{"role": "authenticated"}');
select is(pg_temp.try(done), 'PT401 not_signed_in', 'a token without a member: not signed in') from t;

-- somebody who gave the task back took no part in it
select tests.reset_authentication();
create temporary table given_back as select tests.task_in('in_progress', 'anna', 'cem') as id;
grant select on given_back to public;
select tests.authenticate_as('cem');
select public.release_task(id) from given_back;
select tests.reset_authentication();
create temporary table o as select tests.offer_help('dora', id) as id from given_back;
grant select on o to public;
select tests.authenticate_as('anna');
select public.accept_offer(id) from o;
select tests.authenticate_as('dora');
select public.finish_task(id) from given_back;
select tests.authenticate_as('anna');
select public.confirm_task(id) from given_back;
select tests.authenticate_as('cem');
select is(pg_temp.try(id), 'PT404 task_not_found', 'former helper: there is no such task') from given_back;
select tests.authenticate_as('dora');
select is(pg_temp.try(id), 'no error', 'the helper who did it: may') from given_back;

-- states
select tests.reset_authentication();
create temporary table s as select state, tests.task_in(state, 'anna', 'ben') as id
from unnest('{open,assigned,in_progress,pending_confirmation,cancelled,expired}'::text[]) state;
grant select on s to public;
select tests.authenticate_as('anna');
select is(pg_temp.try(id), format('PT409 task_not_completed (%s)', state), format('%s: not yet', state)) from s;
select is(pg_temp.try(archived), 'no error', 'archived: may be rated like completed') from t;
select tests.authenticate_as('ben');
select is(pg_temp.try(id), 'PT404 task_not_found', 'an open task is nobody''s but the creator''s') from s where state = 'open';
select is(pg_temp.try(id), 'PT409 task_not_completed (pending_confirmation)', 'the helper waits for the confirmation, too') from s where state = 'pending_confirmation';

-- a block does not take the right away; a ban does
select tests.authenticate_as('anna');
select public.block_user(tests.get_supabase_uid('ben'));
select is(pg_temp.try(other, 1), 'no error', 'whoever blocks may rate') from t;
select tests.authenticate_as('ben');
select is(pg_temp.try(other, 1), 'no error', 'whoever is blocked may rate') from t;
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select is(pg_temp.try(other, 5), 'PT403 user_banned', 'a banned member may neither rate nor change') from t;
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('ben'));
delete from public.user_blocks;

-- time: now() stands still in a test, so the rows move
create function pg_temp.age(age interval) returns void language sql as $$
  update public.ratings r set created_at = now() - age, revealed_at = case when r.revealed_at is not null then now() - age end where r.task_id in (select unnest(array[done, archived]) from t) $$;
select pg_temp.age('23 hours 59 minutes 59 seconds');
select tests.authenticate_as('anna');
select is(pg_temp.try(archived, 1), 'no error', 'a second before 24 hours a hidden one can still be changed') from t;
select tests.reset_authentication();
select pg_temp.age('24 hours');
select tests.authenticate_as('anna');
select is(pg_temp.try(archived, 2), 'PT409 rating_final', 'after 24 hours it is final') from t;
select is(pg_temp.try(archived, 1), 'no error', 'the same again is the same rating') from t;
select is((select score from public.ratings r, t where r.task_id = t.archived and r.rater_id = auth.uid()), 1, 'and reads as before');
-- revealed: the words may be withdrawn at any time, and nothing else
select tests.reset_authentication();
update public.ratings r set comment = 'Rude.' where r.task_id = (select done from t) and r.rater_id = tests.get_supabase_uid('anna');
select tests.authenticate_as('anna');
select is(pg_temp.try(done, 5, 'Kind.'), 'PT409 rating_final', 'revealed: no other words') from t;
select is(pg_temp.try(done, 1), 'PT409 rating_final', 'revealed: no other score, with or without them') from t;
select results_eq('select score, comment from t, public.rate_task(done, 5)', $$ values (5, null::text) $$, 'revealed: the words can be withdrawn');
select tests.reset_authentication();
create temporary table w as select tests.task_in('completed', 'anna', 'ben') as id;
grant select on w to public;
update public.tasks set completed_at = now() - interval '60 days' + interval '1 second' where id = (select id from w);
select tests.authenticate_as('anna');
select is(pg_temp.try(id), 'no error', 'a second before 60 days there is time') from w;
select tests.reset_authentication();
update public.tasks set completed_at = now() - interval '60 days' where id = (select id from w);
select tests.authenticate_as('ben');
select is(pg_temp.try(id), 'PT409 rating_window_closed', 'after 60 days there is not') from w;
select tests.authenticate_as('anna');
select is(pg_temp.try(id, 1), 'no error', 'who rated in time may think again for a day all the same') from w;
select tests.reset_authentication();

-- what only the table can refuse
select alike(tests.error_of(format('insert into public.ratings (task_id, rater_id, ratee_id, score) values (%L, %L, %L, %s)',
  done, tests.get_supabase_uid(rater), tests.get_supabase_uid(ratee), score)), error, what)
from t, (values
  ('anna', 'ben', 5, '23505 %"member_rates_once_per_task"%', 'table: one rating per member and task'),
  ('cem', 'cem', 5, '23514 %"nobody_rates_themselves"%', 'table: never oneself'),
  ('cem', 'ben', 6, '23514 %"score_is_between_1_and_5"%', 'table: 6 is too many'),
  ('cem', 'ben', 0, '23514 %"score_is_between_1_and_5"%', 'table: 0 is too few')) x (rater, ratee, score, error, what);
select alike(tests.error_of(format('update public.ratings set comment = repeat(''x'', 1001) where task_id = %L', done)), '23514 %"comment_has_at_most_1000_characters"%',
  'table: 1001 characters are too many') from t;
select tests.books_are_right();

select * from finish();
rollback;
