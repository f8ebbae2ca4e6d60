-- Room: partners. Who gives discounts: partners, their places and rewards, the keys their tills and servers act with, and the
-- messages that go to and come from their servers.
-- Members only read here. Partners act through the edge function "partner": its commands take the hash of an API key and are
-- executable by service_role alone; private.require_partner is the guard of each of them.
-- Definers: the command bodies and the ops functions, because neither members nor service_role hold table rights.
-- Secrets and codes arrive sealed by the edge functions; the database never sees one in the clear.

-- Tables ----------------------------------------------------------------------------------------------------------------

alter table private.settings
  add column wrong_code_limit integer not null default 20,
  add column wrong_code_minutes integer not null default 10,
  add constraint wrong_code_limit_is_between_1_and_1000 check (wrong_code_limit between 1 and 1000),
  add constraint wrong_code_minutes_is_between_1_and_1440 check (wrong_code_minutes between 1 and 1440);

create table public.partners (
  id          uuid primary key default gen_random_uuid(),
  name        text not null,
  logo_url    text,
  description text,
  website_url text,
  is_active   boolean not null default true,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint partner_name_has_2_to_255_characters check (char_length(name) between 2 and 255),
  constraint logo_url_is_https check (logo_url ~ '^https://[^\s]+$' and char_length(logo_url) <= 500),
  constraint partner_description_has_at_most_2000_characters check (char_length(description) <= 2000),
  constraint website_url_is_https check (website_url ~ '^https://[^\s]+$' and char_length(website_url) <= 500)
);

create table private.partner_contacts (
  partner_id    uuid primary key references public.partners (id) on delete cascade,
  contact_email text,
  contact_phone text,
  notes         text,
  constraint contact_email_has_at_most_255_characters check (char_length(contact_email) <= 255),
  constraint contact_phone_has_at_most_50_characters check (char_length(contact_phone) <= 50)
);

create table public.places (
  id            uuid primary key default gen_random_uuid(),
  partner_id    uuid references public.partners (id) on delete cascade,
  name          text not null,
  category      text not null default 'other',
  types         text[] not null default '{}',
  description   text,
  rating_average numeric(3, 2) not null default 0,
  rating_count  integer not null default 0,
  address       text,
  latitude      double precision not null,
  longitude     double precision not null,
  location      extensions.geography(point, 4326) generated always as
    (extensions.st_setsrid(extensions.st_makepoint(longitude, latitude), 4326)::extensions.geography) stored,
  opening_hours jsonb,
  source        text not null default 'partner',
  source_id     text,
  is_active     boolean not null default true,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  constraint place_name_has_2_to_255_characters check (char_length(name) between 2 and 255),
  constraint place_category_is_known check (category in ('shop', 'cafe', 'restaurant', 'service', 'culture', 'sport', 'other')),
  constraint place_types_are_few check (cardinality(types) <= 20 and array_position(types, null) is null),
  constraint place_description_has_at_most_2000_characters check (char_length(description) <= 2000),
  constraint place_rating_average_is_between_0_and_5 check (rating_average between 0 and 5),
  constraint place_rating_count_is_not_negative check (rating_count >= 0),
  constraint place_address_has_at_most_500_characters check (char_length(address) <= 500),
  constraint place_is_on_earth check (latitude between -90 and 90 and longitude between -180 and 180),
  constraint place_source_is_known check (source in ('partner', 'community', 'import')),
  constraint partner_place_has_a_partner check (source <> 'partner' or partner_id is not null),
  constraint place_source_id_has_at_most_255_characters check (char_length(source_id) <= 255)
);

create table public.rewards (
  id                    uuid primary key default gen_random_uuid(),
  partner_id            uuid not null references public.partners (id) on delete restrict,
  title_de              text not null,
  title_en              text not null,
  description_de        text,
  description_en        text,
  points_cost           integer not null,
  discount_type         text not null,
  discount_value        numeric(10, 2),
  discount_currency     text,
  terms_de              text,
  terms_en              text,
  valid_from            timestamptz not null default now(),
  valid_until           timestamptz,
  limit_per_member      integer,
  limit_period          text,
  code_source           text not null default 'generated',
  code_valid_days       integer not null default 90,
  return_days           integer not null default 0,
  expiry_refund_percent integer not null default 0,
  is_limited            boolean not null default false,
  is_active             boolean not null default true,
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint reward_titles_have_2_to_255_characters check (char_length(title_de) between 2 and 255 and char_length(title_en) between 2 and 255),
  constraint reward_descriptions_have_at_most_2000_characters check (greatest(char_length(description_de), char_length(description_en)) <= 2000),
  constraint reward_terms_have_at_most_5000_characters check (greatest(char_length(terms_de), char_length(terms_en)) <= 5000),
  constraint points_cost_is_between_1_and_1000000 check (points_cost between 1 and 1000000),
  constraint discount_is_complete check (case discount_type
    when 'percentage' then discount_value between 0.01 and 100 and discount_currency is null
    when 'fixed_amount' then discount_value between 0.01 and 99999999.99 and discount_currency ~ '^[A-Z]{3}$'
    when 'free_item' then discount_value is null and discount_currency is null
    else false end is true),
  constraint reward_term_is_finite check (isfinite(valid_from) and isfinite(valid_until)),
  constraint reward_ends_after_it_starts check (valid_until > valid_from),
  constraint limit_per_member_is_between_1_and_1000 check (limit_per_member between 1 and 1000),
  constraint limit_period_is_known check (limit_period in ('day', 'week', 'month', 'year')),
  constraint limit_period_needs_a_limit check (limit_period is null or limit_per_member is not null),
  constraint code_source_is_known check (code_source in ('generated', 'pool', 'partner_api')),
  constraint code_valid_days_is_between_1_and_730 check (code_valid_days between 1 and 730),
  constraint return_days_is_between_0_and_365 check (return_days between 0 and 365),
  constraint expiry_refund_percent_is_between_0_and_100 check (expiry_refund_percent between 0 and 100)
);

create table public.reward_stocks (
  reward_id uuid primary key references public.rewards (id) on delete cascade,
  total     integer not null,
  taken     integer not null default 0,
  constraint stock_is_never_negative check (taken between 0 and total)
) with (fillfactor = 50);

create table private.reward_codes (
  id            bigint generated always as identity,
  partner_id    uuid not null,
  reward_id     uuid not null,
  code_hash     bytea not null,
  ciphertext    text not null,
  redemption_id uuid,
  created_at    timestamptz not null default now(),
  -- a partner's code is known once
  primary key (code_hash, partner_id)
);

create table private.partner_api_keys (
  id                uuid primary key default gen_random_uuid(),
  partner_id        uuid not null references public.partners (id) on delete cascade,
  name              text not null,
  key_hash          bytea not null unique,
  scopes            text[] not null,
  created_at        timestamptz not null default now(),
  last_used_at      timestamptz,
  expires_at        timestamptz,
  revoked_at        timestamptz,
  wrong_codes       integer not null default 0,
  wrong_codes_since timestamptz not null default now()
) with (fillfactor = 70);

create table private.partner_connections (
  partner_id           uuid primary key references public.partners (id) on delete cascade,
  url                  text,
  secret               text not null,
  previous_secret      text,
  secret_rotated_at    timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  constraint connection_url_is_http check (url ~ '^https?://[^\s]+$' and char_length(url) <= 2000)
);

create table private.webhook_endpoints (
  id                uuid primary key default gen_random_uuid(),
  partner_id        uuid not null references public.partners (id) on delete cascade,
  url               text not null,
  event_types       text[] not null,
  secret            text not null,
  previous_secret   text,
  secret_rotated_at timestamptz not null default now(),
  is_enabled        boolean not null default true,
  disabled_at       timestamptz,
  disabled_reason   text,
  failure_streak    integer not null default 0,
  paused_until      timestamptz not null default now(),
  created_at        timestamptz not null default now(),
  constraint endpoint_url_is_http check (url ~ '^https?://[^\s]+$' and char_length(url) <= 2000)
) with (fillfactor = 70);

create table private.webhook_messages (
  id              bigint generated always as identity primary key,
  webhook_id      text not null default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
  endpoint_id     uuid not null references private.webhook_endpoints (id) on delete cascade,
  partner_id      uuid not null,
  type            text not null,
  payload         jsonb not null,
  status          text not null default 'pending',
  attempts        integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  delivered_at    timestamptz,
  last_status     integer,
  last_error      text,
  created_at      timestamptz not null default now(),
  constraint webhook_message_status_is_known check (status in ('pending', 'delivered', 'dead'))
) with (fillfactor = 70);

create table private.webhook_attempts (
  message_id       bigint not null references private.webhook_messages (id) on delete cascade,
  attempt          integer not null,
  response_status  integer,
  error            text,
  response_excerpt text,
  duration_ms      integer,
  created_at       timestamptz not null default now(),
  primary key (message_id, attempt)
);

