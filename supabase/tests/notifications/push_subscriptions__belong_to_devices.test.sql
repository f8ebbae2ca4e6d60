-- save_push_subscription, delete_push_subscription: the devices of a member.
begin;
select plan(27);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.save(device text, p256dh text default 'B' || repeat('x', 86), auth text default repeat('y', 22)) returns text language plpgsql as $$
begin
  perform public.save_push_subscription('https://push.example/' || device, p256dh, auth);
  return 'saved';
end $$;
create function pg_temp.devices(member text) returns text language sql as $$
  select coalesce(string_agg(replace(s.endpoint, 'https://push.example/', ''), ' ' order by s.created_at, s.id), '') from private.push_subscriptions s where s.user_id = tests.get_supabase_uid(member)
$$;
grant execute on all functions in schema pg_temp to public;

select tests.authenticate_as('anna');
select is(pg_temp.save('phone'), 'saved', 'a phone');
select is(pg_temp.save('laptop', 'B' || repeat('-_', 43) || '=', repeat('z', 22) || '=='), 'saved', 'a laptop, padded');
select tests.reset_authentication();
select is(pg_temp.devices('anna'), 'phone laptop', 'both are kept');
select tests.authenticate_as('anna');
select is(pg_temp.save('phone', 'B' || repeat('n', 86)), 'saved', 'renewed');
select tests.reset_authentication();
select is((select string_agg(left(p256dh, 2), ' ' order by endpoint) from private.push_subscriptions where user_id = tests.get_supabase_uid('anna')), 'B- Bn', 'with its new key');
select tests.authenticate_as('ben');
select is(pg_temp.save('phone'), 'saved', 'somebody else signs in on the phone');
select tests.reset_authentication();
select is(pg_temp.devices('anna') || ', ' || pg_temp.devices('ben'), 'laptop, phone', 'which is theirs now');
select tests.authenticate_as('anna');
select lives_ok($$ select public.delete_push_subscription('https://push.example/phone') $$, 'somebody else''s device');
select tests.reset_authentication();
select is(pg_temp.devices('ben'), 'phone', 'is not anna''s to delete');
select tests.authenticate_as('ben');
select lives_ok($$ select public.delete_push_subscription('https://push.example/phone'), public.delete_push_subscription('https://push.example/phone'), public.delete_push_subscription(null) $$, 'its owner deletes it; again and nothing are no errors');
select tests.reset_authentication();
select is(pg_temp.devices('ben'), '', 'it is gone');

-- at most 10, the oldest goes
update private.push_subscriptions set created_at = now() - interval '1 hour';
select tests.authenticate_as('anna');
select pg_temp.save('d' || i) from generate_series(1, 10) i;
select tests.reset_authentication();
select is((select count(*)::int from private.push_subscriptions where user_id = tests.get_supabase_uid('anna')), 10, 'ten devices');
select is(strpos(pg_temp.devices('anna'), 'laptop'), 0, 'the oldest was dropped');

-- what is none
select tests.authenticate_as('anna');
select throws_ok(format('select public.save_push_subscription(%L, %L, %L)', e, k, a), 'PT400', 'push_subscription_invalid', why)
from (values
  ('http://push.example/x', 'B' || repeat('x', 86), repeat('y', 22), 'not encrypted'),
  ('https://user@push.example/x', 'B' || repeat('x', 86), repeat('y', 22), 'a name in the address'),
  ('https://push.example', 'B' || repeat('x', 86), repeat('y', 22), 'no path'),
  ('https://push.example/a b', 'B' || repeat('x', 86), repeat('y', 22), 'a space'),
  ('https://push.example/' || repeat('x', 1000), 'B' || repeat('x', 86), repeat('y', 22), 'too long'),
  ('file:///etc/passwd', 'B' || repeat('x', 86), repeat('y', 22), 'no address of the web'),
  (null, 'B' || repeat('x', 86), repeat('y', 22), 'none'),
  ('https://push.example/x', repeat('x', 87), repeat('y', 22), 'a key of another kind'),
  ('https://push.example/x', 'B', repeat('y', 22), 'a short key'),
  ('https://push.example/x', 'B' || repeat('x', 86), repeat('+', 22), 'a secret in another alphabet')) x (e, k, a, why);
select throws_ok('select * from private.push_subscriptions', '42501', null, 'nobody reads them');
select tests.authenticate_as_service_role();
select throws_ok('select * from private.push_subscriptions', '42501', null, 'the secret key gets them with a delivery only');
select tests.clear_authentication();
select throws_ok($$ select public.save_push_subscription('https://push.example/x', 'B', 'y') $$, '42501', 'permission denied for function save_push_subscription', 'not signed in: no device');
select throws_ok($$ select public.delete_push_subscription('https://push.example/x') $$, '42501', 'permission denied for function delete_push_subscription', 'nor deleting');

select * from finish();
rollback;
