-- Written by npm run db:build from supabase/schemas/partners/: edit there.

-- schemas/partners/settings.sql

alter table private.settings
  add column wrong_code_limit integer not null default 20,
  add column wrong_code_minutes integer not null default 10,
  add constraint wrong_code_limit_is_between_1_and_1000 check (wrong_code_limit between 1 and 1000),
  add constraint wrong_code_minutes_is_between_1_and_1440 check (wrong_code_minutes between 1 and 1440);

comment on column private.settings.wrong_code_limit is
  'Wrong codes that one API key may try within wrong_code_minutes before it has to wait.';
comment on column private.settings.wrong_code_minutes is 'Length in minutes of the window for wrong codes.';

-- schemas/partners/tables.sql

-- Room: partners. Who gives discounts, and the keys their tills and servers act with.
-- Partners act through the edge function "partner": its commands take the hash of an API key and are executable by
-- service_role alone; private.require_partner is the guard of each of them.
-- Secrets arrive sealed by the edge functions; the database never sees one in the clear.

create table public.partners (
  id          uuid primary key default gen_random_uuid(),
  name        text not null,
  logo_url    text,
  description text,
  website_url text,
  is_active   boolean not null default true,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint partner_name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint partner_name_is_visible check (private.is_visible(name)),
  constraint logo_url_is_https check (logo_url ~ '^https://[^\s]+$' and char_length(logo_url) <= 500),
  constraint partner_description_has_at_most_2000_characters check (char_length(description) <= 2000),
  constraint website_url_is_https check (website_url ~ '^https://[^\s]+$' and char_length(website_url) <= 500)
);

comment on table public.partners is
  'Shops and others who give discounts for points. Everybody reads the active ones; admins edit them in Studio.';
comment on column public.partners.name is 'Name as shown, 1 to 255 characters.';
comment on column public.partners.logo_url is 'Public https address of the logo.';
comment on column public.partners.description is 'A few words about the partner, at most 2000 characters.';
comment on column public.partners.website_url is 'Public https address.';
comment on column public.partners.is_active is
  'False: neither shown nor redeemable, and the API keys rest. Codes already given stay valid once it is active again.';

create index partners_by_name on public.partners (name, id) where is_active;

alter table public.partners enable row level security;
create policy active_partners_are_readable_by_everyone on public.partners for select to anon, authenticated
  using (is_active);

call private.grant_columns('public.partners', 'anon, authenticated, service_role');

create trigger partners_set_updated_at before update on public.partners
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table private.partner_contacts (
  partner_id    uuid primary key references public.partners (id) on delete cascade,
  contact_email text,
  contact_phone text,
  notes         text,
  constraint contact_email_has_at_most_255_characters check (char_length(contact_email) <= 255),
  constraint contact_phone_has_at_most_50_characters check (char_length(contact_phone) <= 50)
);

comment on table private.partner_contacts is 'Whom admins call at a partner. Not readable through the API.';
comment on column private.partner_contacts.contact_email is 'E-mail address of the contact person.';
comment on column private.partner_contacts.contact_phone is 'Phone number of the contact person.';
comment on column private.partner_contacts.notes is 'Notes of the admins.';

alter table private.partner_contacts enable row level security;

create table private.partner_api_keys (
  id                uuid primary key default gen_random_uuid(),
  partner_id        uuid not null references public.partners (id) on delete cascade,
  name              text not null,
  key_hash          bytea not null unique,
  scopes            text[] not null,
  is_sandbox        boolean not null default false,
  created_at        timestamptz not null default now(),
  last_used_at      timestamptz,
  expires_at        timestamptz,
  planned_end       timestamptz,
  revoked_at        timestamptz,
  wrong_codes       integer not null default 0,
  wrong_codes_since timestamptz not null default now()
) with (fillfactor = 70);

comment on table private.partner_api_keys is
  'Keys that partners act with. Made by ops.create_partner_key and shown once; only the hash is kept.';
comment on column private.partner_api_keys.id is 'Identity, safe to mention.';
comment on column private.partner_api_keys.name is 'What it is for, for people: till 3, web shop.';
comment on column private.partner_api_keys.key_hash is 'SHA-256 of the key (256 random bits need no slow hash).';
comment on column private.partner_api_keys.scopes is 'What it may do; see private.partner_scopes().';
comment on column private.partner_api_keys.is_sandbox is 'For trying: it works on test codes alone.';
comment on column private.partner_api_keys.last_used_at is 'Last use, to the minute.';
comment on column private.partner_api_keys.expires_at is 'When it ends by itself; null: never.';
comment on column private.partner_api_keys.planned_end is
  'Once it was rotated: when it would have ended without, infinity for never. Its successors live as long as that.';
comment on column private.partner_api_keys.revoked_at is 'When it was revoked; it died at that moment.';
comment on column private.partner_api_keys.wrong_codes is 'Wrong codes tried since wrong_codes_since.';
comment on column private.partner_api_keys.wrong_codes_since is 'Start of the current window for wrong codes.';

create index partner_api_keys_by_partner on private.partner_api_keys (partner_id);

alter table private.partner_api_keys enable row level security;

create table private.partner_connections (
  partner_id           uuid primary key references public.partners (id) on delete cascade,
  url                  text,
  secret               text not null,
  older_secrets        jsonb not null default '[]',
  updated_at           timestamptz not null default now(),
  constraint connection_url_is_http check (url ~ '^https?://[^\s]+$' and char_length(url) <= 2000)
);

comment on table private.partner_connections is
  'How to reach a partner''s own code system, and the secret both sides sign with.';
comment on column private.partner_connections.url is 'Where codes are asked for; null: the partner only sends events.';
comment on column private.partner_connections.secret is 'Signing secret, sealed.';
comment on column private.partner_connections.older_secrets is
  'Secrets before, sealed: [{secret, replaced_at}]; each counts for 24 hours after it was replaced.';

alter table private.partner_connections enable row level security;

-- schemas/partners/commands.sql

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

-- schemas/partners/keys.sql

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

-- schemas/partners/own_keys.sql

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