create table private.partner_events (
  partner_id    uuid not null references public.partners (id) on delete cascade,
  event_id      text not null,
  type          text not null,
  redemption_id uuid,
  outcome       text not null,
  occurred_at   timestamptz not null,
  received_at   timestamptz not null default now(),
  primary key (partner_id, event_id),
  constraint event_id_has_1_to_255_characters check (char_length(event_id) between 1 and 255)
);

-- Comments --------------------------------------------------------------------------------------------------------------

comment on column private.settings.wrong_code_limit is 'Wrong codes that one API key may try within wrong_code_minutes before it has to wait.';
comment on column private.settings.wrong_code_minutes is 'Length in minutes of the window for wrong codes.';

comment on table public.partners is 'Shops and others who give discounts for points. Everybody reads the active ones; admins edit them in Studio.';
comment on column public.partners.id is 'Identity.';
comment on column public.partners.name is 'Name as shown, 2 to 255 characters.';
comment on column public.partners.logo_url is 'Public https address of the logo.';
comment on column public.partners.description is 'A few words about the partner, at most 2000 characters.';
comment on column public.partners.website_url is 'Public https address.';
comment on column public.partners.is_active is 'False: neither shown nor redeemable, and the API keys rest. Codes already given stay valid once it is active again.';
comment on column public.partners.created_at is 'Since when.';
comment on column public.partners.updated_at is 'Last change.';

comment on table private.partner_contacts is 'Whom admins call at a partner. Not readable through the API.';
comment on column private.partner_contacts.partner_id is 'The partner.';
comment on column private.partner_contacts.contact_email is 'E-mail address of the contact person.';
comment on column private.partner_contacts.contact_phone is 'Phone number of the contact person.';
comment on column private.partner_contacts.notes is 'Notes of the admins.';

comment on table public.places is 'Places on the map: branches of partners, and places of the community without a partner. Their exact position is public.';
comment on column public.places.id is 'Identity.';
comment on column public.places.partner_id is 'The partner whose branch it is; null for a place of the community.';
comment on column public.places.name is 'Name as shown, 2 to 255 characters.';
comment on column public.places.category is 'shop, cafe, restaurant, service, culture, sport, other.';
comment on column public.places.types is 'Finer words for what it is, for example {bakery, organic}; at most 20.';
comment on column public.places.description is 'A few words about the place, at most 2000 characters.';
comment on column public.places.rating_average is 'Mean of the reviews, 1 to 5; 0 until reviewed.';
comment on column public.places.rating_count is 'Number of reviews.';
comment on column public.places.address is 'Postal address, at most 500 characters.';
comment on column public.places.latitude is 'WGS 84 degrees.';
comment on column public.places.longitude is 'WGS 84 degrees.';
comment on column public.places.location is 'Position as PostGIS geography, derived from latitude and longitude.';
comment on column public.places.opening_hours is 'Opening hours in local time: {"mon": [["09:00", "12:30"], ["14:00", "18:00"]], …}; a day that is missing is closed, null means unknown.';
comment on column public.places.source is 'Where the entry comes from: partner, community, import.';
comment on column public.places.source_id is 'Id in the source, unique there.';
comment on column public.places.is_active is 'False: not shown.';
comment on column public.places.created_at is 'When entered.';
comment on column public.places.updated_at is 'Last change.';

comment on table public.rewards is 'What points buy. Everybody reads the active ones of active partners; their partner changes them through the partner API, admins in Studio.';
comment on column public.rewards.id is 'Identity.';
comment on column public.rewards.partner_id is 'Who gives the discount.';
comment on column public.rewards.title_de is 'Title in German, 2 to 255 characters.';
comment on column public.rewards.title_en is 'Title in English, 2 to 255 characters.';
comment on column public.rewards.description_de is 'Description in German, at most 2000 characters.';
comment on column public.rewards.description_en is 'Description in English, at most 2000 characters.';
comment on column public.rewards.points_cost is 'Price in points, 1 to 1000000.';
comment on column public.rewards.discount_type is 'percentage, fixed_amount, free_item.';
comment on column public.rewards.discount_value is 'Per cent for percentage, amount of money for fixed_amount, null for free_item.';
comment on column public.rewards.discount_currency is 'ISO 4217 code for fixed_amount, else null.';
comment on column public.rewards.terms_de is 'Conditions in German, at most 5000 characters.';
comment on column public.rewards.terms_en is 'Conditions in English, at most 5000 characters.';
comment on column public.rewards.valid_from is 'From when it can be redeemed.';
comment on column public.rewards.valid_until is 'Until when it can be redeemed; null: without end. Codes already given keep their own term.';
comment on column public.rewards.limit_per_member is 'How often one member may redeem it within limit_period; null: without limit.';
comment on column public.rewards.limit_period is 'day, week, month, year (calendar, UTC); null: ever.';
comment on column public.rewards.code_source is 'Where codes come from: generated (here), pool (uploaded by the partner), partner_api (asked for one by one). Never changes.';
comment on column public.rewards.code_valid_days is 'Days a code is valid from redemption.';
comment on column public.rewards.return_days is 'Days within which a member may give an unused code back; 0: never.';
comment on column public.rewards.expiry_refund_percent is 'Share of the points that comes back when a code expires unused, in per cent, rounded down.';
comment on column public.rewards.is_limited is 'Whether it has a stock, see reward_stocks. Kept by trigger; fixed with the first redemption.';
comment on column public.rewards.is_active is 'False: retired.';
comment on column public.rewards.created_at is 'When entered.';
comment on column public.rewards.updated_at is 'Last change.';

comment on table public.reward_stocks is 'Stock of the rewards that have one; a reward without a row is unlimited. Pool rewards always have one: its total is the number of uploaded codes.';
comment on column public.reward_stocks.reward_id is 'The reward.';
comment on column public.reward_stocks.total is 'How many may be given out in all.';
comment on column public.reward_stocks.taken is 'How many have been given out and not come back. Kept by the redemption commands.';

comment on table private.reward_codes is 'Every code: uploaded ones waiting in a pool and those given to a redemption. Sealed; readable by nobody.';
comment on column private.reward_codes.id is 'Order of entry; pools are emptied in this order.';
comment on column private.reward_codes.partner_id is 'Whose till accepts it.';
comment on column private.reward_codes.reward_id is 'What it is for.';
comment on column private.reward_codes.code_hash is 'HMAC-SHA256 of the code under a key that the database does not have: finds a code without knowing it.';
comment on column private.reward_codes.ciphertext is 'The code sealed with AES-256-GCM under a key that the database does not have.';
comment on column private.reward_codes.redemption_id is 'The redemption it was given to, once; null while it waits in the pool.';
comment on column private.reward_codes.created_at is 'When uploaded or given.';

comment on table private.partner_api_keys is 'Keys that partners act with. Made by ops.create_partner_key and shown once; only the hash is kept.';
comment on column private.partner_api_keys.id is 'Identity, safe to mention.';
comment on column private.partner_api_keys.partner_id is 'Who acts with it.';
comment on column private.partner_api_keys.name is 'What it is for, for people: till 3, web shop.';
comment on column private.partner_api_keys.key_hash is 'SHA-256 of the key (256 random bits need no slow hash).';
comment on column private.partner_api_keys.scopes is 'What it may do; see private.partner_scopes().';
comment on column private.partner_api_keys.created_at is 'When made.';
comment on column private.partner_api_keys.last_used_at is 'Last use, to the minute.';
comment on column private.partner_api_keys.expires_at is 'When it ends by itself; null: never.';
comment on column private.partner_api_keys.revoked_at is 'When it was revoked; it died at that moment.';
comment on column private.partner_api_keys.wrong_codes is 'Wrong codes tried since wrong_codes_since.';
comment on column private.partner_api_keys.wrong_codes_since is 'Start of the current window for wrong codes.';

comment on table private.partner_connections is 'How to reach a partner''s own code system, and the secret both sides sign with.';
comment on column private.partner_connections.partner_id is 'The partner.';
comment on column private.partner_connections.url is 'Where codes are asked for; null: the partner only sends events.';
comment on column private.partner_connections.secret is 'Signing secret, sealed.';
comment on column private.partner_connections.previous_secret is 'The secret before the last change; counts for another 24 hours.';
comment on column private.partner_connections.secret_rotated_at is 'Last change of the secret.';
comment on column private.partner_connections.updated_at is 'Last change.';

comment on table private.webhook_endpoints is 'Where partners want to be told of events. Watch ops.webhook_endpoints_health.';
comment on column private.webhook_endpoints.id is 'Identity.';
comment on column private.webhook_endpoints.partner_id is 'The partner.';
comment on column private.webhook_endpoints.url is 'Public https address; checked again at every connection.';
comment on column private.webhook_endpoints.event_types is 'What it wants to hear; see private.webhook_event_types().';
comment on column private.webhook_endpoints.secret is 'Signing secret, sealed.';
comment on column private.webhook_endpoints.previous_secret is 'The secret before the last rotation; signs along for 24 hours.';
comment on column private.webhook_endpoints.secret_rotated_at is 'Last rotation.';
comment on column private.webhook_endpoints.is_enabled is 'False: nothing is sent. Enable it with ops.enable_webhook_endpoint(endpoint_id).';
comment on column private.webhook_endpoints.disabled_at is 'When it was disabled.';
comment on column private.webhook_endpoints.disabled_reason is 'Why, in words.';
comment on column private.webhook_endpoints.failure_streak is 'Failed attempts since the last success.';
comment on column private.webhook_endpoints.paused_until is 'While it fails, nothing is sent before this moment.';
comment on column private.webhook_endpoints.created_at is 'When entered.';

