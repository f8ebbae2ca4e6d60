begin;
select plan(30);
select tests.create_supabase_users('anna', 'ben');

select tests.authenticate_as('anna');
select results_eq(
  $$ select phone_number, address, latitude, longitude from public.update_contact('+49 (30) 123-456', '  Sea Lane 1  ', 52.5, 13.4) $$,
  $$ values ('+49 (30) 123-456', 'Sea Lane 1', 52.5::float8, 13.4::float8) $$, 'all fields, trimmed');
select is((select extensions.st_astext(home_location) from public.user_contacts), 'POINT(13.4 52.5)', 'the home follows the coordinates');
select results_eq(
  $$ select phone_number, address, latitude, longitude from public.update_contact() $$,
  $$ values ('+49 (30) 123-456', 'Sea Lane 1', 52.5::float8, 13.4::float8) $$, 'null leaves every field as it is');
select results_eq(
  $$ select phone_number, address, latitude from public.update_contact(phone_number => '', address => '') $$,
  $$ values (null::text, null::text, 52.5::float8) $$, 'an empty text clears');
select is((public.update_contact(latitude => 10, longitude => 20)).longitude, 20::float8, 'the home can move');
select results_eq(
  $$ select latitude, longitude, home_location is null from public.update_contact(remove_home => true) $$,
  $$ values (null::float8, null::float8, true) $$, 'remove_home forgets it');
select is((public.update_contact(latitude => -90, longitude => 180)).latitude, -90::float8, 'the ends of the world are on it');
select is((public.update_contact(address => repeat('ß', 500))).address, repeat('ß', 500), 'an address of 500 characters');

-- as people write and copy them
select is_empty($q$ select typed, kept from (values ('(030) 1234567', '(030) 1234567'), (E'030\u00A01234567', '030 1234567'), (' 030 1234567 ', '030 1234567'), (E'\u202A+49 30 1234567\u202C', '+49 30 1234567'),
    (E'\u202D+49 (30) 123-456\u202C', '+49 (30) 123-456'), (E'\u2066030 1234567\u2069\u200E', '030 1234567'), ('(+49) 30 1234567', '(+49) 30 1234567'), ('+(49) 30 1234567', '+(49) 30 1234567'), ('0049/30/1234567', '0049/30/1234567'),
    (E'030\u20111234567', '030-1234567'), (E'030\u2013 1234567', '030- 1234567'), (E'030\u202F123\u20094567', '030 123 4567'), ('＋４９（３０）１２３４５６', '+49(30)123456'), (E'030\u200B123\uFEFF4567', '0301234567'),
    ('٠٣٠ ١٢٣٤٥٦٧', '030 1234567'), ('۰۳۰۱۲۳۴۵۶۷', '0301234567'), ('०३० १२३४५६७', '030 1234567'), ('030.123.45.67', '030.123.45.67'), (E'030\t1234567\n', '030 1234567'), ('1234', '1234')) v (typed, wanted),
  lateral (select (public.update_contact(phone_number => typed)).phone_number as kept) k where kept is distinct from wanted $q$, 'phone numbers are read as people write and copy them');
select is_empty($q$ select typed, result from unnest(array[E'\u200B', E'\u00A0', E'\u3164', '+', '()', '----', '12 3', 'x1234567', '030 1234567 a', '++49 30 123456', '49+30123456', '1+2+3+4', ')030( 1234', '030 123456 🙂', '030;1234567', repeat('1', 51),
    E'0301234\u20281234', '½½½½½']) typed, tests.error_of(format('select public.update_contact(phone_number => %L)', typed)) result where result <> 'PT400 phone_number_invalid' $q$, 'nothing else is one');
select is((public.update_contact(phone_number => '')).phone_number, null, 'an empty text clears it again');

select throws_ok($$ select public.update_contact(phone_number => 'call me') $$, 'PT400', 'phone_number_invalid', 'letters are no phone number');
select throws_ok($$ select public.update_contact(phone_number => ' ') $$, 'PT400', 'phone_number_invalid', 'nor is a space');
select throws_ok($$ select public.update_contact(phone_number => '123') $$, 'PT400', 'phone_number_invalid', 'nor three digits');
select throws_ok($$ select public.update_contact(phone_number => '+' || repeat('1', 50)) $$, 'PT400', 'phone_number_invalid', 'nor fifty');
select throws_ok($$ select public.update_contact(phone_number => E'0301234\n567') $$, 'PT400', 'phone_number_invalid', 'nor two lines');
select is(tests.error_of($$ select public.update_contact(address => repeat('x', 501)) $$), 'PT400 text_too_long (address)', 'an address of 501 characters');
select is(tests.error_of($$ select public.update_contact(address => E'a\u0001') $$), 'PT400 text_has_control_characters (address)', 'a control character in the address');
select throws_ok($$ select public.update_contact(latitude => 52.5) $$, 'PT400', 'coordinates_invalid', 'half a place');
select throws_ok($$ select public.update_contact(longitude => 13.4) $$, 'PT400', 'coordinates_invalid', 'the other half');
select throws_ok($$ select public.update_contact(latitude => 90.01, longitude => 0) $$, 'PT400', 'coordinates_invalid', 'north of the pole');
select throws_ok($$ select public.update_contact(latitude => 0, longitude => -180.01) $$, 'PT400', 'coordinates_invalid', 'beyond the date line');
select throws_ok($$ select public.update_contact(latitude => 'NaN', longitude => 0) $$, 'PT400', 'coordinates_invalid', 'not a number');
select throws_ok($$ select public.update_contact(latitude => 0, longitude => 'Infinity') $$, 'PT400', 'coordinates_invalid', 'infinity');

select results_eq(
  $$ select latitude, longitude, phone_number from public.user_contacts $$, $$ values (-90::float8, 180::float8, null::text) $$,
  'the refused calls changed nothing; members see only their own row');
select tests.reset_authentication();
select is((select address from public.user_contacts where user_id = tests.get_supabase_uid('ben')), null, 'nobody else changed');

update public.user_contacts set updated_at = now() - interval '1 day' where user_id = tests.get_supabase_uid('anna');
update public.user_contacts set address = 'Harbour 2' where user_id = tests.get_supabase_uid('anna');
select is((select updated_at from public.user_contacts where user_id = tests.get_supabase_uid('anna')), now(), 'updated_at is stamped on every change');

-- a member keeps the contact row: without it every later change would be lost silently
select tests.authenticate_as('anna');
select throws_ok('delete from public.user_contacts', '42501', 'permission denied for table user_contacts', 'the row cannot be deleted');
select throws_ok($$ update public.user_contacts set phone_number = '1' $$, '42501', 'permission denied for table user_contacts', 'nor changed directly');
select is((select count(*)::int from public.user_contacts), 1, 'it is still there');

select * from finish();
rollback;
