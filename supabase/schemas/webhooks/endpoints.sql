create function private.endpoint_json(endpoint private.webhook_endpoints)
returns jsonb
language sql immutable set search_path = ''
as $$ select to_jsonb(endpoint) - '{partner_id,secret,older_secrets,paused_until}'::text[] $$;
comment on function private.endpoint_json(private.webhook_endpoints) is
  'A webhook endpoint as its partner sees it, without secrets.';

create function public.create_webhook_endpoint(api_key_hash text, url text, event_types text[], secret_ciphertext text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key      private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_endpoint private.webhook_endpoints;
begin
  if coalesce(pg_catalog.cardinality(event_types), 0) = 0 or not event_types <@ private.webhook_event_types() then
    raise exception using errcode = 'PT400', message = 'event_type_invalid',
      hint = 'Choose from: ' || pg_catalog.array_to_string(private.webhook_event_types(), ', ');
  end if;
  perform private.require_argument(secret_ciphertext is not null, 'secret_ciphertext');
  perform from public.partners p where p.id = v_key.partner_id for no key update;  -- the limit is counted one by one
  if (select count(*) from private.webhook_endpoints e
      where e.partner_id = v_key.partner_id and e.is_sandbox = v_key.is_sandbox) >= 10 then
    raise exception using errcode = 'PT409', message = 'webhook_endpoint_limit', hint = 'Delete an endpoint first.';
  end if;
  insert into private.webhook_endpoints (partner_id, is_sandbox, url, event_types, secret)
  values (v_key.partner_id, v_key.is_sandbox, create_webhook_endpoint.url,
    array(select distinct t from pg_catalog.unnest(create_webhook_endpoint.event_types) t order by t),
    create_webhook_endpoint.secret_ciphertext)
  returning * into v_endpoint;
  return private.endpoint_json(v_endpoint);
exception when check_violation or not_null_violation then
  raise exception using errcode = 'PT400', message = 'webhook_url_invalid',
    hint = 'The address must be an http(s) URL of at most 2000 characters.';
end $$;
comment on function public.create_webhook_endpoint(text, text, text[], text) is
  'Adds a webhook endpoint, at most 10 per partner, and 10 of its sandbox keys. Scope: webhooks:write. Errors: '
  'api_key_invalid, scope_missing, partner_inactive, webhook_url_invalid, event_type_invalid, webhook_endpoint_limit, '
  'validation_failed.';
grant execute on function public.create_webhook_endpoint(text, text, text[], text) to service_role;

create function public.list_webhook_endpoints(api_key_hash text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:read');
begin
  return coalesce((
    select pg_catalog.jsonb_agg(private.endpoint_json(e.*::private.webhook_endpoints) order by e.created_at, e.id)
    from private.webhook_endpoints e
    where e.partner_id = v_key.partner_id and e.is_sandbox = v_key.is_sandbox), '[]');
end $$;
comment on function public.list_webhook_endpoints(text) is
  'The partner''s webhook endpoints without their secrets, or those of its sandbox keys. Scope: webhooks:read. '
  'Errors: api_key_invalid, scope_missing, partner_inactive.';
grant execute on function public.list_webhook_endpoints(text) to service_role;

create function public.rotate_webhook_secret(api_key_hash text, endpoint_id uuid, secret_ciphertext text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key      private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_endpoint private.webhook_endpoints;
begin
  perform private.require_argument(secret_ciphertext is not null, 'secret_ciphertext');
  update private.webhook_endpoints e
  set secret = rotate_webhook_secret.secret_ciphertext, secret_rotated_at = now(),
    older_secrets = private.secrets_after_rotation(e.secret, e.older_secrets)
  where e.id = rotate_webhook_secret.endpoint_id and e.partner_id = v_key.partner_id
    and e.is_sandbox = v_key.is_sandbox
  returning e.* into v_endpoint;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found',
      hint = 'There is no such endpoint.';
  end if;
  return private.endpoint_json(v_endpoint);
end $$;
comment on function public.rotate_webhook_secret(text, uuid, text) is
  'Gives an endpoint a new sealed secret; each one before signs along for 24 hours after it was replaced. Scope: '
  'webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_endpoint_not_found, '
  'validation_failed.';
grant execute on function public.rotate_webhook_secret(text, uuid, text) to service_role;

create function public.test_webhook_endpoint(api_key_hash text, endpoint_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key     private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_message private.webhook_messages;
begin
  insert into private.webhook_messages (endpoint_id, partner_id, is_test, type, payload)
  select e.id, e.partner_id, e.is_sandbox, 'webhook.test',
    pg_catalog.jsonb_build_object('type', 'webhook.test', 'timestamp', now(),
      'data', pg_catalog.jsonb_build_object('endpoint_id', e.id))
  from private.webhook_endpoints e
  where e.id = test_webhook_endpoint.endpoint_id and e.partner_id = v_key.partner_id
    and e.is_sandbox = v_key.is_sandbox and e.is_enabled
  for key share
  returning * into v_message;
  if not found then
    if exists (select from private.webhook_endpoints e where e.id = test_webhook_endpoint.endpoint_id
      and e.partner_id = v_key.partner_id and e.is_sandbox = v_key.is_sandbox) then
      raise exception using errcode = 'PT409', message = 'webhook_endpoint_disabled',
        hint = 'Nothing is sent there until an admin switches the endpoint on again.';
    end if;
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found',
      hint = 'There is no such endpoint.';
  end if;
  return private.message_json(v_message);
end $$;
comment on function public.test_webhook_endpoint(text, uuid) is
  'Sends an endpoint a message of the type webhook.test, whatever it wants to hear, and returns it. Scope: '
  'webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_endpoint_not_found, '
  'webhook_endpoint_disabled.';
grant execute on function public.test_webhook_endpoint(text, uuid) to service_role;

create function public.delete_webhook_endpoint(api_key_hash text, endpoint_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
begin
  delete from private.webhook_endpoints e
  where e.id = delete_webhook_endpoint.endpoint_id and e.partner_id = v_key.partner_id
    and e.is_sandbox = v_key.is_sandbox;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found',
      hint = 'There is no such endpoint.';
  end if;
end $$;
comment on function public.delete_webhook_endpoint(text, uuid) is
  'Deletes an endpoint and its messages. Scope: webhooks:write. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, webhook_endpoint_not_found.';
grant execute on function public.delete_webhook_endpoint(text, uuid) to service_role;
