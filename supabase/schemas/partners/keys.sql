create function private.partner_scopes()
returns text[]
language sql immutable set search_path = ''
as $$
  select array['rewards:read', 'rewards:write', 'codes:write', 'redemptions:read', 'redemptions:use',
    'redemptions:cancel', 'settlements:read', 'webhooks:read', 'webhooks:write', 'connection:write', 'keys:write']
$$;
comment on function private.partner_scopes() is 'Everything an API key can be allowed to do.';

create function private.sandbox_scopes()
returns text[]
language sql immutable set search_path = ''
as $$
  select array['rewards:read', 'redemptions:read', 'redemptions:use', 'redemptions:cancel', 'settlements:read',
    'webhooks:read', 'webhooks:write']
$$;
comment on function private.sandbox_scopes() is
  'What a sandbox key can be allowed to do: everything that leaves what is real as it is.';

create function private.require_partner(api_key_hash text, scope text)
returns private.partner_api_keys
language plpgsql volatile set search_path = ''
as $$
declare
  v_key       private.partner_api_keys;
  v_is_active boolean;
begin
  select k.* into v_key from private.partner_api_keys k where k.key_hash = require_partner.api_key_hash::bytea;
  if not found or v_key.revoked_at <= now() or v_key.expires_at <= now() then
    raise exception using errcode = 'PT401', message = 'api_key_invalid',
      hint = 'The API key is unknown, expired or revoked.';
  end if;
  select p.is_active into v_is_active from public.partners p where p.id = v_key.partner_id;
  if not v_is_active then
    raise exception using errcode = 'PT403', message = 'partner_inactive', hint = 'This partner is switched off.';
  end if;
  if require_partner.scope <> all (v_key.scopes) then
    raise exception using errcode = 'PT403', message = 'scope_missing', detail = require_partner.scope,
      hint = 'This API key is not allowed to do that.';
  end if;
  if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute' then
    -- only for information: nobody waits for it
    update private.partner_api_keys k set last_used_at = now()
    where k.id = (select l.id from private.partner_api_keys l where l.id = v_key.id for no key update skip locked);
  end if;
  return v_key;
end $$;
comment on function private.require_partner(text, text) is
  'Guard of every partner command: the key with this hash (as text, \x and hexadecimal, because drivers disagree on '
  'how bytea is written in JSON), alive and holding the scope (null: any). Raises PT401 api_key_invalid, PT403 '
  'partner_inactive, PT403 scope_missing.';

create function private.guard_wrong_codes(key private.partner_api_keys)
returns void
language plpgsql stable set search_path = ''
as $$
declare
  v_settings record;
  v_since    timestamptz;
begin
  select s.wrong_code_limit, pg_catalog.make_interval(mins => s.wrong_code_minutes) as length into v_settings
  from private.settings s;
  if key.wrong_codes >= v_settings.wrong_code_limit and key.wrong_codes_since > now() - v_settings.length then
    v_since := key.wrong_codes_since;
  else
    -- all tills together, revoked keys too: a partner makes keys by itself, and whoever has that key must not guess on
    select min(k.wrong_codes_since) into v_since from private.partner_api_keys k
    where k.partner_id = key.partner_id and k.is_sandbox = key.is_sandbox and k.wrong_codes > 0
      and k.wrong_codes_since > now() - v_settings.length
    having sum(k.wrong_codes) >= v_settings.wrong_code_limit * 10;
  end if;
  if v_since is not null then
    raise exception using errcode = 'PT429', message = 'too_many_wrong_codes',
      detail = pg_catalog.ceil(extract(epoch from v_since + v_settings.length - now()))::text,
      hint = 'Too many wrong codes were tried with this key. The detail tells how many seconds to wait.';
  end if;
end $$;
comment on function private.guard_wrong_codes(private.partner_api_keys) is
  'Keeps a key that guesses codes waiting, right guesses included, and all keys of a partner that together were wrong '
  'ten times as often as one may be; sandbox keys stop no others. Raises PT429 too_many_wrong_codes with the seconds '
  'to wait as detail.';

