-- An admin sends once more what was given up, after a partner's server was mended.
begin;
select plan(10);
select tests.use_default_settings();
-- whatever this database holds already goes first, so that the counts below are our own
delete from private.webhook_messages;
select tests.create_partner('bakery');
create temporary table e as
select name, (tests.as_service_role(format('select public.create_webhook_endpoint(%L, %L, ''{redemption.used}'', ''sealed'')',
  tests.create_api_key('bakery'), 'https://' || name || '.example')) ->> 'id')::uuid as id
from unnest('{on,off}'::text[]) name;
update private.webhook_endpoints w set is_enabled = false from e where e.id = w.id and e.name = 'off';
insert into private.webhook_messages (webhook_id, endpoint_id, partner_id, type, payload, status, attempts, created_at, next_attempt_at)
select m.what, e.id, tests.partner('bakery'), 'redemption.used', '{}', m.status, 9, now() - m.age, now() + interval '1 hour'
from (values ('given up', 'on', 'dead', interval '3 days 23 hours'), ('too old', 'on', 'dead', interval '4 days 1 hour'),
  ('of the disabled', 'off', 'dead', interval '1 day'), ('delivered', 'on', 'delivered', interval '1 day'),
  ('waiting', 'on', 'pending', interval '1 day')) m (what, endpoint, status, age)
join e on e.name = m.endpoint;
insert into private.webhook_attempts (message_id, attempt) select id, 9 from private.webhook_messages;

select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select throws_ok('select ops.retry_webhook_messages()', '42501', null, 'members may not');
select tests.reset_authentication();
select is(tests.as_service_role('select to_jsonb(ops.retry_webhook_messages())'), '1', 'one is sent once more');
select results_eq($$ select webhook_id, status, attempts, created_at, next_attempt_at from private.webhook_messages where status = 'pending' and next_attempt_at <= now() $$,
  $$ values ('given up', 'pending', 0, now(), now()) $$, 'at once, with the same id and three more days');
select is((select count(*)::int from private.webhook_attempts a join private.webhook_messages m on m.id = a.message_id where m.webhook_id = 'given up'), 0, 'its attempts are counted anew');
select is((select status from private.webhook_messages where webhook_id = 'too old'), 'dead', 'what is older stays given up');
select is((select status from private.webhook_messages where webhook_id = 'of the disabled'), 'dead', 'and what is for an endpoint that is off');
select results_eq($$ select webhook_id, attempts from private.webhook_messages where webhook_id in ('delivered', 'waiting') order by 1 $$,
  $$ values ('delivered', 9), ('waiting', 9) $$, 'what was delivered, or waits, is left alone');
select is((select count(*)::int from private.webhook_attempts), 4, 'with its attempts');
select is(jsonb_array_length(tests.as_service_role('select public.claim_webhook_messages()')), 1, 'the sender gets it');
select is(tests.as_service_role('select to_jsonb(ops.retry_webhook_messages())'), '0', 'once');

select * from finish();
rollback;
