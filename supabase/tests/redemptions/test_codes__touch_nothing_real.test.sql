-- Codes for trying: a sandbox key makes, uses and cancels them, and nothing real changes or is seen; a real key does not know them, and the reverse.
begin;
select plan(58);
select tests.use_default_settings();
select tests.create_supabase_users('anna');
select tests.create_partner('bakery'), tests.create_partner('library');
delete from private.webhook_messages;
create temporary table k as select tests.create_api_key('bakery') as live, tests.create_api_key('bakery', is_sandbox => true) as sandbox, tests.create_api_key('bakery', is_sandbox => true) as second,
  tests.create_api_key('library', is_sandbox => true) as other;
grant select on k to service_role;
create temporary table w as select tests.create_reward('bakery', '{"discount_type": "fixed_amount", "discount_value": 2.5, "discount_currency": "EUR", "is_active": false}', 1) as bread,
  tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('library') as book;
select tests.as_service_role(format('select public.create_webhook_endpoint(%L, ''https://bakery.example/live'', %L, ''sealed'')', live, private.webhook_event_types())),
  tests.as_service_role(format('select public.create_webhook_endpoint(%L, ''https://bakery.example/sandbox'', %L, ''sealed'')', sandbox, private.webhook_event_types())) from k;
create temporary table real as select tests.redeem('anna', tests.create_reward('bakery'), 'REAL-1') as id;

create function pg_temp.make(code text, reward uuid default null, minutes integer default 60, key text default null) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.create_test_code(%L, %L, %L, %L)', coalesce(key, k.sandbox), coalesce(reward, w.bread), tests.hash_of(code), minutes)) from k, w $$;
create function pg_temp.verify(code text, key text default null) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.verify_code(%L, %L)', coalesce(key, k.sandbox), tests.hash_of(code))) from k $$;
create function pg_temp.use(code text, reference text default 'T1', key text default null) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.use_code(%L, %L, %L)', coalesce(key, k.sandbox), tests.hash_of(code), reference)) from k $$;
create function pg_temp.cancel(id uuid, key text default null) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.cancel_redemption(%L, %L, ''Trying'')', coalesce(key, k.sandbox), id)) from k $$;
create function pg_temp.list(key text) returns jsonb language sql as $$ select tests.as_service_role(format('select public.list_partner_redemptions(%L)', key)) -> 'items' $$;
create function pg_temp.settlement(key text) returns jsonb language sql as $$ select tests.as_service_role(format('select public.read_settlement(%L, current_date)', key)) $$;
create function pg_temp.error(call text) returns text language sql as $$ select tests.error_of('select pg_temp.' || call) $$;

-- everything but what belongs to sandboxes; last uses and wrong codes of keys are no secret of theirs
create function pg_temp.fingerprint() returns jsonb language plpgsql as $$
declare
  v_table  record;
  v_print  text;
  v_result jsonb := '{}';