comment on table private.webhook_messages is 'Outbox: one row per event and endpoint, written in the transaction of the event.';
comment on column private.webhook_messages.id is 'Order of entry.';
comment on column private.webhook_messages.webhook_id is 'Header webhook-id; the same at every attempt, so that the receiver can tell a repetition.';
comment on column private.webhook_messages.endpoint_id is 'Where it goes.';
comment on column private.webhook_messages.partner_id is 'Whose it is.';
comment on column private.webhook_messages.type is 'redemption.created, redemption.used, redemption.expired, redemption.cancelled, reward.sold_out.';
comment on column private.webhook_messages.payload is 'The body: type, timestamp, data. Names no member.';
comment on column private.webhook_messages.status is 'pending, delivered, dead (given up after three days; can be replayed).';
comment on column private.webhook_messages.attempts is 'Attempts so far.';
comment on column private.webhook_messages.next_attempt_at is 'When it is due; while it is being sent, when the sender''s lease ends.';
comment on column private.webhook_messages.delivered_at is 'When the endpoint took it.';
comment on column private.webhook_messages.last_status is 'HTTP status of the last answer.';
comment on column private.webhook_messages.last_error is 'Why the last attempt failed.';
comment on column private.webhook_messages.created_at is 'When the event happened.';

comment on table private.webhook_attempts is 'What became of each attempt to deliver a message.';
comment on column private.webhook_attempts.message_id is 'The message.';
comment on column private.webhook_attempts.attempt is 'Number of the attempt, from 1.';
comment on column private.webhook_attempts.response_status is 'HTTP status; null without an answer.';
comment on column private.webhook_attempts.error is 'Why there was no answer.';
comment on column private.webhook_attempts.response_excerpt is 'Beginning of the answer, for finding faults.';
comment on column private.webhook_attempts.duration_ms is 'How long it took, in milliseconds.';
comment on column private.webhook_attempts.created_at is 'When.';

comment on table private.partner_events is 'Events that partners sent, each once: the replay store, and the record of what they changed.';
comment on column private.partner_events.partner_id is 'Who sent it.';
comment on column private.partner_events.event_id is 'The sender''s webhook-id.';
comment on column private.partner_events.type is 'code.issued, code.used, code.cancelled.';
comment on column private.partner_events.redemption_id is 'The redemption it is about, when it was found.';
comment on column private.partner_events.outcome is 'applied, ignored (it was final already), conflict (used there, but the points were given back here).';
comment on column private.partner_events.occurred_at is 'When it happened there.';
comment on column private.partner_events.received_at is 'When it arrived.';

-- Indexes ---------------------------------------------------------------------------------------------------------------

create index partners_by_name on public.partners (name, id) where is_active;
create index places_by_partner on public.places (partner_id);
create unique index place_is_imported_once on public.places (source, source_id) where source_id is not null;
create index rewards_by_partner on public.rewards (partner_id, id);
create index rewards_offered on public.rewards (created_at desc, id desc) where is_active;
create unique index redemption_has_one_code on private.reward_codes (redemption_id) where redemption_id is not null;
create index reward_codes_in_pool on private.reward_codes (reward_id, id) where redemption_id is null;
create index partner_api_keys_by_partner on private.partner_api_keys (partner_id);
create index webhook_endpoints_by_partner on private.webhook_endpoints (partner_id);
create index webhook_messages_due on private.webhook_messages (endpoint_id, next_attempt_at, id) where status = 'pending';
create index webhook_messages_by_endpoint on private.webhook_messages (endpoint_id);
create index webhook_messages_by_partner on private.webhook_messages (partner_id, id desc);
create index webhook_messages_by_age on private.webhook_messages (created_at);

-- Row level security ----------------------------------------------------------------------------------------------------

alter table public.partners enable row level security;
alter table private.partner_contacts enable row level security;
alter table public.places enable row level security;
alter table public.rewards enable row level security;
alter table public.reward_stocks enable row level security;
alter table private.reward_codes enable row level security;
alter table private.partner_api_keys enable row level security;
alter table private.partner_connections enable row level security;
alter table private.webhook_endpoints enable row level security;
alter table private.webhook_messages enable row level security;
alter table private.webhook_attempts enable row level security;
alter table private.partner_events enable row level security;

create policy active_partners_are_readable_by_everyone on public.partners for select to anon, authenticated using (is_active);
create policy active_places_are_readable_by_everyone on public.places for select to anon, authenticated
  using (is_active and (partner_id is null or partner_id in (select p.id from public.partners p)));
create policy active_rewards_are_readable_by_everyone on public.rewards for select to anon, authenticated
  using (is_active and partner_id in (select p.id from public.partners p));
create policy stocks_of_active_rewards_are_readable_by_everyone on public.reward_stocks for select to anon, authenticated
  using (reward_id in (select r.id from public.rewards r));

revoke all on public.partners, private.partner_contacts, public.places, public.rewards, public.reward_stocks, private.reward_codes,
  private.partner_api_keys, private.partner_connections, private.webhook_endpoints, private.webhook_messages, private.webhook_attempts,
  private.partner_events from public, anon, authenticated, service_role;
grant select on public.partners, public.places, public.rewards, public.reward_stocks to anon, authenticated, service_role;

-- Triggers --------------------------------------------------------------------------------------------------------------

create trigger partners_set_updated_at before update on public.partners
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();
create trigger places_set_updated_at before update on public.places
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();
create trigger rewards_set_updated_at before update on public.rewards
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create function private.check_opening_hours()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- from 00:00 to 24:00, each day a list of spans, each span from and to
  if new.opening_hours is not null and not (
    pg_catalog.jsonb_typeof(new.opening_hours) = 'object'
    and pg_catalog.jsonb_path_exists(new.opening_hours, '$ ? (!exists (@.keyvalue() ? (!(@.key like_regex "^(mon|tue|wed|thu|fri|sat|sun)$"))))')
    and pg_catalog.jsonb_path_exists(new.opening_hours, 'strict $ ? (!exists (@.* ? (@.type() != "array")))')
    and not exists (
      select from pg_catalog.jsonb_each(new.opening_hours) d,
        pg_catalog.jsonb_array_elements(case pg_catalog.jsonb_typeof(d.value) when 'array' then d.value else '[null]' end) s
      where s::text !~ '^\["([01][0-9]|2[0-3]):[0-5][0-9]", "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"\]$' or s ->> 0 >= s ->> 1))
  then
    raise exception using errcode = 'PT400', message = 'opening_hours_invalid',
      hint = 'Write them as {"mon": [["09:00", "18:00"]], "sat": [["10:00", "13:00"]]}.';
  end if;
  return new;
end $$;
comment on function private.check_opening_hours() is 'Trigger on places: refuses opening hours that an app could not read. Raises PT400 opening_hours_invalid.';
create trigger places_check_opening_hours before insert or update of opening_hours on public.places
  for each row execute function private.check_opening_hours();

create function private.keep_code_source()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT400', message = 'reward_invalid', detail = 'code_source_never_changes',
    hint = 'Retire this reward and create another one: where codes come from and who gives them never changes.';
end $$;
comment on function private.keep_code_source() is 'Trigger on rewards: refuses another code source or partner. Raises PT400 reward_invalid.';
create trigger rewards_keep_code_source before update on public.rewards
  for each row when (old.code_source <> new.code_source or old.partner_id <> new.partner_id) execute function private.keep_code_source();

create function private.open_stock()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.reward_stocks (reward_id, total) values (new.id, 0) on conflict do nothing;
  return null;
end $$;
comment on function private.open_stock() is 'Trigger on rewards: a pool reward starts with an empty stock.';
create trigger rewards_open_stock after insert on public.rewards
  for each row when (new.code_source = 'pool') execute function private.open_stock();

create function private.mark_limited()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    update public.rewards w set is_limited = true where w.id = new.reward_id;
  else
    update public.rewards w set is_limited = false where w.id = old.reward_id;
  end if;
  return null;
end $$;
comment on function private.mark_limited() is 'Trigger on reward_stocks: tells the reward that it has a stock.';
create trigger reward_stocks_mark_limited after insert or delete on public.reward_stocks
  for each row execute function private.mark_limited();

-- Private functions -----------------------------------------------------------------------------------------------------

