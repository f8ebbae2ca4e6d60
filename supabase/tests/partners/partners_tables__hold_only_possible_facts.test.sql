-- Studio is a door, too: what is impossible is refused by the tables themselves.
begin;
select plan(91);
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table r as select tests.create_reward('bakery', '{"limit_per_member": 5}') as id;

create temporary table place as select gen_random_uuid() as id;
create function pg_temp.refused_by(relation text, change text)
returns text
language plpgsql
as $$
declare
  v_name text;
begin
  execute format('update public.%I set %s where %s', relation, change, case relation when 'partners' then 'id = tests.partner(''bakery'')'
    when 'places' then 'id = (select id from place)' when 'rewards' then 'id = (select id from r)' else 'reward_id = (select id from pool)' end);
  return 'nothing';
exception when check_violation then
  get stacked diagnostics v_name = constraint_name;
  return v_name;
end $$;

-- partners
select is(pg_temp.refused_by('partners', change), name, 'partner: ' || left(change, 60))
from (values
  ('name = '' ''', 'partner_name_is_visible'),
  ('name = repeat(''x'', 256)', 'partner_name_has_1_to_255_characters'),
  ('description = repeat(''x'', 2001)', 'partner_description_has_at_most_2000_characters'),
  ('website_url = ''http://bakery.example''', 'website_url_is_https'),
  ('website_url = ''javascript:alert(1)''', 'website_url_is_https'),
  ('website_url = ''https://bakery.example/a b''', 'website_url_is_https'),
  ('website_url = ''https://'' || repeat(''x'', 500)', 'website_url_is_https'),
  ('logo_url = ''http://bakery.example/logo.svg''', 'logo_url_is_https'),
  ('logo_url = ''''', 'logo_url_is_https'),
  ('description = repeat(''x'', 2000), website_url = ''https://bakery.example/?a=b'', logo_url = null', 'nothing')) v (change, name);

-- places
insert into public.places (id, partner_id, name, latitude, longitude) select id, tests.partner('bakery'), 'Bakery', -48.8767, -123.3933 from place;
select is(pg_temp.refused_by('places', change), name, 'place: ' || left(change, 60))
from (values
  ('name = '' ''', 'place_name_is_visible'),
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
select is((select extensions.st_y(location::extensions.geometry) from public.places join place using (id)), 90::double precision, 'the position follows latitude and longitude');
insert into public.places (name, source, source_id, latitude, longitude) values ('Square', 'import', 'node/1', -48.8767, -123.3933);
select throws_like($$ insert into public.places (name, source, source_id, latitude, longitude) values ('Square', 'import', 'node/1', -48.8767, -123.3933) $$,
  '%"place_is_imported_once"%', 'what was imported is not imported twice');
select lives_ok($$ insert into public.places (partner_id, name, source_id, latitude, longitude) values (tests.partner('bakery'), 'Square', 'node/1', -48.8767, -123.3933) $$,
  'the same id from another source is something else');

-- opening hours
select is(tests.error_of(format('update public.places set opening_hours = %L where id = (select id from place)', hours)), outcome, 'opening hours: ' || coalesce(hours, 'null'))
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
  ('{"fri": [["18:00", "02:00"]], "sat": [["02:00", "04:00"]]}', 'no error'),
  ('{"sun": [["22:00", "06:00"]], "mon": [["06:00", "09:00"]]}', 'no error'),
  ('{"mon": [["00:00", "24:00"]], "tue": [["00:00", "24:00"]]}', 'no error'),
  ('{"mon": [["14:00", "18:00"], ["09:00", "12:00"]]}', 'no error'),
  ('{"mon": [["09:00", "14:00"], ["12:00", "18:00"]]}', 'PT400 opening_hours_overlap'),
  ('{"mon": [["09:00", "12:00"], ["09:00", "12:00"]]}', 'PT400 opening_hours_overlap'),
  ('{"fri": [["18:00", "02:00"]], "sat": [["01:59", "04:00"]]}', 'PT400 opening_hours_overlap'),
  ('{"sun": [["22:00", "06:00"]], "mon": [["05:00", "09:00"]]}', 'PT400 opening_hours_overlap'),
  ('{"mon": [["18:00", "17:00"]], "tue": [["16:00", "18:00"]]}', 'PT400 opening_hours_overlap'),
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

-- rewards: the partner API cleans its input before, Studio does not
select is(pg_temp.refused_by('rewards', change), name, 'reward: ' || left(change, 60))
from (values
  ('title_de = ''x''', 'reward_titles_have_2_to_255_characters'),
  ('title_en = repeat(''x'', 256)', 'reward_titles_have_2_to_255_characters'),
  ('description_de = repeat(''x'', 2001)', 'reward_descriptions_have_at_most_2000_characters'),
  ('description_en = repeat(''x'', 2001)', 'reward_descriptions_have_at_most_2000_characters'),
  ('terms_de = repeat(''x'', 5001)', 'reward_terms_have_at_most_5000_characters'),
  ('terms_en = repeat(''x'', 5001)', 'reward_terms_have_at_most_5000_characters'),
  ('title_de = repeat(''x'', 255), description_de = repeat(''x'', 2000), terms_en = repeat(''x'', 5000)', 'nothing')) v (change, name);

-- what never changes, in Studio neither
select is(tests.error_of('update public.rewards set code_source = ''pool'' where id = (select id from r)'), 'PT400 reward_invalid (code_source_never_changes)', 'where codes come from never changes');
select is(tests.error_of('update public.rewards set partner_id = tests.partner(''library'') where id = (select id from r)'), 'PT400 reward_invalid (code_source_never_changes)', 'nor who gives them');
select lives_ok('update public.rewards set code_source = ''generated'', points_cost = 12 where id = (select id from r)', 'writing the same again is no change');
select throws_ok('delete from public.partners where id = tests.partner(''bakery'')', '23503', null, 'a partner with rewards is not deleted');

-- a reward is deleted only when nobody can have redeemed it
create function pg_temp.delete_reward(reward uuid) returns text language sql as $$ select tests.error_of(format('delete from public.rewards where id = %L', reward)) $$;
select is(pg_temp.delete_reward(id), 'PT409 reward_in_use', 'an active reward is not deleted') from r;
update public.rewards set is_active = false from r where rewards.id = r.id;
select is(pg_temp.delete_reward(id), 'PT409 reward_in_use', 'nor one that was retired just now') from r;
update public.rewards set updated_at = now() - interval '1 hour' from r where rewards.id = r.id;
select is(pg_temp.delete_reward(id), 'no error', 'an hour later it is') from r;
create temporary table redeemed as select tests.create_reward('bakery', stock_total => 5) as id;
select tests.create_supabase_user('anna'), tests.redeem('anna', id) from redeemed;
update public.rewards set is_active = false, updated_at = now() - interval '1 year' from redeemed where rewards.id = redeemed.id;
select is(pg_temp.delete_reward(id), 'PT409 reward_in_use', 'one that was redeemed never is') from redeemed;
update r set id = tests.create_reward('bakery');

-- stocks
select is_empty('select * from public.reward_stocks where reward_id = (select id from r)', 'a reward without a stock is unlimited');
create temporary table pool as select tests.create_reward('bakery', '{"code_source": "pool"}') as id;
select results_eq('select total, taken from public.reward_stocks join pool on id = reward_id', 'values (0, 0)', 'a pool starts with an empty stock');
select is(pg_temp.refused_by('reward_stocks', change), 'stock_is_never_negative', 'stock: ' || change)
from unnest(array['taken = 1', 'taken = -1', 'total = -1']) change;

-- the private tables
select tests.fill_pool(id, 'POOL-1') from pool;
select public.create_webhook_endpoint(tests.create_api_key('bakery'), 'https://bakery.example/hooks', '{redemption.used}', 'sealed');
select throws_like(command, '%"' || name || '"%', name)
from (values
  ('insert into private.partner_contacts (partner_id, contact_email) values (tests.partner(''bakery''), repeat(''x'', 256))', 'contact_email_has_at_most_255_characters'),
  ('insert into private.partner_contacts (partner_id, contact_phone) values (tests.partner(''bakery''), repeat(''x'', 51))', 'contact_phone_has_at_most_50_characters'),
  ('insert into private.partner_events (partner_id, event_id, type, outcome, occurred_at) values (tests.partner(''bakery''), '''', ''code.used'', ''applied'', now())', 'event_id_has_1_to_255_characters'),
  ('insert into private.partner_events (partner_id, event_id, type, outcome, occurred_at) values (tests.partner(''bakery''), repeat(''x'', 256), ''code.used'', ''applied'', now())', 'event_id_has_1_to_255_characters'),
  ('update private.reward_codes set redemption_id = (select min(redemption_id::text)::uuid from private.reward_codes) where reward_id = (select id from pool)', 'redemption_has_one_code'),
  ('insert into private.partner_api_keys (partner_id, name, key_hash, scopes) select partner_id, name, key_hash, scopes from private.partner_api_keys', 'partner_api_keys_key_hash_key')) v (command, name);
select private.emit_webhook(tests.partner('bakery'), 'redemption.used', '{}');
select throws_like('update private.webhook_messages set status = ''lost''', '%"webhook_message_status_is_known"%', 'webhook_message_status_is_known');

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
