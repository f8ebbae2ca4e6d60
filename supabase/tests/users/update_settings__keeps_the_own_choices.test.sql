begin;
select plan(24);
select tests.create_supabase_users('anna', 'ben');

-- from the start
select tests.authenticate_as('anna');
select results_eq(
  $$ select language::text, time_zone, show_on_leaderboard, is_open_to_suggestions from public.user_settings $$,
  $$ values ('de', 'Europe/Berlin', false, false) $$, 'sign-up gives settings, and agrees to nothing; members see only their own');

-- changing
select results_eq(
  $$ select language::text, time_zone, show_on_leaderboard, is_open_to_suggestions from public.update_settings('en', 'America/Argentina/Buenos_Aires', true, true) $$,
  $$ values ('en', 'America/Argentina/Buenos_Aires', true, true) $$, 'all settings');
select results_eq(
  $$ select language::text, time_zone, show_on_leaderboard, is_open_to_suggestions from public.update_settings() $$,
  $$ values ('en', 'America/Argentina/Buenos_Aires', true, true) $$, 'null leaves every setting as it is');
select is((public.update_settings(show_on_leaderboard => false)).show_on_leaderboard, false, 'consent can be withdrawn');
select is((public.update_settings(time_zone => 'UTC')).time_zone, 'UTC', 'UTC is a time zone');

select is_empty($$ select given, kept from (values ('europe/berlin', 'Europe/Berlin'), ('utc', 'UTC'), ('America/Port-au-Prince', 'America/Port-au-Prince'), ('Etc/GMT+5', 'Etc/GMT+5'),
    ('Asia/Kolkata', 'Asia/Kolkata')) v (given, wanted), lateral (select (public.update_settings(time_zone => given)).time_zone as kept) k where kept <> wanted $$, 'names of the list, spelt as it does');
select is((public.update_settings(time_zone => 'UTC')).time_zone, 'UTC', 'and back');

-- what is refused
select is_empty($$ select zone, result from unnest(array['Europe/Berlin-2', 'Europe/Berlin2', 'Mars/Phobos3', 'Mars/Phobos+3:30', 'A/B1', 'Etc/GMT-99', 'posix/Europe/Berlin', 'right/Europe/Berlin', 'UTC+2', 'GMT', 'EST5EDT', '<+02>-2',
    'CET-1CEST,M3.5.0,M10.5.0/3', '+02:00', '2', ' Europe/Berlin', 'Europe/Berlin ', 'Europe//Berlin', '../Europe/Berlin', 'localtime', 'Factory', 'Europe/Berlin' || chr(8203), repeat('Europe/Berlin', 1000)]) zone,
  tests.error_of(format('select public.update_settings(time_zone => %L)', zone)) result where result not like 'PT400 time_zone_invalid (%' $$, 'no rules, offsets or abbreviations, although PostgreSQL reads them');
select throws_ok($$ select public.update_settings(language => 'fr') $$, 'PT400', 'language_invalid', 'a language without texts');
select throws_ok($$ select public.update_settings(language => '') $$, 'PT400', 'language_invalid', 'no language');
select throws_ok($$ select public.update_settings(time_zone => 'Europe/Nowhere') $$, 'PT400', 'time_zone_invalid', 'a zone nobody knows');
select throws_ok($$ select public.update_settings(time_zone => 'CET') $$, 'PT400', 'time_zone_invalid', 'an abbreviation, which has no summer');
select throws_ok($$ select public.update_settings(time_zone => 'XYZ+3') $$, 'PT400', 'time_zone_invalid', 'an offset');
select throws_ok($$ select public.update_settings(time_zone => '') $$, 'PT400', 'time_zone_invalid', 'no zone');
select throws_ok($$ select public.update_settings(time_zone => repeat('A/', 5000) || 'A') $$, 'PT400', 'time_zone_invalid', 'a very long one');
select throws_ok($$ update public.user_settings set language = 'de' $$, '42501', 'permission denied for table user_settings', 'nothing is changed directly');
select throws_ok($$ delete from public.user_settings $$, '42501', 'permission denied for table user_settings', 'nor removed');
select is((select language from public.user_settings), 'en', 'the refused calls changed nothing');

-- others
select tests.authenticate_as('ben');
select is((select count(*)::int from public.user_settings where user_id = tests.get_supabase_uid('anna')), 0, 'nobody else reads them');
select is((select language from public.user_settings), 'de', 'nobody else changed');
select tests.clear_authentication();
select throws_ok('select * from public.user_settings', '42501', 'permission denied for table user_settings', 'without signing in nothing');

-- Studio
select tests.reset_authentication();
select throws_ok($$ update public.user_settings set time_zone = 'CET' $$, 'PT400', 'time_zone_invalid', 'Studio cannot store an unknown zone');
update public.user_settings set updated_at = now() - interval '1 day' where user_id = tests.get_supabase_uid('anna');
update public.user_settings set language = 'de' where user_id = tests.get_supabase_uid('anna');
select is((select updated_at from public.user_settings where user_id = tests.get_supabase_uid('anna')), now(), 'updated_at is stamped on every change');

-- a deleted account
delete from auth.users where id = tests.get_supabase_uid('anna');
select is((select count(*)::int from public.user_settings where user_id = tests.get_supabase_uid('anna')), 0, 'deleting the login removes them');

select * from finish();
rollback;