create function private.partner_scopes()
returns text[]
language sql immutable set search_path = ''
as $$
  select array['rewards:read', 'rewards:write', 'codes:write', 'redemptions:read', 'redemptions:use', 'redemptions:cancel',
    'settlements:read', 'webhooks:read', 'webhooks:write', 'connection:write']
$$;
comment on function private.partner_scopes() is 'Everything an API key can be allowed to do.';

create function private.webhook_event_types()
returns text[]
language sql immutable set search_path = ''
as $$ select array['redemption.created', 'redemption.used', 'redemption.expired', 'redemption.cancelled', 'reward.sold_out'] $$;
comment on function private.webhook_event_types() is 'Everything an endpoint can be told of.';

create function private.require_partner(api_key_hash bytea, scope text)
returns private.partner_api_keys
language plpgsql volatile set search_path = ''
as $$
declare
  v_key       private.partner_api_keys;
  v_is_active boolean;
begin
  select k.* into v_key from private.partner_api_keys k where k.key_hash = require_partner.api_key_hash;
  if not found or v_key.revoked_at <= now() or v_key.expires_at <= now() then
    raise exception using errcode = 'PT401', message = 'api_key_invalid', hint = 'The API key is unknown, expired or revoked.';
  end if;
  select p.is_active into v_is_active from public.partners p where p.id = v_key.partner_id;
  if not v_is_active then
    raise exception using errcode = 'PT403', message = 'partner_inactive', hint = 'This partner is switched off.';
  end if;
  if require_partner.scope <> all (v_key.scopes) then
    raise exception using errcode = 'PT403', message = 'scope_missing', detail = require_partner.scope, hint = 'This API key is not allowed to do that.';
  end if;
  if v_key.last_used_at is null or v_key.last_used_at < now() - interval '1 minute' then
    -- only for information: nobody waits for it
    update private.partner_api_keys k set last_used_at = now()
    where k.id = (select l.id from private.partner_api_keys l where l.id = v_key.id for no key update skip locked);
  end if;
  return v_key;
end $$;
comment on function private.require_partner(bytea, text) is
  'Guard of every partner command: the key with this hash, alive and holding the scope (null: any). Raises PT401 api_key_invalid, PT403 partner_inactive, PT403 scope_missing.';

create function private.guard_wrong_codes(key private.partner_api_keys)
returns void
language plpgsql stable set search_path = ''
as $$
declare
  v_settings record;
begin
  select s.wrong_code_limit, pg_catalog.make_interval(mins => s.wrong_code_minutes) as length into v_settings from private.settings s;
  if key.wrong_codes >= v_settings.wrong_code_limit and key.wrong_codes_since > now() - v_settings.length then
    raise exception using errcode = 'PT429', message = 'too_many_wrong_codes',
      detail = pg_catalog.ceil(extract(epoch from key.wrong_codes_since + v_settings.length - now()))::text,
      hint = 'Too many wrong codes were tried with this key. The detail tells how many seconds to wait.';
  end if;
end $$;
comment on function private.guard_wrong_codes(private.partner_api_keys) is
  'Keeps a key that guesses codes waiting, right guesses included. Raises PT429 too_many_wrong_codes with the seconds to wait as detail.';

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
comment on function private.count_wrong_code(uuid) is 'Counts a wrong code against a key. The command must return, not raise, or the count is lost.';

create function private.emit_webhook(partner_id uuid, type text, data jsonb)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.webhook_messages (endpoint_id, partner_id, type, payload)
  select e.id, e.partner_id, emit_webhook.type,
    pg_catalog.jsonb_build_object('type', emit_webhook.type, 'timestamp', now(), 'data', emit_webhook.data)
  from private.webhook_endpoints e
  where e.partner_id = emit_webhook.partner_id and e.is_enabled and emit_webhook.type = any (e.event_types);
end $$;
comment on function private.emit_webhook(uuid, text, jsonb) is 'Puts an event into the outbox of every endpoint that wants it, within the caller''s transaction.';

create function private.clamp_page_size(page_size integer)
returns integer
language sql immutable set search_path = ''
as $$ select greatest(1, least(100, coalesce(page_size, 20))) $$;
comment on function private.clamp_page_size(integer) is 'Rows of a page: 20 by default, 1 to 100.';

create function private.as_page(items jsonb, page_size integer, key text)
returns jsonb
language sql immutable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'items', coalesce(items, '[]'),
    'next', case when pg_catalog.jsonb_array_length(items) = page_size then items -> -1 ->> key end)
$$;
comment on function private.as_page(jsonb, integer, text) is 'A page of a list: items, and next = where the following page starts, null at the end.';

-- Partner commands: bodies ----------------------------------------------------------------------------------------------

create function private.read_partner(api_key_hash bytea)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, null);
begin
  return (
    select pg_catalog.jsonb_build_object('id', p.id, 'name', p.name, 'description', p.description, 'website_url', p.website_url,
      'logo_url', p.logo_url, 'is_active', p.is_active,
      'key', pg_catalog.jsonb_build_object('id', v_key.id, 'name', v_key.name, 'scopes', v_key.scopes, 'expires_at', v_key.expires_at))
    from public.partners p where p.id = v_key.partner_id);
end $$;
comment on function private.read_partner(bytea) is 'Body of public.read_partner.';

create function private.reward_json(reward public.rewards)
returns jsonb
language sql stable set search_path = ''
as $$
  select to_jsonb(reward) || pg_catalog.jsonb_build_object('is_limited', s.total is not null, 'stock_total', s.total, 'stock_taken', s.taken)
  from (select 1) one left join public.reward_stocks s on s.reward_id = reward.id
$$;
comment on function private.reward_json(public.rewards) is 'A reward as its partner sees it, with its stock (null: unlimited).';

create function private.list_partner_rewards(api_key_hash bytea, page_size integer, after uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'rewards:read');
  v_size integer := private.clamp_page_size(page_size);
begin
  return private.as_page((
    select pg_catalog.jsonb_agg(private.reward_json(r.*::public.rewards) order by r.id)
    from (select w.* from public.rewards w
          where w.partner_id = v_key.partner_id and (list_partner_rewards.after is null or w.id > list_partner_rewards.after)
          order by w.id limit v_size) r), v_size, 'id');
end $$;
comment on function private.list_partner_rewards(bytea, integer, uuid) is 'Body of public.list_partner_rewards.';

create function private.write_reward(reward public.rewards, changes jsonb)
returns public.rewards
language plpgsql volatile set search_path = ''
as $$
declare
  v_unknown    text;
  v_constraint text;
  v_column     text;
  v_reward     public.rewards;
begin
  if pg_catalog.jsonb_typeof(changes) is distinct from 'object' then
    raise exception using errcode = 'PT400', message = 'reward_invalid', detail = 'not_an_object', hint = 'Describe the reward as a JSON object.';
  end if;
  select k into v_unknown from pg_catalog.jsonb_object_keys(changes - '{stock_total,title_de,title_en,description_de,description_en,points_cost,discount_type,discount_value,discount_currency,terms_de,terms_en,valid_from,valid_until,limit_per_member,limit_period,code_source,code_valid_days,return_days,expiry_refund_percent,is_active}'::text[]) k limit 1;
  if found then
    raise exception using errcode = 'PT400', message = 'reward_invalid', detail = v_unknown, hint = 'A reward has no such field.';
  end if;
  begin
    v_reward := pg_catalog.jsonb_populate_record(reward, changes);
    v_reward.title_de := private.clean_text(v_reward.title_de, 'title_de', 2, 255);
    v_reward.title_en := private.clean_text(v_reward.title_en, 'title_en', 2, 255);
    v_reward.description_de := private.clean_optional_text(v_reward.description_de, 'description_de', 2000, true);
    v_reward.description_en := private.clean_optional_text(v_reward.description_en, 'description_en', 2000, true);
    v_reward.terms_de := private.clean_optional_text(v_reward.terms_de, 'terms_de', 5000, true);
    v_reward.terms_en := private.clean_optional_text(v_reward.terms_en, 'terms_en', 5000, true);
    v_reward.updated_at := now();
    insert into public.rewards select v_reward.*
    on conflict (id) do update
    set title_de = excluded.title_de, title_en = excluded.title_en, description_de = excluded.description_de, description_en = excluded.description_en,
        points_cost = excluded.points_cost, discount_type = excluded.discount_type, discount_value = excluded.discount_value,
        discount_currency = excluded.discount_currency, terms_de = excluded.terms_de, terms_en = excluded.terms_en,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until, limit_per_member = excluded.limit_per_member,
        limit_period = excluded.limit_period, code_source = excluded.code_source, code_valid_days = excluded.code_valid_days,
        return_days = excluded.return_days, expiry_refund_percent = excluded.expiry_refund_percent, is_active = excluded.is_active,
        updated_at = excluded.updated_at
    returning * into v_reward;
  exception
    when check_violation or not_null_violation then
      get stacked diagnostics v_constraint = constraint_name, v_column = column_name;
      raise exception using errcode = 'PT400', message = 'reward_invalid', detail = coalesce(nullif(v_constraint, ''), v_column),
        hint = 'The reward breaks the rule that the detail names.';
    when data_exception then
      raise exception using errcode = 'PT400', message = 'reward_invalid', detail = sqlerrm, hint = 'A field of the reward has the wrong type.';
  end;
  return v_reward;
