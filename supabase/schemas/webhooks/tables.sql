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