begin
  for v_table in
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind = 'r' and c.relname not in ('test_codes', 'jobs', 'audit_runs', 'webhook_messages', 'partner_api_keys')
  loop
    execute format('select md5(coalesce(string_agg(t::text, '';'' order by t::text), '''')) from %s t', v_table.name) into v_print;
    v_result := v_result || jsonb_build_object(v_table.name, v_print);
  end loop;
  return v_result;
end $$;
select ops.run_due_jobs(now());
create temporary table before as select pg_temp.fingerprint() as print;

-- made
create temporary table made as select pg_temp.make('NH-1') as redemption;
create temporary table i as select (redemption ->> 'id')::uuid as id from made;
select is(redemption, jsonb_build_object('id', i.id, 'reward_id', bread, 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_spent', 10, 'discount_type', 'fixed_amount', 'discount_value', 2.50,
  'discount_currency', 'EUR', 'status', 'active', 'end_reason', null, 'redeemed_at', now(), 'expires_at', now() + interval '1 hour', 'used_at', null, 'till_reference', null, 'ended_at', null,
  'is_test', true), 'a test code is made of a retired reward, as a redemption that is marked') from made, i, w;
select is(pg_temp.make('NH-2', pool) ->> 'status', 'active', 'also of one with a pool, which is empty') from w;
select is(pg_temp.error(call), error, call) from k, w, lateral (values
  (format('make(%L, %L)', 'x', gen_random_uuid()), 'PT404 reward_not_found'),
  (format('make(%L, %L)', 'x', book), 'PT404 reward_not_found'),
  (format('make(%L, key => %L)', 'x', other), 'PT404 reward_not_found'),
  (format('make(%L, key => %L)', 'x', live), 'PT403 sandbox_key_required'),
  ($$make('x', minutes => 0)$$, 'PT400 validation_failed (valid_minutes)'),
  ($$make('x', minutes => 1441)$$, 'PT400 validation_failed (valid_minutes)'),
  ($$make('x', minutes => null)$$, 'PT400 validation_failed (valid_minutes)')) v (call, error);

-- each kind of key knows its own codes
select is(pg_temp.verify('NH-1'), jsonb_build_object('outcome', 'valid', 'redemption', redemption), 'a sandbox key finds it') from made;
select is(pg_temp.verify('NH-1', second) ->> 'outcome', 'valid', 'another sandbox key of the partner, too') from k;
select is(pg_temp.verify('NH-1', other), '{"outcome": "not_found", "redemption": null}', 'one of another partner does not') from k;
select is(pg_temp.verify('NH-1', live), '{"outcome": "not_found", "redemption": null}', 'a real key does not') from k;
select is(pg_temp.use('NH-1', key => live) ->> 'outcome', 'not_found', 'nor does it use it') from k;
select is(pg_temp.error(format('cancel(%L, %L)', i.id, live)), 'PT404 redemption_not_found', 'nor cancel it') from i, k;
select is(pg_temp.verify('REAL-1') ->> 'outcome', 'not_found', 'a sandbox key does not find a member''s code');
select is(pg_temp.use('REAL-1') ->> 'outcome', 'not_found', 'nor use it');
select is(pg_temp.error(format('cancel(%L)', id)), 'PT404 redemption_not_found', 'nor give its points back') from real;
select is(pg_temp.error(format('cancel(%L, %L)', i.id, other)), 'PT404 redemption_not_found', 'and none of another partner cancels') from i, k;

-- used, once
select is(pg_temp.use('NH-1') #>> '{redemption,status}', 'used', 'used');
select is(pg_temp.use('NH-1') - 'redemption', '{"outcome": "used", "is_repeat": true}', 'the same till reference again');
select is(pg_temp.use('NH-1', 'T2') - 'redemption', '{"outcome": "already_used", "is_repeat": false}', 'another one');
select is(pg_temp.verify('NH-1') ->> 'outcome', 'used', 'it stays used');
select is(pg_temp.error(format('cancel(%L)', id)), 'PT409 redemption_not_cancellable (used)', 'and is not cancelled') from i;

-- cancelled
create temporary table c as select (pg_temp.make('NH-3') ->> 'id')::uuid as id;
select is(pg_temp.cancel(id) - '{id,reward_id,expires_at}'::text[] @> '{"status": "cancelled", "end_reason": "partner_cancelled", "is_test": true}', true, 'cancelled') from c;
select is(pg_temp.cancel(id), pg_temp.cancel(id), 'and again') from c;
select is(pg_temp.use('NH-3') ->> 'outcome', 'cancelled', 'it cannot be used');

-- expired
select pg_temp.make('NH-4', minutes => 1);
update private.test_codes set expires_at = now() where code_hash = tests.hash_of('NH-4')::bytea;
select is(pg_temp.use('NH-4') ->> 'outcome', 'expired', 'past its term, before the job comes');
select results_eq($$ select job, processed, failed from ops.run_due_jobs(now()) where job = 'end_test_codes' $$, $$ values ('end_test_codes', 1, 0) $$, 'the job ends it');
select is(pg_temp.verify('NH-4') #>> '{redemption,status}', 'expired', 'and it is');

-- seen by its side alone
select is(jsonb_array_length(pg_temp.list(sandbox)), 4, 'the sandbox lists its codes') from k;
select is((select jsonb_agg(x ->> 'id' order by n) from jsonb_array_elements(pg_temp.list(sandbox)) with ordinality v (x, n)),
  (select jsonb_agg(x ->> 'id' order by x ->> 'id' desc) from jsonb_array_elements(pg_temp.list(sandbox)) x), 'newest first') from k;
select is(jsonb_path_query_array(pg_temp.list(live), '$[*].id'), jsonb_build_array(real.id), 'a real key its redemptions') from k, real;
select is(jsonb_path_query_array(pg_temp.list(live), '$[*].is_test'), '[false]', 'which are no tests') from k;
select is(pg_temp.list(other), '[]', 'another partner''s sandbox nothing') from k;
select is(pg_temp.settlement(sandbox) #> '{totals}', '{"redemptions": 1, "points_spent": 10, "fixed_amounts": [{"currency": "EUR", "amount": 2.50}]}', 'the sandbox settles what it used') from k;
select is(pg_temp.settlement(sandbox) -> 'is_test', 'true', 'as a test') from k;
select is(pg_temp.settlement(live) #> '{totals,redemptions}', '0', 'a real key settles none of it') from k;
select is(pg_temp.settlement(live) -> 'is_test', 'false', 'and says so') from k;

-- events: for the endpoint that a sandbox key made
select results_eq($$ select m.payload #>> '{type}', m.payload #> '{data,is_test}' from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
    where e.url = 'https://bakery.example/sandbox' order by m.id $$,
  $$ values ('redemption.created', 'true'::jsonb), ('redemption.created', 'true'), ('redemption.used', 'true'), ('redemption.created', 'true'), ('redemption.cancelled', 'true'),
    ('redemption.created', 'true'), ('redemption.expired', 'true') $$, 'the sandbox endpoint is told of the tests');
select results_eq($$ select m.payload #>> '{type}', m.payload #> '{data,is_test}' from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
    where e.url = 'https://bakery.example/live' order by m.id $$, $$ values ('redemption.created', 'false'::jsonb) $$, 'the other one of the real redemption alone');
create function pg_temp.urls(key text) returns jsonb language sql as $$ select jsonb_path_query_array(tests.as_service_role(format('select public.list_webhook_endpoints(%L)', key)), '$[*].url') $$;
create function pg_temp.messages(key text) returns jsonb language sql as $$ select tests.as_service_role(format('select public.list_webhook_messages(%L)', key)) -> 'items' $$;
select is(pg_temp.urls(live), '["https://bakery.example/live"]', 'each side lists its endpoints') from k;
select is(pg_temp.urls(second), '["https://bakery.example/sandbox"]', 'those of all its sandbox keys') from k;
select is(jsonb_array_length(pg_temp.messages(sandbox)), 7, 'and its messages') from k;
select is(jsonb_array_length(pg_temp.messages(live)), 1, 'the other side, too') from k;
select is(tests.error_of(format('select public.%s', call)), error, call) from k, (select id from private.webhook_endpoints where url like '%live') e, (select min(id) as id from private.webhook_messages where not is_test) m,
  lateral (values
    (format('test_webhook_endpoint(%L, %L)', sandbox, e.id), 'PT404 webhook_endpoint_not_found'),
    (format('rotate_webhook_secret(%L, %L, ''x'')', sandbox, e.id), 'PT404 webhook_endpoint_not_found'),
    (format('delete_webhook_endpoint(%L, %L)', sandbox, e.id), 'PT404 webhook_endpoint_not_found'),
    (format('replay_webhook_message(%L, %s)', sandbox, m.id), 'PT404 webhook_message_not_found')) v (call, error);

-- nothing real has changed
select is((select jsonb_object_agg(n.key, n.value) from jsonb_each(pg_temp.fingerprint()) n, before b where n.value <> b.print -> n.key), null, 'no row of any other table has changed') from before;
select is_empty('select * from ops.audit_books()', 'the books balance');

-- guesses: on their own
update private.settings set wrong_code_limit = 2;
update private.partner_api_keys set wrong_codes = 0;
select pg_temp.verify('WRONG') from generate_series(1, 2);
select is(pg_temp.error($$verify('NH-2')$$), 'PT429 too_many_wrong_codes (600)', 'a sandbox key that guesses waits');
update private.partner_api_keys set wrong_codes = 20 where is_sandbox;
select is(pg_temp.verify('REAL-1', live) ->> 'outcome', 'valid', 'and stops no till') from k;
update private.partner_api_keys set wrong_codes = case when is_sandbox then 0 else 20 end;
select is(pg_temp.verify('NH-2') ->> 'outcome', 'valid', 'nor do tills stop it');

-- at most a hundred in a day; forgotten after a week
insert into private.test_codes (id, reward_id, code_hash, expires_at) select gen_random_uuid(), bread, tests.hash_of('more ' || n)::bytea, now() + interval '1 hour' from w, generate_series(1, 95) n;
select lives_ok($$ select pg_temp.make('100') $$, 'a hundredth');
select is(pg_temp.error($$make('101')$$), 'PT409 test_code_limit', 'but no more');
update private.test_codes set redeemed_at = now() - interval '1 day';
select lives_ok($$ select pg_temp.make('101') $$, 'until a day has passed');
update private.test_codes set expires_at = now() - interval '7 days' where code_hash <> tests.hash_of('101')::bytea;
select ops.run_due_jobs(now() + interval '1 second');
select is((select count(*)::int from private.test_codes), 1, 'a week after their end they are forgotten');

select * from finish();
rollback;