create function private.count_wrong_code(key_id uuid)
returns void
language sql volatile set search_path = ''
as $$
  update private.partner_api_keys k
  set wrong_codes = case when k.wrong_codes_since > w.starts_at then k.wrong_codes + 1 else 1 end,
      wrong_codes_since = case when k.wrong_codes_since > w.starts_at then k.wrong_codes_since else now() end
  from (select now() - pg_catalog.make_interval(mins => s.wrong_code_minutes) as starts_at from private.settings s) w
  where k.id = count_wrong_code.key_id
$$;
comment on function private.count_wrong_code(uuid) is
  'Counts a wrong code against a key. The command must return, not raise, or the count is lost.';

create function ops.create_partner_key(partner_id uuid, name text, scopes text[], expires_at timestamptz default null,
  is_sandbox boolean default false)
returns table (key_id uuid, key text)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- two random UUIDs: 244 bits from the server's CSPRNG
  v_key      text := case when is_sandbox then 'nhp_sandbox_' else 'nhp_' end
    || pg_catalog.replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  v_possible text[] := case when is_sandbox then private.sandbox_scopes() else private.partner_scopes() end;
begin
  if not exists (select from public.partners p where p.id = create_partner_key.partner_id) then
    raise exception using errcode = 'PT404', message = 'partner_not_found', hint = 'There is no such partner.';
  end if;
  if coalesce(pg_catalog.cardinality(scopes), 0) = 0 or not scopes <@ v_possible then
    raise exception using errcode = 'PT400', message = 'scope_invalid',
      hint = 'Choose from: ' || pg_catalog.array_to_string(v_possible, ', ');
  end if;
  insert into private.partner_api_keys as k (partner_id, name, key_hash, scopes, expires_at, is_sandbox)
  values (create_partner_key.partner_id,
    private.clean_text(create_partner_key.name, 'name', 1, private.max_name_length()),
    pg_catalog.sha256(v_key::bytea), create_partner_key.scopes, create_partner_key.expires_at,
    coalesce(create_partner_key.is_sandbox, false))
  returning k.id into create_partner_key.key_id;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'api_key_created', create_partner_key.partner_id,
    pg_catalog.jsonb_build_object('api_key_id', key_id, 'scopes', scopes));
  key := v_key;
  return next;
end $$;
comment on function ops.create_partner_key(uuid, text, text[], timestamptz, boolean) is
  'Makes an API key for a partner and returns it, this one time: only its hash is kept. Scopes: see '
  'private.partner_scopes(), for a sandbox key private.sandbox_scopes(). Errors: partner_not_found, scope_invalid, '
  'text_blank, text_too_long.';
grant execute on function ops.create_partner_key(uuid, text, text[], timestamptz, boolean) to service_role;

create function ops.rotate_partner_key(key_id uuid, overlap interval default '24 hours')
returns table (new_key_id uuid, key text)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_old private.partner_api_keys;
begin
  update private.partner_api_keys k
  -- a second rotation, of somebody who got no answer, finds an end that the first one has made
  set planned_end = coalesce(k.planned_end, k.expires_at, 'infinity'),
    expires_at = least(k.expires_at, now() + greatest(rotate_partner_key.overlap, interval '0'))
  where k.id = rotate_partner_key.key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  returning k.* into v_old;
  if not found then
    raise exception using errcode = 'PT404', message = 'api_key_not_found',
      hint = 'There is no such key, or it has ended.';
  end if;
  return query select c.key_id, c.key
    from ops.create_partner_key(v_old.partner_id, v_old.name, v_old.scopes,
      now() + (nullif(v_old.planned_end, 'infinity') - v_old.created_at), v_old.is_sandbox) c;
end $$;
comment on function ops.rotate_partner_key(uuid, interval) is
  'Makes a new key with the same rights and the same length of life, and lets the old one end after the overlap. '
  'Errors: api_key_not_found.';
grant execute on function ops.rotate_partner_key(uuid, interval) to service_role;

create function ops.revoke_partner_key(key_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.partner_api_keys k set revoked_at = coalesce(k.revoked_at, now())
  where k.id = revoke_partner_key.key_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'api_key_not_found', hint = 'There is no such key.';
  end if;
  insert into private.audit_log (actor_id, action, subject_id)
  values (auth.uid(), 'api_key_revoked', revoke_partner_key.key_id);
end $$;
comment on function ops.revoke_partner_key(uuid) is
  'Ends a key at once. Repeating it changes nothing. Errors: api_key_not_found.';
grant execute on function ops.revoke_partner_key(uuid) to service_role;