end $$;
comment on function private.write_reward(public.rewards, jsonb) is
  'Stores a reward with some fields replaced, and returns it. Raises PT400 reward_invalid (detail = the broken rule), text_blank, text_too_short, text_too_long, text_has_control_characters.';

create function private.write_stock(reward public.rewards, changes jsonb)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_total numeric;
begin
  if not changes ? 'stock_total' then
    return;
  end if;
  if pg_catalog.jsonb_typeof(changes -> 'stock_total') = 'number' then
    v_total := (changes ->> 'stock_total')::numeric;
  end if;
  if reward.code_source = 'pool' or v_total is null or v_total not between 1 and 10000000 or v_total <> pg_catalog.trunc(v_total) then
    raise exception using errcode = 'PT409', message = 'stock_not_editable',
      hint = 'The stock of a pool is its codes; elsewhere it is a whole number from 1 to 10000000, given when the reward is created.';
  end if;
  update public.reward_stocks s set total = v_total where s.reward_id = reward.id and s.taken <= v_total;
  if found then
    return;
  end if;
  if exists (select from public.reward_stocks s where s.reward_id = reward.id) then
    raise exception using errcode = 'PT409', message = 'stock_too_low', hint = 'More than that has already been given out.';
  end if;
  -- a running redemption would not count itself in a stock that starts now
  raise exception using errcode = 'PT409', message = 'stock_not_editable', hint = 'An unlimited reward stays unlimited. Retire it and create another one.';
end $$;
comment on function private.write_stock(public.rewards, jsonb) is
  'Changes the stock of a reward when stock_total is among the changes. Raises PT409 stock_not_editable, stock_too_low.';

create function private.create_reward(api_key_hash bytea, reward jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key    private.partner_api_keys := private.require_partner(api_key_hash, 'rewards:write');
  v_reward public.rewards;
begin
  v_reward.id := gen_random_uuid();
  v_reward.partner_id := v_key.partner_id;
  v_reward.valid_from := now();
  v_reward.code_source := 'generated';
  v_reward.code_valid_days := 90;
  v_reward.return_days := 0;
  v_reward.expiry_refund_percent := 0;
  v_reward.is_limited := false;
  v_reward.is_active := true;
  v_reward.created_at := now();
  v_reward := private.write_reward(v_reward, create_reward.reward);
  if pg_catalog.jsonb_typeof(create_reward.reward -> 'stock_total') <> 'null' then
    if v_reward.code_source <> 'pool' then
      insert into public.reward_stocks (reward_id, total) values (v_reward.id, 0);
    end if;
    perform private.write_stock(v_reward, create_reward.reward);
  end if;
  insert into private.audit_log (action, subject_id, details)
  values ('reward_created', v_reward.id, pg_catalog.jsonb_build_object('api_key_id', v_key.id));
  return private.reward_json(v_reward);
end $$;
comment on function private.create_reward(bytea, jsonb) is 'Body of public.create_reward.';

create function private.change_reward(api_key_hash bytea, reward_id uuid, changes jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key    private.partner_api_keys := private.require_partner(api_key_hash, 'rewards:write');
  v_reward public.rewards;
begin
  select r.* into v_reward from public.rewards r
  where r.id = change_reward.reward_id and r.partner_id = v_key.partner_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  if to_jsonb(v_reward) @> changes then  -- nothing new, nothing to record
    return private.reward_json(v_reward);
  end if;
  v_reward := private.write_reward(v_reward, changes);
  perform private.write_stock(v_reward, changes);
  insert into private.audit_log (action, subject_id, details)
  values ('reward_changed', v_reward.id, pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'changes', changes));
  return private.reward_json(v_reward);
end $$;
comment on function private.change_reward(bytea, uuid, jsonb) is 'Body of public.change_reward and public.retire_reward.';

create function private.add_codes(api_key_hash bytea, reward_id uuid, codes jsonb, all_or_nothing boolean)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key      private.partner_api_keys := private.require_partner(api_key_hash, 'codes:write');
  v_reward   public.rewards;
  v_total    integer := pg_catalog.jsonb_array_length(codes);
  v_accepted integer;
  v_lines    jsonb;
begin
  -- one upload at a time for each partner, whose codes must differ; redemptions go on
  perform from public.partners p where p.id = v_key.partner_id for no key update;
  select r.* into v_reward from public.rewards r
  where r.id = add_codes.reward_id and r.partner_id = v_key.partner_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  if v_reward.code_source <> 'pool' then
    raise exception using errcode = 'PT409', message = 'reward_has_no_pool', hint = 'Codes are uploaded for rewards with code_source pool only.';
  end if;
  with input as (
    select (c ->> 'line')::integer as line, (c ->> 'hash')::bytea as code_hash, c ->> 'ciphertext' as ciphertext
    from pg_catalog.jsonb_array_elements(codes) c
  ), firsts as (
    select distinct on (i.code_hash) i.* from input i order by i.code_hash, i.line
  ), stored as (
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
    select v_key.partner_id, v_reward.id, f.code_hash, f.ciphertext from firsts f
    -- all or nothing: with one duplicate none goes in
    where not (coalesce(add_codes.all_or_nothing, false) and (
      (select count(*) from firsts) < v_total
      or exists (select from firsts d join private.reward_codes k on k.code_hash = d.code_hash and k.partner_id = v_key.partner_id)))
    order by f.line
    on conflict do nothing
    returning code_hash
  ), results as (
    select i.line, case when s.code_hash is not null and f.line = i.line then 'accepted'
      when f.line <> i.line or exists (select from private.reward_codes k where k.code_hash = i.code_hash and k.partner_id = v_key.partner_id) then 'duplicate'
      when coalesce(add_codes.all_or_nothing, false) then 'accepted' else 'duplicate' end as outcome
    from input i join firsts f on f.code_hash = i.code_hash left join stored s on s.code_hash = i.code_hash
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('line', r.line, 'outcome', r.outcome) order by r.line), (select count(*) from stored)
  into v_lines, v_accepted from results r;

  if v_accepted > 0 then
    update public.reward_stocks s set total = s.total + v_accepted where s.reward_id = v_reward.id;
    insert into private.audit_log (action, subject_id, details)
    values ('codes_added', v_reward.id, pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'count', v_accepted));
  end if;
  return pg_catalog.jsonb_build_object('accepted', v_accepted, 'rejected', v_total - v_accepted, 'is_stored', v_accepted > 0, 'lines', coalesce(v_lines, '[]'));
end $$;
comment on function private.add_codes(bytea, uuid, jsonb, boolean) is 'Body of public.add_codes.';

create function private.connect_partner(api_key_hash bytea, url text, secret_ciphertext text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'connection:write');
  v_connection private.partner_connections;
begin
  insert into private.partner_connections as c (partner_id, url, secret)
  values (v_key.partner_id, connect_partner.url, connect_partner.secret_ciphertext)
  on conflict (partner_id) do update
  set url = excluded.url, previous_secret = c.secret, secret = excluded.secret, secret_rotated_at = now(), updated_at = now()
  returning c.* into v_connection;
  insert into private.audit_log (action, subject_id, details)
  values ('partner_connected', v_key.partner_id, pg_catalog.jsonb_build_object('api_key_id', v_key.id));
  return pg_catalog.jsonb_build_object('url', v_connection.url, 'updated_at', v_connection.updated_at);
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'webhook_url_invalid', hint = 'The address must be an http(s) URL of at most 2000 characters.';
end $$;
comment on function private.connect_partner(bytea, text, text) is 'Body of public.connect_partner.';

create function private.valid_secrets(secret text, previous_secret text, rotated_at timestamptz)
returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return array[secret] || case when previous_secret is not null and rotated_at > now() - interval '24 hours' then array[previous_secret] else '{}' end;
end $$;
comment on function private.valid_secrets(text, text, timestamptz) is 'The secret, and the one before it for 24 hours after the rotation.';

create function private.read_partner_connection(partner_id uuid)
returns jsonb
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.jsonb_build_object('secrets', private.valid_secrets(c.secret, c.previous_secret, c.secret_rotated_at))
  from private.partner_connections c join public.partners p on p.id = c.partner_id
  where c.partner_id = read_partner_connection.partner_id and p.is_active
$$;
comment on function private.read_partner_connection(uuid) is 'Body of public.read_partner_connection.';

-- Webhooks: bodies ------------------------------------------------------------------------------------------------------

create function private.endpoint_json(endpoint private.webhook_endpoints)
returns jsonb
language sql immutable set search_path = ''
as $$ select to_jsonb(endpoint) - '{partner_id,secret,previous_secret,paused_until}'::text[] $$;
comment on function private.endpoint_json(private.webhook_endpoints) is 'A webhook endpoint as its partner sees it, without secrets.';

