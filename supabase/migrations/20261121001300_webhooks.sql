-- Written by npm run db:build from supabase/schemas/webhooks/: edit there.

-- schemas/webhooks/tables.sql

-- Room: webhooks. What partners' servers are told, and how it gets there.

create table private.webhook_endpoints (
  id                uuid primary key default gen_random_uuid(),
  partner_id        uuid not null references public.partners (id) on delete cascade,
  url               text not null,
  event_types       text[] not null,
  secret            text not null,
  older_secrets     jsonb not null default '[]',
  secret_rotated_at timestamptz not null default now(),
  is_sandbox        boolean not null default false,
  is_enabled        boolean not null default true,
  disabled_at       timestamptz,
  disabled_reason   text,
  failure_streak    integer not null default 0,
  paused_until      timestamptz not null default now(),
  created_at        timestamptz not null default now(),
  constraint endpoint_url_is_http check (url ~ '^https?://[^\s]+$' and char_length(url) <= 2000)
) with (fillfactor = 70);

comment on table private.webhook_endpoints is
  'Where partners want to be told of events. Watch ops.webhook_endpoints_health.';
comment on column private.webhook_endpoints.url is 'Public https address; checked again at every connection.';
comment on column private.webhook_endpoints.event_types is 'What it wants to hear; see private.webhook_event_types().';
comment on column private.webhook_endpoints.secret is 'Signing secret, sealed.';
comment on column private.webhook_endpoints.older_secrets is
  'Secrets before, sealed: [{secret, replaced_at}]; each signs along for 24 hours after it was replaced.';
comment on column private.webhook_endpoints.is_sandbox is
  'Made by a sandbox key: it is told of test codes, and of nothing else; other endpoints never are.';
comment on column private.webhook_endpoints.is_enabled is
  'False: nothing is sent. Enable it with ops.enable_webhook_endpoint(endpoint_id).';
comment on column private.webhook_endpoints.disabled_reason is 'Why, in words.';
comment on column private.webhook_endpoints.failure_streak is 'Failed attempts since the last success.';
comment on column private.webhook_endpoints.paused_until is 'While it fails, nothing is sent before this moment.';

create index webhook_endpoints_by_partner on private.webhook_endpoints (partner_id);

alter table private.webhook_endpoints enable row level security;

create table private.webhook_messages (
  id              bigint generated always as identity primary key,
  webhook_id      text not null default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
  endpoint_id     uuid not null references private.webhook_endpoints (id) on delete cascade,
  partner_id      uuid not null,
  type            text not null,
  payload         jsonb not null,
  is_test         boolean not null default false,
  status          text not null default 'pending',
  attempts        integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  delivered_at    timestamptz,
  last_status     integer,
  last_error      text,
  created_at      timestamptz not null default now(),
  constraint webhook_message_status_is_known check (status in ('pending', 'delivered', 'dead'))
) with (fillfactor = 70);

comment on table private.webhook_messages is
  'Outbox: one row per event and endpoint, written in the transaction of the event.';
comment on column private.webhook_messages.webhook_id is
  'Header webhook-id; the same at every attempt, so that the receiver can tell a repetition.';
comment on column private.webhook_messages.type is
  'redemption.created, redemption.used, redemption.expired, redemption.cancelled, reward.sold_out, webhook.test.';
comment on column private.webhook_messages.payload is 'The body: type, timestamp, data. Names no member.';
comment on column private.webhook_messages.is_test is 'For an endpoint of a sandbox key.';
comment on column private.webhook_messages.status is
  'pending, delivered, dead (given up after three days; can be replayed).';
comment on column private.webhook_messages.attempts is 'Attempts so far.';
comment on column private.webhook_messages.next_attempt_at is
  'When it is due; while it is being sent, when the sender''s lease ends.';
comment on column private.webhook_messages.last_status is 'HTTP status of the last answer.';
comment on column private.webhook_messages.last_error is 'Why the last attempt failed.';

create index webhook_messages_due on private.webhook_messages (endpoint_id, next_attempt_at, id)
  where status = 'pending';
create index webhook_messages_by_endpoint on private.webhook_messages (endpoint_id);
create index webhook_messages_by_partner on private.webhook_messages (partner_id, is_test, id desc);
create index webhook_messages_by_age on private.webhook_messages (created_at);

