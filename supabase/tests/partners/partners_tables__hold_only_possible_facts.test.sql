-- Studio is a door, too: what is impossible is refused by the tables themselves.
begin;
select plan(65);
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table r as select tests.create_reward('bakery', '{"limit_per_member": 5}') as id;

create function pg_temp.refused_by(relation text, change text)
returns text
language plpgsql
as $$
declare
  v_name text;
begin
  execute format('update public.%I set %s', relation, change);
  return 'nothing';
exception when check_violation then
  get stacked diagnostics v_name = constraint_name;
  return v_name;
end $$;

-- partners
select is(pg_temp.refused_by('partners', change), name, 'partner: ' || left(change, 60))
from (values
  ('name = ''x''', 'partner_name_has_2_to_255_characters'),
  ('name = repeat(''x'', 256)', 'partner_name_has_2_to_255_characters'),
  ('description = repeat(''x'', 2001)', 'partner_description_has_at_most_2000_characters'),
  ('website_url = ''http://bakery.example''', 'website_url_is_https'),
  ('website_url = ''javascript:alert(1)''', 'website_url_is_https'),
  ('website_url = ''https://bakery.example/a b''', 'website_url_is_https'),
  ('website_url = ''https://'' || repeat(''x'', 500)', 'website_url_is_https'),
  ('logo_url = ''http://bakery.example/logo.svg''', 'logo_url_is_https'),
  ('logo_url = ''''', 'logo_url_is_https'),
  ('description = repeat(''x'', 2000), website_url = ''https://bakery.example/?a=b'', logo_url = null', 'nothing')) v (change, name);

-- places
insert into public.places (partner_id, name, latitude, longitude) values (tests.partner('bakery'), 'Bakery', -48.8767, -123.3933);
select is(pg_temp.refused_by('places', change), name, 'place: ' || left(change, 60))
from (values
  ('name = ''x''', 'place_name_has_2_to_255_characters'),
  ('category = ''pub''', 'place_category_is_known'),
  ('address = repeat(''x'', 501)', 'place_address_has_at_most_500_characters'),
  ('latitude = 90.1', 'place_is_on_earth'),
  ('longitude = -180.1', 'place_is_on_earth'),
  ('latitude = ''NaN''', 'place_is_on_earth'),
  ('longitude = ''infinity''', 'place_is_on_earth'),
  ('source = ''rumour''', 'place_source_is_known'),
  ('partner_id = null', 'partner_place_has_a_partner'),
  ('source_id = repeat(''x'', 256)', 'place_source_id_has_at_most_255_characters'),
  ('source = ''community'', partner_id = null', 'nothing'),
  ('source = ''partner'', partner_id = tests.partner(''bakery''), latitude = 90, longitude = -180', 'nothing')) v (change, name);
select is((select extensions.st_y(location::extensions.geometry) from public.places where partner_id = tests.partner('bakery')), 90::double precision, 'the position follows latitude and longitude');
insert into public.places (name, source, source_id, latitude, longitude) values ('Square', 'import', 'node/1', -48.8767, -123.3933);
select throws_like($$ insert into public.places (name, source, source_id, latitude, longitude) values ('Square', 'import', 'node/1', -48.8767, -123.3933) $$,
  '%"place_is_imported_once"%', 'what was imported is not imported twice');
select lives_ok($$ insert into public.places (partner_id, name, source_id, latitude, longitude) values (tests.partner('bakery'), 'Square', 'node/1', -48.8767, -123.3933) $$,
  'the same id from another source is something else');

-- opening hours
select is(tests.error_of(format('update public.places set opening_hours = %L', hours)), outcome, 'opening hours: ' || coalesce(hours, 'null'))
from (values
  (null, 'no error'),
  ('{}', 'no error'),
  ('{"mon": []}', 'no error'),
  ('{"mon": [["09:00", "18:00"]]}', 'no error'),
  ('{"mon": [["00:00", "24:00"]], "tue": [["09:00", "12:30"], ["14:00", "18:00"]], "wed": [], "thu": [["23:59", "24:00"]], "fri": [["06:00", "06:01"]], "sat": [["07:00", "13:00"]], "sun": []}', 'no error'),
  ('null', 'PT400 opening_hours_invalid'),
  ('[]', 'PT400 opening_hours_invalid'),
  ('"09:00-18:00"', 'PT400 opening_hours_invalid'),
  ('{"monday": [["09:00", "18:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"Mon": [["09:00", "18:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": null}', 'PT400 opening_hours_invalid'),
  ('{"mon": "09:00"}', 'PT400 opening_hours_invalid'),
  ('{"mon": {"from": "09:00"}}', 'PT400 opening_hours_invalid'),
  ('{"mon": ["09:00", "18:00"]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [[]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", "12:00", "18:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["18:00", "09:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", "09:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["24:00", "24:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["9:00", "18:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", "25:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:60", "18:00"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", "24:01"]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [[9, 18]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", null]]}', 'PT400 opening_hours_invalid'),
  ('{"mon": [["09:00", "18:00"]], "tue": [["x", "y"]]}', 'PT400 opening_hours_invalid')) v (hours, outcome);
select throws_ok($$ insert into public.places (name, source, latitude, longitude, opening_hours) values ('Square', 'community', 0, 0, '{"x": []}') $$,
  'PT400', 'opening_hours_invalid', 'a new place is checked, too');

-- rewards: what never changes, in Studio neither
select is(tests.error_of('update public.rewards set code_source = ''pool'' where id = (select id from r)'), 'PT400 reward_invalid (code_source_never_changes)', 'where codes come from never changes');
select is(tests.error_of('update public.rewards set partner_id = tests.partner(''library'') where id = (select id from r)'), 'PT400 reward_invalid (code_source_never_changes)', 'nor who gives them');
select lives_ok('update public.rewards set code_source = ''generated'', points_cost = 12 where id = (select id from r)', 'writing the same again is no change');
select throws_ok('delete from public.partners where id = tests.partner(''bakery'')', '23503', null, 'a partner with rewards is not deleted');

-- stocks
select is_empty('select * from public.reward_stocks where reward_id = (select id from r)', 'a reward without a stock is unlimited');
create temporary table pool as select tests.create_reward('bakery', '{"code_source": "pool"}') as id;
select results_eq('select total, taken from public.reward_stocks join pool on id = reward_id', 'values (0, 0)', 'a pool starts with an empty stock');
select is(pg_temp.refused_by('reward_stocks', change || ' where reward_id = (select id from pool)'), 'stock_is_never_negative', 'stock: ' || change)
from unnest(array['taken = 1', 'taken = -1', 'total = -1']) change;

-- what was changed says when
update public.partners set updated_at = now() - interval '1 day' where id = tests.partner('bakery');
update public.partners set description = 'Fresh bread.' where id = tests.partner('bakery');
select is((select updated_at from public.partners where id = tests.partner('bakery')), now(), 'partner: the moment of the last change is kept');
update public.places set updated_at = now() - interval '1 day' where partner_id = tests.partner('bakery');
update public.places set address = 'Mill Lane 1' where partner_id = tests.partner('bakery');
select is((select min(updated_at) from public.places where partner_id = tests.partner('bakery')), now(), 'place: too');
update public.rewards set updated_at = now() - interval '1 day' where id = (select id from r);
update public.rewards set points_cost = 13 where id = (select id from r);
select is((select updated_at from public.rewards where id = (select id from r)), now(), 'reward: too');

select * from finish();
rollback;
