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