alter table private.webhook_messages enable row level security;

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

comment on table private.webhook_attempts is 'What became of each attempt to deliver a message.';
comment on column private.webhook_attempts.attempt is 'Number of the attempt, from 1.';
comment on column private.webhook_attempts.response_status is 'HTTP status; null without an answer.';
comment on column private.webhook_attempts.error is 'Why there was no answer.';
comment on column private.webhook_attempts.response_excerpt is 'Beginning of the answer, for finding faults.';
comment on column private.webhook_attempts.duration_ms is 'How long it took, in milliseconds.';

alter table private.webhook_attempts enable row level security;

-- schemas/webhooks/admin.sql

create function ops.enable_webhook_endpoint(endpoint_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update private.webhook_endpoints e
  set is_enabled = true, disabled_at = null, disabled_reason = null, failure_streak = 0, paused_until = now()
  where e.id = enable_webhook_endpoint.endpoint_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_endpoint_not_found',
      hint = 'There is no such endpoint.';
  end if;
end $$;
comment on function ops.enable_webhook_endpoint(uuid) is
  'Switches an endpoint on again; what is still pending is sent. Errors: webhook_endpoint_not_found.';
grant execute on function ops.enable_webhook_endpoint(uuid) to service_role;

create function ops.retry_webhook_messages()
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  -- lock: in one order, and not what somebody else sends again right now
  select pg_catalog.array_agg(d.id) into v_ids from (
    select m.id from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
    where m.status = 'dead' and e.is_enabled
      -- what was given up for its age may be a day old
      and m.created_at > now() - private.give_up_after() - interval '1 day'
    order by m.id for no key update of m skip locked) d;
  delete from private.webhook_attempts a where a.message_id = any (v_ids);
  -- three more days from now on, as when a partner replays one
  update private.webhook_messages m
  set status = 'pending', next_attempt_at = now(), attempts = 0, created_at = now()
  where m.id = any (v_ids);
  return coalesce(pg_catalog.cardinality(v_ids), 0);
end $$;
comment on function ops.retry_webhook_messages() is
  'Sends once more, with the same webhook-id, the messages of the last 4 days that were given up, to endpoints that '
  'are enabled: after a partner''s server was mended. Returns how many.';
grant execute on function ops.retry_webhook_messages() to service_role;

create view ops.webhook_endpoints_health with (security_invoker = true) as
select e.id, p.name as partner, e.url, e.is_enabled, e.disabled_at, e.disabled_reason, e.failure_streak, e.paused_until,
  m.pending, m.dead, m.oldest_pending_at, m.last_delivered_at, m.last_error
from private.webhook_endpoints e
join public.partners p on p.id = e.partner_id
cross join lateral (
  select count(*) filter (where w.status = 'pending') as pending, count(*) filter (where w.status = 'dead') as dead,
    min(w.created_at) filter (where w.status = 'pending') as oldest_pending_at,
    max(w.delivered_at) as last_delivered_at,
    (pg_catalog.array_agg(coalesce(w.last_error, w.last_status::text) order by w.id desc)
      filter (where w.status <> 'delivered'))[1] as last_error
  from private.webhook_messages w where w.endpoint_id = e.id) m;

comment on view ops.webhook_endpoints_health is
  'How the webhook endpoints of partners are doing, for Studio: which are disabled, what is waiting or was given up.';
comment on column ops.webhook_endpoints_health.id is
  'The endpoint; switch it on again with ops.enable_webhook_endpoint(id).';
comment on column ops.webhook_endpoints_health.partner is 'Whose it is.';
comment on column ops.webhook_endpoints_health.url is 'Where it goes.';
comment on column ops.webhook_endpoints_health.is_enabled is 'False: nothing is sent.';
comment on column ops.webhook_endpoints_health.disabled_reason is 'Why.';
comment on column ops.webhook_endpoints_health.failure_streak is 'Failed attempts since the last success.';
comment on column ops.webhook_endpoints_health.paused_until is 'While it fails, nothing is sent before this moment.';
comment on column ops.webhook_endpoints_health.pending is 'Messages waiting.';
comment on column ops.webhook_endpoints_health.dead is 'Messages given up after three days.';
comment on column ops.webhook_endpoints_health.oldest_pending_at is 'Age of the oldest waiting message.';
comment on column ops.webhook_endpoints_health.last_error is 'Why the newest message that is not delivered failed.';

-- schemas/webhooks/delivery.sql

create function private.addressee(endpoint private.webhook_endpoints)
returns private.addressee
language sql immutable set search_path = ''
as $$ select row('webhook', endpoint.partner_id, private.host_of(endpoint.url))::private.addressee $$;
comment on function private.addressee(private.webhook_endpoints) is 'The partner and the host of an endpoint.';

create function public.claim_webhook_messages(batch integer default 100, per_endpoint integer default 10,
  under_way bigint[] default '{}')
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_batch     integer := greatest(1, least(1000, coalesce(batch, 100)));
  v_share     integer := greatest(1, least(100, coalesce(per_endpoint, 10)));
  v_busy      uuid[];
  v_under_way private.addressee[];
  v_endpoints text[];
  v_shares    integer[];
  v_messages  jsonb;
begin
  select coalesce(pg_catalog.array_agg(e.id), '{}'), coalesce(pg_catalog.array_agg(private.addressee(e)), '{}')
  into v_busy, v_under_way
  from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
  where m.id = any (claim_webhook_messages.under_way);
  -- a failing endpoint gets one message at a time, to see whether it is back; a partner's second endpoint comes after
  -- the first ones of the others
  with e as materialized (
    select w.id, private.addressee(w) as addressee, pg_catalog.row_number() over (order by pg_catalog.random()) as turn,
      case when w.failure_streak > 0 then 1 else v_share end
        - pg_catalog.cardinality(pg_catalog.array_positions(v_busy, w.id)) as share
    from private.webhook_endpoints w
    where w.is_enabled and w.paused_until <= now() and exists (
      select from private.webhook_messages m
      where m.endpoint_id = w.id and m.status = 'pending' and m.next_attempt_at <= now())
  ), o as (
    select e.id::text,
      least(e.share, r.for_owner, r.for_host, case when r.is_stranger then r.for_strangers end) as room,
      pg_catalog.row_number() over (partition by r.owner_id order by e.turn) as nth, e.turn
    from e join private.room_at(array(select x.addressee from e x order by x.turn), v_under_way,
      v_batch + pg_catalog.cardinality(v_busy)) r on r.turn = e.turn and r.paused_until <= now()
  )
  select pg_catalog.array_agg(o.id order by o.nth, o.turn), pg_catalog.array_agg(o.room order by o.nth, o.turn)
  into v_endpoints, v_shares from o where o.room > 0;
  with due as materialized (
    select m.id, private.addressee(e) as addressee, pg_catalog.row_number() over () as turn
    from private.lock_due(null::private.webhook_messages, 'q.status = ''pending'' and q.endpoint_id = l.lane::uuid',
      v_endpoints, v_shares, v_batch) m
    join private.webhook_endpoints e on e.id = m.endpoint_id
  ), claimed as (
    update private.webhook_messages m
    set attempts = m.attempts + 1, next_attempt_at = now() + private.lease_length()
    from due join private.admit(array(select d.addressee from due d order by d.turn), v_under_way, v_batch) a
      on a.turn = due.turn and a.is_admitted
    where m.id = due.id
    returning m.*
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', c.id, 'webhook_id', c.webhook_id,
    'endpoint_id', e.id, 'url', e.url, 'payload', c.payload::text, 'attempt', c.attempts,
    'secrets', private.valid_secrets(e.secret, e.older_secrets)) order by c.id)
  into v_messages
  from claimed c join private.webhook_endpoints e on e.id = c.endpoint_id;
  return coalesce(v_messages, '[]');