create function private.message_json(message private.webhook_messages)
returns jsonb
language sql immutable set search_path = ''
as $$ select to_jsonb(message) - 'partner_id' $$;
comment on function private.message_json(private.webhook_messages) is 'A webhook message as its partner sees it.';

create function private.create_webhook_endpoint(api_key_hash bytea, url text, event_types text[], secret_ciphertext text)
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
  perform from public.partners p where p.id = v_key.partner_id for no key update;  -- the limit is counted one by one
  if (select count(*) from private.webhook_endpoints e where e.partner_id = v_key.partner_id) >= 10 then
    raise exception using errcode = 'PT409', message = 'webhook_endpoint_limit', hint = 'Delete an endpoint first.';
  end if;
  insert into private.webhook_endpoints (partner_id, url, event_types, secret)
  values (v_key.partner_id, create_webhook_endpoint.url,
    array(select distinct t from pg_catalog.unnest(create_webhook_endpoint.event_types) t order by t), create_webhook_endpoint.secret_ciphertext)
  returning * into v_endpoint;
  return private.endpoint_json(v_endpoint);
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'webhook_url_invalid', hint = 'The address must be an http(s) URL of at most 2000 characters.';
end $$;
comment on function private.create_webhook_endpoint(bytea, text, text[], text) is 'Body of public.create_webhook_endpoint.';

create function private.list_webhook_endpoints(api_key_hash bytea)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:read');
begin
  return coalesce((
    select pg_catalog.jsonb_agg(private.endpoint_json(e.*::private.webhook_endpoints) order by e.created_at, e.id)
    from private.webhook_endpoints e where e.partner_id = v_key.partner_id), '[]');
end $$;
comment on function private.list_webhook_endpoints(bytea) is 'Body of public.list_webhook_endpoints.';

