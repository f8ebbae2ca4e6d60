create function private.valid_secrets(secret text, older_secrets jsonb)
returns text[]
language sql stable set search_path = ''
as $$
  select array[secret] || array(
    select o.older ->> 'secret' from pg_catalog.jsonb_array_elements(older_secrets) with ordinality o (older, place)
    where (o.older ->> 'replaced_at')::timestamptz > now() - interval '24 hours' order by o.place)
$$;
comment on function private.valid_secrets(text, jsonb) is
  'The secret, and each older one for 24 hours after it was replaced, the newest first.';

create function private.secrets_after_rotation(secret text, older_secrets jsonb)
returns jsonb
language sql stable set search_path = ''
as $$
  -- not the last one alone: whoever got no answer rotates again, and still has the one before
  select pg_catalog.jsonb_agg(o.older order by o.place)
  from pg_catalog.jsonb_array_elements(
    pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('secret', secret, 'replaced_at', now()))
    || older_secrets) with ordinality o (older, place)
  where (o.older ->> 'replaced_at')::timestamptz > now() - interval '24 hours' and o.place <= 4
$$;
comment on function private.secrets_after_rotation(text, jsonb) is
  'The older secrets once there is a new one: [{secret, replaced_at}], all that are valid until then, at most four.';

create function public.read_partner(api_key_hash text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, null);
begin
  return (
    select pg_catalog.jsonb_build_object('id', p.id, 'name', p.name, 'description', p.description,
      'website_url', p.website_url, 'logo_url', p.logo_url, 'is_active', p.is_active,
      'key', pg_catalog.jsonb_build_object('id', v_key.id, 'name', v_key.name, 'scopes', v_key.scopes,
        'is_sandbox', v_key.is_sandbox, 'expires_at', v_key.expires_at))
    from public.partners p where p.id = v_key.partner_id);
end $$;
comment on function public.read_partner(text) is
  'The partner an API key belongs to, and what the key may do. Scope: none. Errors: api_key_invalid, scope_missing, '
  'partner_inactive.';
grant execute on function public.read_partner(text) to service_role;

create function public.connect_partner(api_key_hash text, url text, secret_ciphertext text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'connection:write');
  v_connection private.partner_connections;
begin
  perform private.require_argument(secret_ciphertext is not null, 'secret_ciphertext');
  insert into private.partner_connections as c (partner_id, url, secret)
  values (v_key.partner_id, connect_partner.url, connect_partner.secret_ciphertext)
  on conflict (partner_id) do update
  set url = excluded.url, secret = excluded.secret, updated_at = now(),
    older_secrets = private.secrets_after_rotation(c.secret, c.older_secrets)
  returning c.* into v_connection;
  insert into private.audit_log (action, subject_id, details)
  values ('partner_connected', v_key.partner_id, pg_catalog.jsonb_build_object('api_key_id', v_key.id));
  return pg_catalog.jsonb_build_object('url', v_connection.url, 'updated_at', v_connection.updated_at);
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'webhook_url_invalid',
    hint = 'The address must be an http(s) URL of at most 2000 characters.';
end $$;
comment on function public.connect_partner(text, text, text) is
  'Sets where the partner is asked for codes (null: nowhere) and the sealed secret both sides sign with; each '
  'one before counts for 24 hours after it was replaced. Scope: connection:write. Errors: api_key_invalid, '
  'scope_missing, partner_inactive, webhook_url_invalid, validation_failed.';
grant execute on function public.connect_partner(text, text, text) to service_role;

create function public.read_partner_connection(partner_id uuid)
returns jsonb
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.jsonb_build_object('secrets',
    private.valid_secrets(c.secret, c.older_secrets))
  from private.partner_connections c join public.partners p on p.id = c.partner_id
  where c.partner_id = read_partner_connection.partner_id and p.is_active
$$;
comment on function public.read_partner_connection(uuid) is
  'The sealed secrets a partner may sign events with: {secrets}; null for unknown or inactive partners. For the edge '
  'function partner-events.';
grant execute on function public.read_partner_connection(uuid) to service_role;
