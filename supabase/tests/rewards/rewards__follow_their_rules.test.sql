-- create_reward, change_reward, retire_reward: what a partner may write, and which rule a wrong one breaks.
begin;
select plan(97);
select tests.use_default_settings();
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
create function pg_temp.create_reward(fields jsonb)
returns jsonb
language sql
as $$
  select tests.as_service_role(format('select public.create_reward(%L, %L)', hash,
    '{"title_de": "Ein Brot", "title_en": "A loaf", "points_cost": 10, "discount_type": "free_item"}'::jsonb || fields)) from k
$$;
create function pg_temp.change_reward(reward uuid, changes jsonb)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.change_reward(%L, %L, %L)', hash, reward, changes)) from k $$;
create function pg_temp.create_error(fields jsonb) returns text language sql as $$ select tests.error_of(format('select pg_temp.create_reward(%L)', fields)) $$;
create function pg_temp.change_error(reward uuid, changes jsonb) returns text language sql as $$ select tests.error_of(format('select pg_temp.change_reward(%L, %L)', reward, changes)) $$;
create function pg_temp.stored(reward uuid) returns jsonb language sql as $$ select to_jsonb(r) from public.rewards r where r.id = reward $$;

-- created: with the least, with everything
create temporary table r as select (pg_temp.create_reward('{}') ->> 'id')::uuid as id;
select is(pg_temp.stored(id), jsonb_build_object('id', id, 'partner_id', tests.partner('bakery'), 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'description_de', null, 'description_en', null,
  'points_cost', 10, 'discount_type', 'free_item', 'discount_value', null, 'discount_currency', null, 'terms_de', null, 'terms_en', null, 'valid_from', now(), 'valid_until', null,
  'limit_per_member', null, 'limit_period', null, 'code_source', 'generated', 'code_valid_days', 90, 'return_days', 0, 'expiry_refund_percent', 0, 'is_limited', false, 'is_active', true,
  'created_at', now(), 'updated_at', now()), 'a reward is stored, with sensible defaults') from r;
select is(pg_temp.change_reward(id, '{}'), pg_temp.stored(id) || '{"stock_total": null, "stock_taken": null}', 'the answer is the row and its stock: unlimited') from r;
select results_eq('select action, details ->> ''api_key_id'' from private.audit_log l join r on l.subject_id = r.id order by l.id limit 1',
  $$ select 'reward_created', id::text from private.partner_api_keys where partner_id = tests.partner('bakery') $$, 'the audit log knows who');
create temporary table full_reward as select pg_temp.create_reward(jsonb_build_object('title_de', '  Fünf Euro  ', 'title_en', 'Five euros', 'description_de', ' Auf alles. ', 'description_en', '', 'points_cost', 1000000,
  'discount_type', 'fixed_amount', 'discount_value', 5.5, 'discount_currency', 'EUR', 'terms_de', E'Einmal.\nNicht bar.', 'terms_en', 'Once.', 'valid_from', now() + interval '1 day', 'valid_until', now() + interval '2 days',
  'limit_per_member', 2, 'limit_period', 'week', 'code_source', 'partner_api', 'code_valid_days', 730, 'return_days', 365, 'expiry_refund_percent', 100, 'is_active', false, 'stock_total', 3)) as answer;
select is(answer - 'id', jsonb_build_object('partner_id', tests.partner('bakery'), 'title_de', 'Fünf Euro', 'title_en', 'Five euros', 'description_de', 'Auf alles.', 'description_en', null, 'points_cost', 1000000,
  'discount_type', 'fixed_amount', 'discount_value', 5.50, 'discount_currency', 'EUR', 'terms_de', E'Einmal.\nNicht bar.', 'terms_en', 'Once.', 'valid_from', now() + interval '1 day', 'valid_until', now() + interval '2 days',
  'limit_per_member', 2, 'limit_period', 'week', 'code_source', 'partner_api', 'code_valid_days', 730, 'return_days', 365, 'expiry_refund_percent', 100, 'is_active', false, 'created_at', now(), 'updated_at', now(),
  'is_limited', true, 'stock_total', 3, 'stock_taken', 0), 'every field can be given; texts are trimmed, blank ones are absent') from full_reward;

