-- Flooding: so many in a row, which come back one by one; in one conversation, and in all together.
begin;
select plan(16);
select tests.use_default_settings();
update private.settings set message_limit_per_hour = 5, conversation_message_limit_per_hour = 3;
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select 'ben' as helper, tests.offer_help('ben', id) as id from t union all select 'cem', tests.offer_help('cem', id) from t;
grant select on t, o to public;
create function pg_temp.say(sender text, helper text, body text default 'Hi') returns text language plpgsql as $$
declare
  v_error text;
begin
  perform tests.authenticate_as(sender);
  v_error := tests.error_of(format('select public.send_message(%L, %L, gen_random_uuid())', (select id from o where o.helper = say.helper), body));
  perform tests.reset_authentication();
  -- the clock goes on meanwhile: the next ten seconds
  return coalesce(regexp_replace(v_error, '=\d+', '=' || ceil(substring(v_error from '=(\d+)')::numeric / 10) * 10), v_error);
end $$;
-- as if so many seconds had passed
create function pg_temp.pass(seconds integer) returns void language sql as $$
  update private.message_paces set pace = pace - make_interval(secs => seconds);
  update private.conversations set creator_pace = creator_pace - make_interval(secs => seconds), helper_pace = helper_pace - make_interval(secs => seconds);
$$;

select is(array(select pg_temp.say('anna', 'ben') from generate_series(1, 4)),
  array['no error', 'no error', 'no error', 'PT429 conversation_limit_reached (retry_after=1200)'], 'three in a row in one conversation; the next after 20 minutes');
select is(pg_temp.say('ben', 'ben'), 'no error', 'the other side has its own');
select is(array(select pg_temp.say('anna', 'cem') from generate_series(1, 3)),
  array['no error', 'no error', 'PT429 message_limit_reached (retry_after=720)'], 'five in all conversations together; the next after 12 minutes');
select is((select count(*)::int from private.messages where sender_id = tests.get_supabase_uid('anna')), 5, 'five were sent');
select pg_temp.pass(690);
select is(pg_temp.say('anna', 'cem'), 'PT429 message_limit_reached (retry_after=30)', 'half a minute too early');
select pg_temp.pass(30);
select is(pg_temp.say('anna', 'cem'), 'no error', 'one has come back');
select is(pg_temp.say('anna', 'cem'), 'PT429 message_limit_reached (retry_after=720)', 'one');
select is(pg_temp.say('anna', 'ben'), 'PT429 message_limit_reached (retry_after=720)', 'wherever it is spent');
select pg_temp.pass(7200);
select is(array(select pg_temp.say('anna', 'ben') from generate_series(1, 4)),
  array['no error', 'no error', 'no error', 'PT429 conversation_limit_reached (retry_after=1200)'], 'never more than three in a row, however long it was quiet');

-- what was refused costs nothing, nor does a repetition
select pg_temp.pass(7200);
select is(pg_temp.say('anna', 'ben', ''), 'PT400 text_blank (body)', 'a refusal');
create temporary table k as select gen_random_uuid() as id;
grant select on k to public;
select tests.send_message('anna', o.id, 'Again', k.id) from o, k, generate_series(1, 5) where helper = 'ben';
select is(array(select pg_temp.say('anna', 'ben') from generate_series(1, 3)),
  array['no error', 'no error', 'PT429 conversation_limit_reached (retry_after=1200)'], 'cost nothing');
select tests.authenticate_as('anna');
select is((select m.body from o, k, public.send_message(o.id, 'Again', k.id) m where helper = 'ben'), 'Again', 'a repetition is answered beyond the limit, too');
select tests.reset_authentication();

-- settings
update private.settings set message_limit_per_hour = 0;
select is(pg_temp.say('cem', 'cem'), 'PT429 message_limit_reached (retry_after=3600)', 'none at all');
update private.settings set message_limit_per_hour = 7, conversation_message_limit_per_hour = 1000;
select pg_temp.pass(7200);
select is((select count(*)::int from generate_series(1, 9) i where pg_temp.say('cem', 'cem') = 'no error'), 7, 'an hour that does not divide evenly');
update private.settings set message_limit_per_hour = 9999;
select pg_temp.pass(7200);
select is((select count(*)::int from generate_series(1, 100) i where pg_temp.say('ben', 'ben') = 'no error'), 100, 'many');
select tests.books_are_right();

select * from finish();
rollback;
