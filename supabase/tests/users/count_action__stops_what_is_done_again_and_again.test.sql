-- Limits of each day for what can be undone and done again: undoing gives nothing back, a repeated call takes nothing.
begin;
select plan(33);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'eva');
update private.settings set block_limit_per_day = 2, consent_limit_per_day = 2, offer_limit_per_day = 2, task_change_limit_per_day = 2,
  review_limit_per_day = 2, return_limit_per_day = 1;
create function pg_temp.a_day_later() returns void language sql
as $$ update private.recent_actions set done_at = array(select t - interval '24 hours' from unnest(done_at) t) $$;
create function pg_temp.try(who text, command text) returns text language plpgsql as $$
declare v_error text;
begin
  perform tests.authenticate_as(who);
  v_error := tests.error_of(command);
  perform tests.reset_authentication();
  return v_error;
end $$;

-- blocks
create function pg_temp.block(whom text) returns text language sql
as $$ select pg_temp.try('anna', format('select public.block_user(%L)', tests.get_supabase_uid(whom))) $$;
create function pg_temp.unblock(whom text) returns text language sql
as $$ select pg_temp.try('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid(whom))) $$;
select is(pg_temp.block('ben'), 'no error', 'a block');
select is(pg_temp.block('ben'), 'no error', 'repeated');
select is(pg_temp.unblock('ben'), 'no error', 'lifted');
select is(pg_temp.block('ben'), 'no error', 'and the same again, which is the second');
select is(pg_temp.unblock('ben'), 'no error', 'lifting is always possible');
select is(pg_temp.block('cem'), 'PT429 block_limit_reached (2)', 'a third one is too many');
select is_empty('select * from public.user_blocks', 'and blocks nobody');
select is((select cardinality(done_at) from private.recent_actions where limit_slug = 'block_limit_reached'), 2, 'refused ones are not counted');
select is(pg_temp.try('cem', format('select public.block_user(%L)', tests.get_supabase_uid('ben'))), 'no error', 'others have limits of their own');
select pg_temp.a_day_later();
select is(pg_temp.block('cem'), 'no error', 'a day later it is possible again');
select is((select cardinality(done_at) from private.recent_actions where user_id = tests.get_supabase_uid('anna')), 1, 'and the day before is forgotten');
update private.settings set block_limit_per_day = 0;
select is(pg_temp.block('ben'), 'PT429 block_limit_reached (0)', 'a limit of 0 closes it');
select is(pg_temp.unblock('cem'), 'no error', 'but not the way back');

-- offers made again after they were taken back
create temporary table t as select tests.post_task('ben', 1) as one, tests.post_task('ben', 1) as two;
create function pg_temp.offer() returns text language sql as $$ select pg_temp.try('dora', format('select public.offer_help(%L)', (select one from t))) $$;
create function pg_temp.withdraw() returns text language sql
as $$ select pg_temp.try('dora', format('select public.withdraw_offer(%L)', tests.offer_on((select one from t), 'dora'))) $$;
select results_eq('select pg_temp.offer() union all select pg_temp.withdraw() union all select pg_temp.offer() union all select pg_temp.withdraw() union all select pg_temp.offer()',
  array['no error', 'no error', 'no error', 'no error', 'PT429 offer_limit_reached (2)'], 'taking an offer back does not give it back');

-- a creator who changes tasks, or rejects work, again and again
create temporary table w as select tests.task_in('pending_confirmation', 'ben', 'eva') as id;
create function pg_temp.change() returns text language sql as $$ select pg_temp.try('ben', format('select public.update_task(%L, title => ''Mow it'')', (select two from t))) $$;
create function pg_temp.reject() returns text language sql as $$ select pg_temp.try('ben', format('select public.reject_completion(%L, ''No'')', (select id from w))) $$;
select is(pg_temp.change(), 'no error', 'a change');
select is(pg_temp.try('ben', format('select public.update_task(%L, points_reward => 0)', (select two from t))), 'PT400 points_reward_out_of_range', 'what is wrong anyway');
select is(pg_temp.reject(), 'no error', 'is not counted: a rejection is the second');
select is(pg_temp.reject(), 'no error', 'repeated');
select is(pg_temp.change(), 'PT429 task_change_limit_reached (2)', 'a third deed is too many');
select is(pg_temp.try('eva', format('select public.finish_task(%L)', (select id from w))), 'no error', 'the helper goes on');
select is(pg_temp.reject(), 'PT429 task_change_limit_reached (2)', 'and is not rejected without end');
select is(pg_temp.try('ben', format('select public.confirm_task(%L)', (select id from w))), 'no error', 'what is finished can be confirmed');

-- reviews
select pg_temp.try('ben', $$ select public.add_place('The bench', 'other', -48.8767, -123.3933) $$);
create temporary table p as select id from public.places where (name, latitude) = ('The bench', -48.8767);
create function pg_temp.review(rating integer) returns text language sql as $$ select pg_temp.try('dora', format('select public.review_place(%L, %s)', (select id from p), rating)) $$;
select is(pg_temp.review(1), 'no error', 'a review');
select is(pg_temp.review(1), 'no error', 'repeated');
select is(pg_temp.try('dora', format('select public.delete_review(%L)', (select id from p))), 'no error', 'taken back');
select is(pg_temp.review(1), 'no error', 'written again');
select is(pg_temp.review(5), 'PT429 review_limit_reached (2)', 'and changed: too many');
select is((select rating from public.place_reviews where place_id = (select id from p)), 1, 'it is as it was');

-- consents, each of which makes work for the lists that others read
create function pg_temp.show(shown boolean) returns text language sql as $$ select pg_temp.try('dora', format('select public.update_settings(show_on_leaderboard => %L)', shown)) $$;
select results_eq('select pg_temp.show(true) union all select pg_temp.show(true) union all select pg_temp.show(false)', array['no error', 'no error', 'no error'], 'shown, and hidden');
select is(pg_temp.try('dora', 'select public.update_settings(is_open_to_suggestions => true)'), 'no error', 'suggested, too');
select is(pg_temp.show(true), 'PT429 consent_limit_reached (2)', 'a third consent is too many');
select is(pg_temp.try('dora', 'select public.update_settings(is_open_to_suggestions => false, language => ''en'')'), 'no error', 'withdrawing is always possible');

-- what is counted goes with the member
delete from auth.users where id = tests.get_supabase_uid('dora');
select is_empty($$ select * from private.recent_actions where user_id = tests.get_supabase_uid('dora') $$, 'nothing is left of a member who left');

select * from finish();
rollback;