-- each rule has a name, and is the same at creation and at a change
create temporary table wrong (fields jsonb, error text);
insert into wrong values
  ('{"points_cost": 0}', 'PT400 reward_invalid (points_cost_is_possible)'),
  ('{"points_cost": -5}', 'PT400 reward_invalid (points_cost_is_possible)'),
  ('{"points_cost": 1000001}', 'PT400 reward_invalid (points_cost_is_possible)'),
  ('{"discount_type": "gift"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "percentage"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "percentage", "discount_value": 0}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "percentage", "discount_value": 100.01}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "percentage", "discount_value": 10, "discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "fixed_amount", "discount_value": 5}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "fixed_amount", "discount_value": -5, "discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "fixed_amount", "discount_value": 5, "discount_currency": "eur"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_type": "fixed_amount", "discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_value": 5}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"valid_from": "2030-01-02T00:00:00Z", "valid_until": "2030-01-02T00:00:00Z"}', 'PT400 reward_invalid (reward_ends_after_it_starts)'),
  ('{"discount_type": "fixed_amount", "discount_value": "NaN", "discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"valid_from": "-infinity"}', 'PT400 reward_invalid (reward_term_is_finite)'),
  ('{"valid_from": "infinity"}', 'PT400 reward_invalid (reward_term_is_finite)'),
  ('{"valid_until": "infinity"}', 'PT400 reward_invalid (reward_term_is_finite)'),
  ('{"limit_per_member": 0}', 'PT400 reward_invalid (limit_per_member_is_between_1_and_1000)'),
  ('{"limit_per_member": 1001}', 'PT400 reward_invalid (limit_per_member_is_between_1_and_1000)'),
  ('{"limit_per_member": 1, "limit_period": "ever"}', 'PT400 reward_invalid (limit_period_is_known)'),
  ('{"limit_period": "week"}', 'PT400 reward_invalid (limit_period_needs_a_limit)'),
  ('{"code_valid_days": 0}', 'PT400 reward_invalid (code_valid_days_is_between_1_and_730)'),
  ('{"code_valid_days": 731}', 'PT400 reward_invalid (code_valid_days_is_between_1_and_730)'),
  ('{"return_days": -1}', 'PT400 reward_invalid (return_days_is_between_0_and_365)'),
  ('{"return_days": 366}', 'PT400 reward_invalid (return_days_is_between_0_and_365)'),
  ('{"expiry_refund_percent": -1}', 'PT400 reward_invalid (expiry_refund_percent_is_between_0_and_100)'),
  ('{"expiry_refund_percent": 101}', 'PT400 reward_invalid (expiry_refund_percent_is_between_0_and_100)'),
  ('{"discount_type": "fixed_amount", "discount_value": 0.001, "discount_currency": "EUR"}', 'PT400 reward_invalid (discount_is_complete)'),
  ('{"code_source": "magic"}', 'PT400 reward_invalid (code_source_is_known)'),
  ('{"points_cost": null}', 'PT400 reward_invalid (points_cost)'),
  ('{"discount_type": null}', 'PT400 reward_invalid (discount_type)'),
  ('{"valid_from": null}', 'PT400 reward_invalid (valid_from)'),
  ('{"is_active": null}', 'PT400 reward_invalid (is_active)'),
  ('{"code_source": null}', 'PT400 reward_invalid (code_source)'),
  ('{"return_days": null}', 'PT400 reward_invalid (return_days)'),
  ('{"title_de": null}', 'PT400 text_blank (title_de)'),
  ('{"title_en": " "}', 'PT400 text_blank (title_en)'),
  ('{"title_de": "x"}', 'PT400 text_too_short (title_de)'),
  ('{"title_en": "A\nloaf"}', 'PT400 text_has_control_characters (title_en)'),
  ('{"description_de": "a\u202eb"}', 'PT400 text_has_control_characters (description_de)'),
  ('{"prize": 1}', 'PT400 reward_invalid (prize)'),
  ('{"id": "00000000-0000-4000-8000-000000000000"}', 'PT400 reward_invalid (id)'),
  ('{"partner_id": "00000000-0000-4000-8000-000000000000"}', 'PT400 reward_invalid (partner_id)'),
  ('{"created_at": "2030-01-01"}', 'PT400 reward_invalid (created_at)'),
  ('{"stock_taken": 1}', 'PT400 reward_invalid (stock_taken)'),
  ('{"pointsCost": 5}', 'PT400 reward_invalid (pointsCost)');
select is(pg_temp.create_error(fields), error, 'create: ' || fields::text) from wrong;
select is_empty('select fields, pg_temp.change_error(r.id, fields) from wrong, r where pg_temp.change_error(r.id, fields) <> error', 'change: each of them is refused alike');
select is(pg_temp.create_error(jsonb_build_object(field, repeat('x', size + 1))), 'PT400 text_too_long (' || field || ')', 'create: an overlong ' || field)
from (values ('title_de', 255), ('title_en', 255), ('description_de', 2000), ('description_en', 2000), ('terms_de', 5000), ('terms_en', 5000)) v (field, size);
select is(pg_temp.create_error(jsonb_build_object(field, repeat('x', size))), 'no error', 'create: ' || field || ' at its limit')
from (values ('title_de', 255), ('description_en', 2000), ('terms_de', 5000)) v (field, size);