end $$;
comment on function public.claim_webhook_messages(integer, integer, bigint[]) is
  'Hands out messages that are due, for 60 seconds: [{id, webhook_id, endpoint_id, url, payload, secrets, attempt}]. '
  'With what the caller has under way already, an endpoint gets at most per_endpoint, a failing one a single one, '
  'partners and hosts their share of the slots. For the edge function deliver-webhooks.';
grant execute on function public.claim_webhook_messages(integer, integer, bigint[]) to service_role, app_service;

create function public.record_webhook_attempts(results jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_streak    constant integer := 20;
  v_result    record;
  v_message   private.webhook_messages;
  v_visits    private.visit[] := '{}';
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
    select m.endpoint_id from pg_catalog.jsonb_array_elements(results) r
    join private.webhook_messages m on m.id = (r ->> 'id')::bigint)
  order by e.id for no key update;
  for v_result in
    select r.id, r.response_status as status, pg_catalog.left(r.error, 500) as error, r.duration_ms,
      pg_catalog.left(r.response_excerpt, 500) as excerpt
    from pg_catalog.jsonb_to_recordset(results)
      r (id bigint, response_status integer, error text, duration_ms integer, response_excerpt text)
  loop
    select m.* into v_message from private.webhook_messages m where m.id = v_result.id and m.status = 'pending'
    for no key update;
    continue when not found;  -- deleted with its endpoint, or another sender was faster
    v_is_done := v_result.status between 200 and 299;
    v_delay := private.retry_delay(v_message.attempts);
    insert into private.webhook_attempts (message_id, attempt, response_status, error, response_excerpt, duration_ms)
    values (v_message.id, v_message.attempts, v_result.status, v_result.error, v_result.excerpt, v_result.duration_ms)
    on conflict (message_id, attempt) do nothing;
    v_visits := v_visits || (
      select row('webhook', private.host_of(e.url), e.id::text, private.is_slow(v_result.duration_ms),
        coalesce(v_is_done, false))::private.visit from private.webhook_endpoints e where e.id = v_message.endpoint_id);
    update private.webhook_messages m
    set status = case when v_is_done then 'delivered'
          when now() + v_delay > m.created_at + private.give_up_after() then 'dead' else 'pending' end,
        delivered_at = case when v_is_done then now() end, next_attempt_at = now() + v_delay,
        last_status = v_result.status, last_error = v_result.error
    where m.id = v_message.id
    returning m.* into v_message;

    if v_is_done then
      v_delivered := v_delivered + 1;
      update private.webhook_endpoints e set failure_streak = 0, paused_until = now()
      where e.id = v_message.endpoint_id and e.failure_streak > 0;
      continue;
    end if;
    if v_message.status = 'dead' then v_dead := v_dead + 1; else v_retried := v_retried + 1; end if;
    -- answers that were under way together count as one failure
    update private.webhook_endpoints e
    set failure_streak = e.failure_streak + 1,
        paused_until = now() + least(interval '1 hour', private.retry_delay(e.failure_streak + 1))
    where e.id = v_message.endpoint_id and e.paused_until <= now()
    returning e.failure_streak into v_streak;
    if v_result.status = 410 or v_streak >= c_streak then
      update private.webhook_endpoints e
      set is_enabled = false, disabled_at = now(),
          disabled_reason = case when v_result.status = 410 then 'The endpoint answered 410 Gone.'
            else pg_catalog.format('%s attempts in a row failed.', c_streak) end
      where e.id = v_message.endpoint_id and e.is_enabled;
      if found then
        v_disabled := v_disabled + 1;
        insert into private.audit_log (action, subject_id)
        values ('webhook_endpoint_disabled', v_message.endpoint_id);
      end if;
    end if;
  end loop;
  perform private.remember_hosts(v_visits);
  return pg_catalog.jsonb_build_object('delivered', v_delivered, 'retried', v_retried, 'dead', v_dead,
    'disabled', v_disabled);
