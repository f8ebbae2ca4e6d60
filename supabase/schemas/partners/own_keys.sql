-- Partners keep the keys of their tills themselves: a key for each, so that one that guesses stops nobody else.

create function private.api_key_json(key private.partner_api_keys)
returns jsonb
language sql immutable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object('id', key.id, 'name', key.name, 'scopes', key.scopes,
    'is_sandbox', key.is_sandbox, 'created_at', key.created_at, 'last_used_at', key.last_used_at,
    'expires_at', key.expires_at)
$$;
comment on function private.api_key_json(private.partner_api_keys) is 'An API key as its partner sees it.';

create function private.own_api_key(caller private.partner_api_keys, key_id uuid)
returns private.partner_api_keys
language plpgsql stable set search_path = ''
as $$
declare
  v_key private.partner_api_keys;
begin
  select k.* into v_key from private.partner_api_keys k
  where k.id = own_api_key.key_id and k.partner_id = caller.partner_id and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > now());
  if not found then
    raise exception using errcode = 'PT404', message = 'api_key_not_found',
      hint = 'There is no such key, or it has ended.';
  end if;
  return v_key;
end $$;
comment on function private.own_api_key(private.partner_api_keys, uuid) is
  'A living key of the caller''s partner. Raises PT404 api_key_not_found.';

create function private.require_grantable(caller private.partner_api_keys, scopes text[])
returns void
language plpgsql stable set search_path = ''
as $$
declare
  v_missing text;
begin
  select s into v_missing from pg_catalog.unnest(scopes) s
  where s <> all (caller.scopes || 'redemptions:use'::text) limit 1;
  if found then
    raise exception using errcode = 'PT403', message = 'scope_missing', detail = v_missing,
      hint = 'A key gives no other key more rights than it has.';
  end if;
end $$;
comment on function private.require_grantable(private.partner_api_keys, text[]) is
  'Guard: a key hands on what it may do itself, and the work at a till. Raises PT403 scope_missing.';

create function public.list_api_keys(api_key_hash text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, 'keys:write');
begin
  return coalesce((
    select pg_catalog.jsonb_agg(private.api_key_json(k.*::private.partner_api_keys) order by k.created_at, k.id)
    from private.partner_api_keys k
    where k.partner_id = v_key.partner_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())),
    '[]');
end $$;
comment on function public.list_api_keys(text) is
  'The partner''s living API keys, without the keys themselves. Scope: keys:write. Errors: api_key_invalid, '
  'scope_missing, partner_inactive.';
grant execute on function public.list_api_keys(text) to service_role;

create function public.create_api_key(api_key_hash text, name text, scopes text[] default '{redemptions:use}',
  is_sandbox boolean default false)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_caller private.partner_api_keys := private.require_partner(api_key_hash, 'keys:write');
  v_made   record;
begin
  if 'keys:write' = any (create_api_key.scopes) then
    raise exception using errcode = 'PT400', message = 'scope_invalid', hint = 'Only admins give keys:write.';
  end if;
  if create_api_key.scopes <@ private.partner_scopes() then  -- others are refused below
    perform private.require_grantable(v_caller, create_api_key.scopes);
  end if;
  perform from public.partners p where p.id = v_caller.partner_id for no key update;  -- the limit is counted one by one
  if pg_catalog.jsonb_array_length(public.list_api_keys(api_key_hash)) >= 100 then
    raise exception using errcode = 'PT409', message = 'api_key_limit', hint = 'Revoke a key first.';
  end if;
  select c.key_id, c.key into v_made
  from ops.create_partner_key(v_caller.partner_id, create_api_key.name, create_api_key.scopes, v_caller.expires_at,
    create_api_key.is_sandbox) c;
  insert into private.audit_log (action, subject_id, details)
  values ('api_key_made_by_partner', v_made.key_id, pg_catalog.jsonb_build_object('api_key_id', v_caller.id));
  return (select private.api_key_json(k.*::private.partner_api_keys) || pg_catalog.jsonb_build_object('key', v_made.key)
    from private.partner_api_keys k where k.id = v_made.key_id);
end $$;
comment on function public.create_api_key(text, text, text[], boolean) is
  'Makes an API key, by default for a till, and returns it with the key, this one time. It has no right that the '
  'caller has not, but for redemptions:use, and ends with the caller''s key. A sandbox key works on test codes alone. '
  'At most 100 live. Scope: keys:write. '
  'Errors: api_key_invalid, scope_missing, partner_inactive, scope_invalid, api_key_limit, text_blank, '
  'text_too_long, text_has_control_characters.';
grant execute on function public.create_api_key(text, text, text[], boolean) to service_role;

create function public.rotate_api_key(api_key_hash text, key_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_caller private.partner_api_keys := private.require_partner(api_key_hash, 'keys:write');
  v_old    private.partner_api_keys := private.own_api_key(v_caller, rotate_api_key.key_id);
  v_made   record;
begin
  perform private.require_grantable(v_caller, v_old.scopes);
  select r.new_key_id, r.key into v_made from ops.rotate_partner_key(v_old.id) r;
  insert into private.audit_log (action, subject_id, details)
  values ('api_key_rotated_by_partner', v_old.id,
    pg_catalog.jsonb_build_object('api_key_id', v_caller.id, 'new_api_key_id', v_made.new_key_id));
  return (select private.api_key_json(k.*::private.partner_api_keys) || pg_catalog.jsonb_build_object('key', v_made.key)
    from private.partner_api_keys k where k.id = v_made.new_key_id);
end $$;
comment on function public.rotate_api_key(text, uuid) is
  'Makes a new key with the rights and the length of life of another, which ends a day later; also the caller''s own. '
  'Returns the new one with the key, this one time. Scope: keys:write. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, api_key_not_found.';
grant execute on function public.rotate_api_key(text, uuid) to service_role;

create function public.revoke_api_key(api_key_hash text, key_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_caller private.partner_api_keys := private.require_partner(api_key_hash, 'keys:write');
begin
  perform ops.revoke_partner_key((private.own_api_key(v_caller, revoke_api_key.key_id)).id);
  insert into private.audit_log (action, subject_id, details)
  values ('api_key_revoked_by_partner', revoke_api_key.key_id,
    pg_catalog.jsonb_build_object('api_key_id', v_caller.id));
end $$;
comment on function public.revoke_api_key(text, uuid) is
  'Ends a key of the partner at once. Scope: keys:write. Errors: api_key_invalid, scope_missing, partner_inactive, '
  'api_key_not_found.';
grant execute on function public.revoke_api_key(text, uuid) to service_role;
