-- The projections behind the rankings follow every change of what they are made from, whoever makes it.
begin;
select plan(33);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery');
create function pg_temp.listed() returns text[] language sql
as $$ select coalesce(array_agg(p.name order by p.name), '{}') from private.listed_places l join public.places p on p.id = l.place_id where p.name like 'pgtap%' $$;
create function pg_temp.is_right(description text) returns text language sql as $$ select is_empty('select * from ops.audit_recommendations()', description || ': the audit finds nothing') $$;

-- places
insert into public.places (name, partner_id, latitude, longitude) values ('pgtap branch', tests.partner('bakery'), -48.8767, -123.3933);
insert into public.places (name, source, latitude, longitude) values ('pgtap bench', 'community', -48.8767, -123.3933);
insert into public.places (name, source, latitude, longitude, is_active) values ('pgtap closed', 'community', -48.8767, -123.3933, false);
select is(pg_temp.listed(), '{"pgtap bench","pgtap branch"}'::text[], 'places that are shown are listed');
update public.partners set is_active = false where id = tests.partner('bakery');
select is(pg_temp.listed(), '{"pgtap bench"}'::text[], 'not those of an inactive partner');
insert into public.places (name, partner_id, latitude, longitude) values ('pgtap second', tests.partner('bakery'), -48.8767, -123.3933);
select is(pg_temp.listed(), '{"pgtap bench"}'::text[], 'nor new ones of it');
select pg_temp.is_right('inactive');
update public.partners set is_active = true where id = tests.partner('bakery');
update public.places set is_active = name = 'pgtap closed' where name in ('pgtap closed', 'pgtap bench');
select is(pg_temp.listed(), '{"pgtap branch","pgtap closed","pgtap second"}'::text[], 'until they are');
update public.places set latitude = 10, longitude = 20, category = 'cafe' where name = 'pgtap branch';
select results_eq($$ select l.category, l.position ~= private.position_at(10, 20) from private.listed_places l join public.places p on p.id = l.place_id where p.name = 'pgtap branch' $$,
  $$ values ('cafe', true) $$, 'a place that moves is found where it is');
update public.places set partner_id = null, source = 'community' where name = 'pgtap second';
delete from public.partners where id = tests.partner('bakery');
select is(pg_temp.listed(), '{"pgtap closed","pgtap second"}'::text[], 'a partner who is removed takes the branches along');
select pg_temp.is_right('places');

-- open tasks
create temporary table t as select tests.post_task('anna', 1, 'One') as one, tests.post_task('ben', 1, 'Two') as two;
create function pg_temp.parts(task uuid) returns text language sql as $$ select concat_ws(' ', part_rating, part_popularity, round(quality::numeric, 4)) from private.open_tasks where task_id = task $$;
select is((select pg_temp.parts(one) from t), '0.5 0 0.3333', 'a task of somebody without ratings');
update public.users set rating_average = 5, rating_count = 100 where id = tests.get_supabase_uid('anna');
select is((select pg_temp.parts(one) from t), '1 1 1.0000', 'follows the ratings');
select is((select pg_temp.parts(two) from t), '0.5 0 0.3333', 'those of others do not');
update public.users set rating_count = 1000 where id = tests.get_supabase_uid('anna');
select is((select pg_temp.parts(one) from t), '1 1 1.0000', 'popularity ends at one hundred');
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
update public.users set rating_average = 3 where id = tests.get_supabase_uid('anna');
select ops.unban_user(tests.get_supabase_uid('anna'));
select is((select pg_temp.parts(one) from t), '0.6 1 0.7333', 'a task that is listed again has the ratings of then');
update private.settings set recommendation_rating_weight = 0, recommendation_popularity_weight = 0.3;
select is((select pg_temp.parts(one) from t), '0.6 1 1.0000', 'and the weights of then');
select pg_temp.is_right('tasks');
select tests.use_default_settings();
select pg_temp.is_right('settings');

-- helpers
create function pg_temp.helper() returns bigint language sql as $$ select home_square from private.open_helpers where user_id = tests.get_supabase_uid('ben') $$;
select is(pg_temp.helper(), null, 'nobody is listed unasked');
update public.user_settings set is_open_to_suggestions = true where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), null, 'nor without a home');
update public.user_contacts set latitude = 52.5, longitude = 13.4 where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), private.square_at(private.position_at(52.5, 13.4), 2048), 'with both');
select is((select array_agg(attname::text order by attnum) from pg_attribute where attrelid = 'private.open_helpers'::regclass and attnum > 0), '{user_id,home_square,last_suggested_at}'::text[], 'the list knows the cell, not the home');
update public.user_contacts set latitude = 52.6 where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), private.square_at(private.position_at(52.6, 13.4), 2048), 'who moves is listed there');
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select is(pg_temp.helper(), null, 'not when banned');
select pg_temp.is_right('banned');
select ops.unban_user(tests.get_supabase_uid('ben'));
select isnt(pg_temp.helper(), null, 'until the ban is lifted');
update public.user_settings set is_open_to_suggestions = false where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), null, 'not after stepping back');
update public.user_settings set is_open_to_suggestions = true where user_id = tests.get_supabase_uid('ben');
delete from public.user_contacts where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), null, 'not when the contact data are gone');
insert into public.user_contacts (user_id, latitude, longitude) values (tests.get_supabase_uid('ben'), 52.5, 13.4);
select isnt(pg_temp.helper(), null, 'they may come back');
delete from public.user_settings where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), null, 'not when the settings are gone');
insert into public.user_settings (user_id, is_open_to_suggestions) values (tests.get_supabase_uid('ben'), true);
select isnt(pg_temp.helper(), null, 'nor without them');
select pg_temp.is_right('helpers');
delete from auth.users where id = tests.get_supabase_uid('ben');
select is(pg_temp.helper(), null, 'a deleted account helps nobody');
select pg_temp.is_right('erased');
select throws_ok($$ update private.open_tasks set quality = null $$, '23502', null, 'a listed task without its parts cannot be');

select * from finish();
rollback;
