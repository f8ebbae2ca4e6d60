-- Signing up creates everything a member needs, whichever way they sign up.
begin;
select plan(18);
select tests.use_default_settings();

-- with e-mail
insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
values (tests.get_supabase_uid('anna'), 'anna@pgtap.example.test', null, '{"name": "Anna Beispiel"}');
select results_eq(
  $$ select name, avatar_path, bio, trust_score, rating_average, rating_count, is_email_verified, is_phone_verified, is_active, is_banned
     from public.users where id = tests.get_supabase_uid('anna') $$,
  $$ values ('Anna Beispiel', null::text, null::text, 0.00, 0.00, 0, false, false, true, false) $$, 'e-mail: the profile has the given name and starts empty');
select results_eq(
  $$ select phone_number, address, latitude, longitude from public.user_contacts where user_id = tests.get_supabase_uid('anna') $$,
  $$ values (null::text, null::text, null::float8, null::float8) $$, 'e-mail: the contact row is there and empty');
select results_eq(
  $$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$,
  $$ values (0, 0, 0) $$, 'e-mail: the point account is open and empty');

-- with phone only
insert into auth.users (id, email, phone, phone_confirmed_at, raw_user_meta_data)
values (tests.get_supabase_uid('ben'), null, '4915550001', now(), '{}');
select results_eq(
  $$ select name, is_email_verified, is_phone_verified from public.users where id = tests.get_supabase_uid('ben') $$,
  $$ values ('Neighbour', false, true) $$, 'phone: a member without a name is Neighbour, the phone is verified');
select is((select phone_number from public.user_contacts where user_id = tests.get_supabase_uid('ben')), '+4915550001', 'phone: the number is kept as contact, as people write it');

-- with OAuth: confirmed at once, the name under other keys
insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
values (tests.get_supabase_uid('cem'), null, now(), '{"full_name": "Cem Muster", "user_name": "cem", "avatar_url": "https://example.test/a.png"}');
select results_eq(
  $$ select name, avatar_path, is_email_verified from public.users where id = tests.get_supabase_uid('cem') $$,
  $$ values ('Cem Muster', null::text, true) $$, 'OAuth: full_name is taken, a foreign picture is not');
insert into auth.users (id, raw_user_meta_data) values (tests.get_supabase_uid('dora'), '{"display_name": "Dora", "user_name": "d"}');
select is((select name from public.users where id = tests.get_supabase_uid('dora')), 'Dora', 'OAuth: display_name comes before user_name');
insert into auth.users (id, raw_user_meta_data) values (tests.get_supabase_uid('emil'), '{"user_name": "emil77"}');
select is((select name from public.users where id = tests.get_supabase_uid('emil')), 'emil77', 'OAuth: user_name is the last resort');
insert into auth.users (id, raw_user_meta_data) values (tests.get_supabase_uid('fay'), '{"user_name": "wrong", "full_name": "wrong too", "name": "Fay"}');
select is((select name from public.users where id = tests.get_supabase_uid('fay')), 'Fay', 'name comes before all others');

-- language and time zone come with it
create function pg_temp.settings_with(who text, profile jsonb) returns text language sql as $$
  insert into auth.users (id, raw_user_meta_data) values (tests.get_supabase_uid(who), profile);
  select language || ' ' || time_zone from public.user_settings where user_id = tests.get_supabase_uid(who);
$$;
select is(pg_temp.settings_with('gil', '{"name": "Gil", "language": "en", "time_zone": "europe/lisbon"}'), 'en Europe/Lisbon', 'both are taken, spelt as the list does');
select is(pg_temp.settings_with('hel', '{"language": "en"}'), 'en ' || private.default_time_zone(), 'one of them alone');
select is(pg_temp.settings_with('ian', '{"language": "xx", "time_zone": "Moon/Crater"}'), 'de ' || private.default_time_zone(), 'what is unknown is not');
select is(pg_temp.settings_with('jan', '{"language": ["en"], "time_zone": {"a": 1}}'), 'de ' || private.default_time_zone(), 'nor what is no text');
update auth.users set raw_user_meta_data = '{"language": "de"}' where id = tests.get_supabase_uid('gil');
select is((select language::text from public.user_settings where user_id = tests.get_supabase_uid('gil')), 'en', 'later they are the member''s');

-- verification follows the login, both ways
update auth.users set phone_confirmed_at = now() where id = tests.get_supabase_uid('anna');
select results_eq(
  $$ select is_email_verified, is_phone_verified from public.users where id = tests.get_supabase_uid('anna') $$, $$ values (false, true) $$,
  'confirming the phone verifies the member');
update auth.users set phone_confirmed_at = null, email_confirmed_at = now() where id = tests.get_supabase_uid('anna');
select results_eq(
  $$ select is_email_verified, is_phone_verified from public.users where id = tests.get_supabase_uid('anna') $$, $$ values (true, false) $$,
  'taking it back takes the badge away');
update auth.users set raw_user_meta_data = '{"name": "Somebody Else", "is_banned": true}' where id = tests.get_supabase_uid('anna');
select is((select name from public.users where id = tests.get_supabase_uid('anna')), 'Anna Beispiel', 'later changes of the login''s profile data do not touch the member');

-- signing up again with an id that is known changes nothing
delete from auth.users where id = tests.get_supabase_uid('emil');
select lives_ok(
  $$ insert into auth.users (id, raw_user_meta_data) values (tests.get_supabase_uid('emil'), '{"name": "Emil"}') $$,
  'a login that comes back with a known id does not fail');

select * from finish();
rollback;