create function private.rotate_webhook_secret(api_key_hash bytea, endpoint_id uuid, secret_ciphertext text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key      private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_endpoint private.webhook_endpoints;
begin
  update private.webhook_endpoints e
  set previous_secret = e.secret, secret = rotate_webhook_secret.secret_ciphertext, secret_rotated_at = now()
  where e.id = rotate_webhook_secret.endpoint_id and e.partner_id = v_key.partner_id
  returning e.* into v_endpoint;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found', hint = 'There is no such endpoint.';
  end if;
  return private.endpoint_json(v_endpoint);
end $$;
comment on function private.rotate_webhook_secret(bytea, uuid, text) is 'Body of public.rotate_webhook_secret.';

create function private.delete_webhook_endpoint(api_key_hash bytea, endpoint_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
begin
  delete from private.webhook_endpoints e where e.id = delete_webhook_endpoint.endpoint_id and e.partner_id = v_key.partner_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found', hint = 'There is no such endpoint.';
  end if;
end $$;
comment on function private.delete_webhook_endpoint(bytea, uuid) is 'Body of public.delete_webhook_endpoint.';

create function private.list_webhook_messages(api_key_hash bytea, status text, page_size integer, after bigint)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:read');
  v_size integer := private.clamp_page_size(page_size);
begin
  return private.as_page((
    select pg_catalog.jsonb_agg(private.message_json(m.*::private.webhook_messages) order by m.id desc)
    from (select w.* from private.webhook_messages w
          where w.partner_id = v_key.partner_id and w.id < coalesce(list_webhook_messages.after, 9223372036854775807)
            and (list_webhook_messages.status is null or w.status = list_webhook_messages.status)
          order by w.id desc limit v_size) m), v_size, 'id');
end $$;
comment on function private.list_webhook_messages(bytea, text, integer, bigint) is 'Body of public.list_webhook_messages.';

create function private.replay_webhook_message(api_key_hash bytea, message_id bigint)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key     private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_message private.webhook_messages;
begin
  -- three more days from now on
  update private.webhook_messages m
  set status = 'pending', next_attempt_at = now(), delivered_at = null, attempts = 0, created_at = now()
  where m.id = replay_webhook_message.message_id and m.partner_id = v_key.partner_id
  returning m.* into v_message;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_message_not_found', hint = 'There is no such message.';
  end if;
  delete from private.webhook_attempts a where a.message_id = v_message.id;
  return private.message_json(v_message);
end $$;
comment on function private.replay_webhook_message(bytea, bigint) is 'Body of public.replay_webhook_message.';

create function private.claim_webhook_messages(batch integer, per_endpoint integer, except_endpoints uuid[])
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_messages jsonb;
begin
  with due as (
    -- a failing endpoint gets one message at a time, to see whether it is back; the others get their share at once
    select d.id, e.id as endpoint_id, e.url, private.valid_secrets(e.secret, e.previous_secret, e.secret_rotated_at) as secrets
    from (select w.* from private.webhook_endpoints w where w.is_enabled and w.paused_until <= now() and w.id <> all (coalesce(claim_webhook_messages.except_endpoints, '{}'))
          order by pg_catalog.random()) e
    cross join lateral (
      select m.id from private.webhook_messages m
      where m.endpoint_id = e.id and m.status = 'pending' and m.next_attempt_at <= now()
      order by m.next_attempt_at, m.id
      limit case when e.failure_streak > 0 then 1 else greatest(1, least(100, claim_webhook_messages.per_endpoint)) end
      for no key update skip locked) d
    limit greatest(1, least(1000, claim_webhook_messages.batch))
  ), claimed as (
    update private.webhook_messages m
    set attempts = m.attempts + 1, next_attempt_at = now() + interval '60 seconds'
    from due where m.id = due.id
    returning m.id, m.webhook_id, m.payload, m.attempts, due.endpoint_id, due.url, due.secrets
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', c.id, 'webhook_id', c.webhook_id, 'endpoint_id', c.endpoint_id,
    'url', c.url, 'payload', c.payload::text, 'secrets', c.secrets, 'attempt', c.attempts) order by c.id) into v_messages
  from claimed c;
  return coalesce(v_messages, '[]');
end $$;
comment on function private.claim_webhook_messages(integer, integer, uuid[]) is 'Body of public.claim_webhook_messages.';

create function private.webhook_delay(attempt integer)
returns interval
language sql volatile set search_path = ''
as $$ select least(interval '12 hours', interval '10 seconds' * pg_catalog.power(3, least(greatest(attempt, 1), 20) - 1)) * (0.8 + 0.4 * pg_catalog.random()) $$;
comment on function private.webhook_delay(integer) is 'Wait after a failed attempt: 10 seconds, tripling, at most 12 hours, spread by a fifth either way.';

create function private.record_webhook_attempts(results jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_give_up   constant interval := interval '3 days';
  c_streak    constant integer := 20;
  v_result    record;
  v_message   private.webhook_messages;
  v_is_done   boolean;
  v_delay     interval;
  v_streak    integer;
  v_delivered integer := 0;
  v_retried   integer := 0;
  v_dead      integer := 0;
  v_disabled  integer := 0;
begin
  -- lock: the endpoints first and in order, as their deletion does
  perform from private.webhook_endpoints e
  where e.id in (
    select m.endpoint_id from pg_catalog.jsonb_array_elements(results) r join private.webhook_messages m on m.id = (r ->> 'id')::bigint)
  order by e.id for no key update;
  for v_result in
    select (r ->> 'id')::bigint as id, (r ->> 'response_status')::integer as status, pg_catalog.left(r ->> 'error', 500) as error,
      (r ->> 'duration_ms')::integer as duration_ms, pg_catalog.left(r ->> 'response_excerpt', 500) as excerpt
    from pg_catalog.jsonb_array_elements(results) r
  loop
    select m.* into v_message from private.webhook_messages m where m.id = v_result.id and m.status = 'pending' for no key update;
    continue when not found;  -- deleted with its endpoint, or another sender was faster
    v_is_done := v_result.status between 200 and 299;
    v_delay := private.webhook_delay(v_message.attempts);
    insert into private.webhook_attempts (message_id, attempt, response_status, error, response_excerpt, duration_ms)
    values (v_message.id, v_message.attempts, v_result.status, v_result.error, v_result.excerpt, v_result.duration_ms)
    on conflict (message_id, attempt) do nothing;
    update private.webhook_messages m
    set status = case when v_is_done then 'delivered' when now() + v_delay > m.created_at + c_give_up then 'dead' else 'pending' end,
        delivered_at = case when v_is_done then now() end,
        next_attempt_at = now() + v_delay,
        last_status = v_result.status,
        last_error = v_result.error
    where m.id = v_message.id
    returning m.* into v_message;

    if v_is_done then
      v_delivered := v_delivered + 1;
      update private.webhook_endpoints e set failure_streak = 0, paused_until = now() where e.id = v_message.endpoint_id and e.failure_streak > 0;
    else
      if v_message.status = 'dead' then v_dead := v_dead + 1; else v_retried := v_retried + 1; end if;
      -- answers that were under way together count as one failure
      update private.webhook_endpoints e
      set failure_streak = e.failure_streak + 1, paused_until = now() + least(interval '1 hour', private.webhook_delay(e.failure_streak + 1))
      where e.id = v_message.endpoint_id and e.paused_until <= now()
      returning e.failure_streak into v_streak;
      if v_result.status = 410 or v_streak >= c_streak then
        update private.webhook_endpoints e
        set is_enabled = false, disabled_at = now(),
            disabled_reason = case when v_result.status = 410 then 'The endpoint answered 410 Gone.' else pg_catalog.format('%s attempts in a row failed.', c_streak) end
        where e.id = v_message.endpoint_id and e.is_enabled;
        if found then
          v_disabled := v_disabled + 1;
          insert into private.audit_log (action, subject_id) values ('webhook_endpoint_disabled', v_message.endpoint_id);
        end if;
      end if;
      v_streak := null;
    end if;
  end loop;
  return pg_catalog.jsonb_build_object('delivered', v_delivered, 'retried', v_retried, 'dead', v_dead, 'disabled', v_disabled);
end $$;
comment on function private.record_webhook_attempts(jsonb) is 'Body of public.record_webhook_attempts.';

-- Operations ------------------------------------------------------------------------------------------------------------

create function ops.create_partner_key(partner_id uuid, name text, scopes text[], expires_at timestamptz default null)
returns table (key_id uuid, key text)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- two random UUIDs: 244 bits from the server's CSPRNG
  v_key text := 'nhp_' || pg_catalog.replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
begin
  if not exists (select from public.partners p where p.id = create_partner_key.partner_id) then
    raise exception using errcode = 'PT404', message = 'partner_not_found', hint = 'There is no such partner.';
  end if;
  if coalesce(pg_catalog.cardinality(scopes), 0) = 0 or not scopes <@ private.partner_scopes() then
    raise exception using errcode = 'PT400', message = 'scope_invalid', hint = 'Choose from: ' || pg_catalog.array_to_string(private.partner_scopes(), ', ');
  end if;
  insert into private.partner_api_keys as k (partner_id, name, key_hash, scopes, expires_at)
  values (create_partner_key.partner_id, private.clean_text(create_partner_key.name, 'name', 1, 255), pg_catalog.sha256(v_key::bytea),
    create_partner_key.scopes, create_partner_key.expires_at)
  returning k.id into create_partner_key.key_id;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'api_key_created', create_partner_key.partner_id, pg_catalog.jsonb_build_object('api_key_id', key_id, 'scopes', scopes));
  key := v_key;
  return next;
end $$;
comment on function ops.create_partner_key(uuid, text, text[], timestamptz) is
  'Makes an API key for a partner and returns it, this one time: only its hash is kept. Scopes: see private.partner_scopes(). Errors: partner_not_found, scope_invalid, text_blank, text_too_long.';

create function ops.rotate_partner_key(key_id uuid, overlap interval default '24 hours')
returns table (new_key_id uuid, key text)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_old  private.partner_api_keys;
  v_term timestamptz := (
    select now() + (k.expires_at - k.created_at) from private.partner_api_keys k where k.id = rotate_partner_key.key_id);
begin
  update private.partner_api_keys k
  set expires_at = least(k.expires_at, now() + greatest(rotate_partner_key.overlap, interval '0'))
  where k.id = rotate_partner_key.key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  returning k.* into v_old;
  if not found then
    raise exception using errcode = 'PT404', message = 'api_key_not_found', hint = 'There is no such key, or it has ended.';
  end if;
  return query select c.key_id, c.key from ops.create_partner_key(v_old.partner_id, v_old.name, v_old.scopes, v_term) c;
end $$;
comment on function ops.rotate_partner_key(uuid, interval) is
  'Makes a new key with the same rights and the same length of life, and lets the old one end after the overlap. Errors: api_key_not_found.';

create function ops.revoke_partner_key(key_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.partner_api_keys k set revoked_at = coalesce(k.revoked_at, now()) where k.id = revoke_partner_key.key_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'api_key_not_found', hint = 'There is no such key.';
  end if;
  insert into private.audit_log (actor_id, action, subject_id) values (auth.uid(), 'api_key_revoked', revoke_partner_key.key_id);
end $$;
comment on function ops.revoke_partner_key(uuid) is 'Ends a key at once. Repeating it changes nothing. Errors: api_key_not_found.';

create function ops.enable_webhook_endpoint(endpoint_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.webhook_endpoints e
  set is_enabled = true, disabled_at = null, disabled_reason = null, failure_streak = 0, paused_until = now()
  where e.id = enable_webhook_endpoint.endpoint_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found', hint = 'There is no such endpoint.';
  end if;
end $$;
comment on function ops.enable_webhook_endpoint(uuid) is 'Switches an endpoint on again; what is still pending is sent. Errors: webhook_endpoint_not_found.';

create view ops.webhook_endpoints_health with (security_invoker = true) as
select e.id, p.name as partner, e.url, e.is_enabled, e.disabled_at, e.disabled_reason, e.failure_streak, e.paused_until,
  m.pending, m.dead, m.oldest_pending_at, m.last_delivered_at, m.last_error
from private.webhook_endpoints e
join public.partners p on p.id = e.partner_id
cross join lateral (
  select count(*) filter (where w.status = 'pending') as pending, count(*) filter (where w.status = 'dead') as dead,
    min(w.created_at) filter (where w.status = 'pending') as oldest_pending_at, max(w.delivered_at) as last_delivered_at,
    (pg_catalog.array_agg(coalesce(w.last_error, w.last_status::text) order by w.id desc) filter (where w.status <> 'delivered'))[1] as last_error
  from private.webhook_messages w where w.endpoint_id = e.id) m;

comment on view ops.webhook_endpoints_health is 'How the webhook endpoints of partners are doing, for Studio: which are disabled, what is waiting or was given up.';
comment on column ops.webhook_endpoints_health.id is 'The endpoint; switch it on again with ops.enable_webhook_endpoint(id).';
comment on column ops.webhook_endpoints_health.partner is 'Whose it is.';
comment on column ops.webhook_endpoints_health.url is 'Where it goes.';
comment on column ops.webhook_endpoints_health.is_enabled is 'False: nothing is sent.';
comment on column ops.webhook_endpoints_health.disabled_at is 'When it was disabled.';
comment on column ops.webhook_endpoints_health.disabled_reason is 'Why.';
comment on column ops.webhook_endpoints_health.failure_streak is 'Failed attempts since the last success.';
comment on column ops.webhook_endpoints_health.paused_until is 'While it fails, nothing is sent before this moment.';
comment on column ops.webhook_endpoints_health.pending is 'Messages waiting.';
comment on column ops.webhook_endpoints_health.dead is 'Messages given up after three days.';
comment on column ops.webhook_endpoints_health.oldest_pending_at is 'Age of the oldest waiting message.';
comment on column ops.webhook_endpoints_health.last_delivered_at is 'Last success.';
comment on column ops.webhook_endpoints_health.last_error is 'Why the newest message that is not delivered failed.';

-- Public RPCs: for the edge functions, executable by service_role alone ----------------------------------------------------
-- Hashes come as text, \x and hexadecimal: drivers disagree on how bytea is written in JSON.

create function public.read_partner(api_key_hash text)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.read_partner(api_key_hash::bytea); end $$;
comment on function public.read_partner(text) is
  'The partner an API key belongs to, and what the key may do. Scope: none. Errors: api_key_invalid, scope_missing, partner_inactive.';

create function public.list_partner_rewards(api_key_hash text, page_size integer default 20, after uuid default null)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.list_partner_rewards(api_key_hash::bytea, page_size, after); end $$;
comment on function public.list_partner_rewards(text, integer, uuid) is
  'The partners rewards, retired ones included, by id: {items, next}. Scope: rewards:read. Errors: api_key_invalid, scope_missing, partner_inactive.';

create function public.create_reward(api_key_hash text, reward jsonb)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.create_reward(api_key_hash::bytea, reward); end $$;
comment on function public.create_reward(text, jsonb) is
  'Creates a reward from an object with the columns of rewards (snake_case) and stock_total, and returns it. Scope: rewards:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_invalid (detail = broken rule), text_blank, text_too_short, text_too_long, text_has_control_characters, stock_not_editable.';

create function public.change_reward(api_key_hash text, reward_id uuid, changes jsonb)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.change_reward(api_key_hash::bytea, reward_id, changes); end $$;
comment on function public.change_reward(text, uuid, jsonb) is
  'Replaces the given fields of a reward and returns it. Scope: rewards:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found, reward_invalid (detail = broken rule), text_blank, text_too_short, text_too_long, text_has_control_characters, stock_not_editable, stock_too_low.';

create function public.retire_reward(api_key_hash text, reward_id uuid)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.change_reward(api_key_hash::bytea, reward_id, '{"is_active": false}'); end $$;
comment on function public.retire_reward(text, uuid) is
  'Ends the offer of a reward and returns it; codes already given stay valid. Repeating it changes nothing. Scope: rewards:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found.';

create function public.add_codes(api_key_hash text, reward_id uuid, codes jsonb, all_or_nothing boolean default false)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.add_codes(api_key_hash::bytea, reward_id, codes, all_or_nothing); end $$;
comment on function public.add_codes(text, uuid, jsonb, boolean) is
  'Adds sealed codes [{line, hash, ciphertext}] to the pool of a reward: {accepted, rejected, is_stored, lines: [{line, outcome: accepted or duplicate}]}. With all_or_nothing one duplicate stores nothing. Scope: codes:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found, reward_has_no_pool.';

create function public.connect_partner(api_key_hash text, url text, secret_ciphertext text)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.connect_partner(api_key_hash::bytea, url, secret_ciphertext); end $$;
comment on function public.connect_partner(text, text, text) is
  'Sets where the partner is asked for codes (null: nowhere) and the sealed secret both sides sign with; the secret before counts for another 24 hours. Scope: connection:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_url_invalid.';

create function public.read_partner_connection(partner_id uuid)
returns jsonb
language plpgsql stable set search_path = ''
as $$ begin return private.read_partner_connection(partner_id); end $$;
comment on function public.read_partner_connection(uuid) is
  'The sealed secrets a partner may sign events with: {secrets}; null for unknown or inactive partners. For the edge function partner-events.';

create function public.create_webhook_endpoint(api_key_hash text, url text, event_types text[], secret_ciphertext text)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.create_webhook_endpoint(api_key_hash::bytea, url, event_types, secret_ciphertext); end $$;
comment on function public.create_webhook_endpoint(text, text, text[], text) is
  'Adds a webhook endpoint, at most 10 per partner. Scope: webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_url_invalid, event_type_invalid, webhook_endpoint_limit.';

create function public.list_webhook_endpoints(api_key_hash text)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.list_webhook_endpoints(api_key_hash::bytea); end $$;
comment on function public.list_webhook_endpoints(text) is
  'The partners webhook endpoints without their secrets. Scope: webhooks:read. Errors: api_key_invalid, scope_missing, partner_inactive.';

create function public.rotate_webhook_secret(api_key_hash text, endpoint_id uuid, secret_ciphertext text)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.rotate_webhook_secret(api_key_hash::bytea, endpoint_id, secret_ciphertext); end $$;
comment on function public.rotate_webhook_secret(text, uuid, text) is
  'Gives an endpoint a new sealed secret; the one before signs along for 24 hours. Scope: webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_endpoint_not_found.';

create function public.delete_webhook_endpoint(api_key_hash text, endpoint_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.delete_webhook_endpoint(api_key_hash::bytea, endpoint_id); end $$;
comment on function public.delete_webhook_endpoint(text, uuid) is
  'Deletes an endpoint and its messages. Scope: webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_endpoint_not_found.';

create function public.list_webhook_messages(api_key_hash text, status text default null, page_size integer default 20, after bigint default null)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.list_webhook_messages(api_key_hash::bytea, status, page_size, after); end $$;
comment on function public.list_webhook_messages(text, text, integer, bigint) is
  'The partners webhook messages, newest first: {items, next}. Scope: webhooks:read. Errors: api_key_invalid, scope_missing, partner_inactive.';

create function public.replay_webhook_message(api_key_hash text, message_id bigint)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.replay_webhook_message(api_key_hash::bytea, message_id); end $$;
comment on function public.replay_webhook_message(text, bigint) is
  'Sends a message again, with the same webhook-id, and returns it. Scope: webhooks:write. Errors: api_key_invalid, scope_missing, partner_inactive, webhook_message_not_found.';

create function public.claim_webhook_messages(batch integer default 100, per_endpoint integer default 10, except_endpoints uuid[] default '{}')
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.claim_webhook_messages(batch, per_endpoint, except_endpoints); end $$;
comment on function public.claim_webhook_messages(integer, integer, uuid[]) is
  'Hands out messages that are due, for 60 seconds: [{id, webhook_id, endpoint_id, url, payload, secrets, attempt}]. An endpoint gets at most per_endpoint at once, a failing one a single one, those in except_endpoints (the caller is still busy with them) none. For the edge function deliver-webhooks.';

create function public.record_webhook_attempts(results jsonb)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return private.record_webhook_attempts(results); end $$;
comment on function public.record_webhook_attempts(jsonb) is
  'Books what became of attempts [{id, response_status, error, duration_ms, response_excerpt}]: {delivered, retried, dead, disabled}. Failed ones are repeated over three days; an endpoint that fails 20 times in a row or answers 410 is disabled. For the edge function deliver-webhooks.';

-- Execute grants --------------------------------------------------------------------------------------------------------

revoke all on ops.webhook_endpoints_health from public, anon, authenticated, service_role;
revoke all on function
  private.check_opening_hours(), private.keep_code_source(), private.open_stock(), private.mark_limited(), private.partner_scopes(), private.webhook_event_types(),
  private.require_partner(bytea, text), private.guard_wrong_codes(private.partner_api_keys), private.count_wrong_code(uuid),
  private.emit_webhook(uuid, text, jsonb), private.clamp_page_size(integer), private.as_page(jsonb, integer, text),
  private.reward_json(public.rewards), private.write_reward(public.rewards, jsonb), private.write_stock(public.rewards, jsonb),
  private.valid_secrets(text, text, timestamptz), private.endpoint_json(private.webhook_endpoints), private.message_json(private.webhook_messages),
  private.webhook_delay(integer), private.read_partner(bytea), private.list_partner_rewards(bytea, integer, uuid),
  private.create_reward(bytea, jsonb), private.change_reward(bytea, uuid, jsonb), private.add_codes(bytea, uuid, jsonb, boolean),
  private.connect_partner(bytea, text, text), private.read_partner_connection(uuid), private.create_webhook_endpoint(bytea, text, text[], text),
  private.list_webhook_endpoints(bytea), private.rotate_webhook_secret(bytea, uuid, text), private.delete_webhook_endpoint(bytea, uuid),
  private.list_webhook_messages(bytea, text, integer, bigint), private.replay_webhook_message(bytea, bigint),
  private.claim_webhook_messages(integer, integer, uuid[]), private.record_webhook_attempts(jsonb), public.read_partner(text),
  public.list_partner_rewards(text, integer, uuid), public.create_reward(text, jsonb), public.change_reward(text, uuid, jsonb),
  public.retire_reward(text, uuid), public.add_codes(text, uuid, jsonb, boolean), public.connect_partner(text, text, text),
  public.read_partner_connection(uuid), public.create_webhook_endpoint(text, text, text[], text), public.list_webhook_endpoints(text),
  public.rotate_webhook_secret(text, uuid, text), public.delete_webhook_endpoint(text, uuid),
  public.list_webhook_messages(text, text, integer, bigint), public.replay_webhook_message(text, bigint),
  public.claim_webhook_messages(integer, integer, uuid[]), public.record_webhook_attempts(jsonb), ops.create_partner_key(uuid, text, text[], timestamptz),
  ops.rotate_partner_key(uuid, interval), ops.revoke_partner_key(uuid), ops.enable_webhook_endpoint(uuid)
  from public, anon, authenticated, service_role;
grant usage on schema private to service_role;
grant execute on function
  private.read_partner(bytea), private.list_partner_rewards(bytea, integer, uuid), private.create_reward(bytea, jsonb),
  private.change_reward(bytea, uuid, jsonb), private.add_codes(bytea, uuid, jsonb, boolean), private.connect_partner(bytea, text, text),
  private.read_partner_connection(uuid), private.create_webhook_endpoint(bytea, text, text[], text), private.list_webhook_endpoints(bytea),
  private.rotate_webhook_secret(bytea, uuid, text), private.delete_webhook_endpoint(bytea, uuid),
  private.list_webhook_messages(bytea, text, integer, bigint), private.replay_webhook_message(bytea, bigint),
  private.claim_webhook_messages(integer, integer, uuid[]), private.record_webhook_attempts(jsonb), public.read_partner(text),
  public.list_partner_rewards(text, integer, uuid), public.create_reward(text, jsonb), public.change_reward(text, uuid, jsonb),
  public.retire_reward(text, uuid), public.add_codes(text, uuid, jsonb, boolean), public.connect_partner(text, text, text),
  public.read_partner_connection(uuid), public.create_webhook_endpoint(text, text, text[], text), public.list_webhook_endpoints(text),
  public.rotate_webhook_secret(text, uuid, text), public.delete_webhook_endpoint(text, uuid),
  public.list_webhook_messages(text, text, integer, bigint), public.replay_webhook_message(text, bigint),
  public.claim_webhook_messages(integer, integer, uuid[]), public.record_webhook_attempts(jsonb), ops.create_partner_key(uuid, text, text[], timestamptz),
  ops.rotate_partner_key(uuid, interval), ops.revoke_partner_key(uuid), ops.enable_webhook_endpoint(uuid)
  to service_role;