end $$;
comment on function public.record_webhook_attempts(jsonb) is
  'Books what became of attempts [{id, response_status, error, duration_ms, response_excerpt}]: {delivered, retried, '
  'dead, disabled}. Failed ones are repeated over three days; an endpoint that fails 20 times in a row or answers '
  '410 is disabled. For the edge function deliver-webhooks.';
grant execute on function public.record_webhook_attempts(jsonb) to service_role, app_service;

-- schemas/webhooks/emit.sql

create function private.webhook_event_types()
returns text[]
language sql immutable set search_path = ''
as $$ select array['redemption.created', 'redemption.used', 'redemption.expired', 'redemption.cancelled',
  'reward.sold_out'] $$;
comment on function private.webhook_event_types() is 'Everything an endpoint can be told of.';

create function private.emit_webhook(partner_id uuid, type text, data jsonb, is_test boolean default false)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: an endpoint that is just being deleted is told nothing, rather than missed by the foreign key
  insert into private.webhook_messages (endpoint_id, partner_id, is_test, type, payload)
  select e.id, e.partner_id, e.is_sandbox, emit_webhook.type,
    pg_catalog.jsonb_build_object('type', emit_webhook.type, 'timestamp', now(), 'data', emit_webhook.data)
  from private.webhook_endpoints e
  where e.partner_id = emit_webhook.partner_id and e.is_sandbox = emit_webhook.is_test and e.is_enabled
    and emit_webhook.type = any (e.event_types)
  order by e.id for key share;