-- wrong types
select matches(pg_temp.create_error(fields), '^PT400 reward_invalid \(.+\)$', 'wrong type: ' || fields::text)
from unnest(array['{"points_cost": "many"}', '{"points_cost": 1.5}', '{"points_cost": {}}', '{"points_cost": []}', '{"points_cost": 3000000000}', '{"points_cost": true}',
  '{"discount_type": "fixed_amount", "discount_value": 1e12, "discount_currency": "EUR"}', '{"valid_from": "tomorrow at nine"}', '{"valid_from": "2030-02-30"}',
  '{"is_active": "perhaps"}', '{"limit_per_member": "x"}']::jsonb[]) fields;
select is(tests.error_of(format('select public.create_reward(%L, %L)', hash, reward)), 'PT400 reward_invalid (not_an_object)', 'no object: ' || coalesce(reward, 'nothing'))
from k, unnest(array['null', '5', '"x"', '[]', '[1]', null]) reward;

-- changed
select is(pg_temp.change_reward(id, '{"points_cost": 20, "description_de": "Frisch."}'), pg_temp.stored(id) || '{"stock_total": null, "stock_taken": null, "points_cost": 20, "description_de": "Frisch."}',
  'changed: the given fields are replaced, the others stay') from r;
select is(pg_temp.change_reward(id, '{"description_de": null}') -> 'description_de', 'null', 'changed: null takes an optional field away') from r;
select is(pg_temp.change_reward(id, '{"discount_type": "percentage", "discount_value": 10}') ->> 'discount_value', '10.00', 'changed: fields that belong together, together') from r;
select is(pg_temp.change_error(id, '{"discount_type": "free_item"}'), 'PT400 reward_invalid (discount_is_complete)', 'changed: alone they break the rule') from r;
select is(pg_temp.change_error(id, '{"code_source": "pool"}'), 'PT400 reward_invalid (code_source_never_changes)', 'changed: where codes come from never changes') from r;
select is(pg_temp.change_error(id, '{"code_source": "generated"}'), 'no error', 'changed: naming the same again is no change') from r;
select is(pg_temp.change_error(gen_random_uuid(), '{"points_cost": 20}'), 'PT404 reward_not_found', 'changed: an unknown reward');
select is(pg_temp.change_error(null, '{"points_cost": 20}'), 'PT404 reward_not_found', 'changed: no reward');
create temporary table before as select pg_temp.stored(id) as row from r;
select pg_temp.change_error(id, '{"points_cost": 30, "title_de": "x"}') from r;
select is(pg_temp.stored(id), before.row, 'changed: a refused change changes nothing') from r, before;

-- retired
update public.rewards set updated_at = now() - interval '1 day' where id = (select id from r);
select is((tests.as_service_role(format('select public.retire_reward(%L, %L)', hash, id))) -> 'is_active', 'false', 'retired') from k, r;
select is(pg_temp.stored(id) - 'updated_at', (before.row || '{"is_active": false}') - 'updated_at', 'retired: nothing else changes') from r, before;
update public.rewards set updated_at = now() - interval '1 day' where id = (select id from r);
create temporary table retired as select pg_temp.stored(id) as row from r;
select is((tests.as_service_role(format('select public.retire_reward(%L, %L)', hash, id))) -> 'is_active', 'false', 'retired again: the same answer') from k, r;
select is(pg_temp.stored(id), retired.row, 'retired again: nothing changes') from r, retired;
select is(pg_temp.change_reward(id, '{"is_active": true}') -> 'is_active', 'true', 'and offered again') from r;
select is(tests.error_of(format('select public.retire_reward(%L, gen_random_uuid())', hash)), 'PT404 reward_not_found', 'retired: an unknown reward') from k;

-- listed
create temporary table pages as
with recursive page (number, answer) as (
  select 1, tests.as_service_role(format('select public.list_partner_rewards(%L, 2)', hash)) from k
  union all
  select number + 1, tests.as_service_role(format('select public.list_partner_rewards(%L, 2, %L)', hash, answer ->> 'next')) from page, k where answer ->> 'next' is not null and number < 20)
select * from page;
select results_eq('select (i ->> ''id'')::uuid from pages, jsonb_array_elements(answer -> ''items'') with ordinality e (i, n) order by number, n',
  $$ select id from public.rewards where partner_id = tests.partner('bakery') order by id $$, 'listed: page by page, each once, retired ones too');
select is((select max(jsonb_array_length(answer -> 'items')) from pages), 2, 'listed: in pages of the asked size');
select is((select answer ->> 'next' from pages order by number desc limit 1), null, 'listed: the last page says so');

select * from finish();
rollback;