end $$;
comment on function private.emit_webhook(uuid, text, jsonb, boolean) is
  'Puts an event into the outbox of every endpoint that wants it, within the caller''s transaction; a test goes to '
  'endpoints of sandbox keys alone.';

-- schemas/webhooks/endpoints.sql

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

-- schemas/webhooks/jobs.sql

create function private.purge_webhooks(as_of timestamptz, batch integer, out processed integer, out failed integer)
language sql volatile set search_path = ''
as $$
  -- what can still be sent is given up by its sender
  select private.purge_queue('private.webhook_messages', as_of, batch,
    'o.endpoint_id in (select e.id from private.webhook_endpoints e where not e.is_enabled)', 'endpoint disabled'), 0
$$;
comment on function private.purge_webhooks(timestamptz, integer) is
  'Job: gives up what waited 3 days for a disabled endpoint, forgets messages after outbox_retention_days.';

create function private.has_work_for_deliver_webhooks()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.webhook_endpoints e join private.webhook_messages m on m.endpoint_id = e.id
    where e.is_enabled and e.paused_until <= now() and m.status = 'pending' and m.next_attempt_at <= now())
$$;
comment on function private.has_work_for_deliver_webhooks() is 'Whether a webhook is waiting that may be sent now.';

insert into private.jobs (job, room, step, every) values
  ('purge_webhooks', 'webhooks', 50, '1 hour');
-- undo: delete from private.jobs where room = 'webhooks';

insert into private.jobs (job, room, runs_in) values ('deliver_webhooks', 'webhooks', 'function');
-- undo: nothing

-- schemas/webhooks/messages.sql

create function private.message_json(message private.webhook_messages)
returns jsonb
language sql immutable set search_path = ''
as $$ select to_jsonb(message) - 'partner_id' $$;
comment on function private.message_json(private.webhook_messages) is 'A webhook message as its partner sees it.';

create function public.list_webhook_messages(api_key_hash text, status text default null,
  page_size integer default null, after bigint default null)
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
          where w.partner_id = v_key.partner_id and w.is_test = v_key.is_sandbox
            and w.id < coalesce(list_webhook_messages.after, 9223372036854775807)
            and (list_webhook_messages.status is null or w.status = list_webhook_messages.status)
          order by w.id desc limit v_size) m), v_size, 'id');
end $$;
comment on function public.list_webhook_messages(text, text, integer, bigint) is
  'The partner''s webhook messages, newest first: {items, next}. Scope: webhooks:read. Errors: api_key_invalid, '
  'scope_missing, partner_inactive.';
grant execute on function public.list_webhook_messages(text, text, integer, bigint) to service_role;

create function public.replay_webhook_message(api_key_hash text, message_id bigint)
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
    and m.is_test = v_key.is_sandbox
  returning m.* into v_message;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_message_not_found', hint = 'There is no such message.';
  end if;
  delete from private.webhook_attempts a where a.message_id = v_message.id;
  return private.message_json(v_message);
end $$;
comment on function public.replay_webhook_message(text, bigint) is
  'Sends a message again, with the same webhook-id, and returns it. Scope: webhooks:write. Errors: api_key_invalid, '
  'scope_missing, partner_inactive, webhook_message_not_found.';
grant execute on function public.replay_webhook_message(text, bigint) to service_role;
