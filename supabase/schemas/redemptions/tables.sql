-- Room: redemptions. Points become codes, exactly once: a member redeems a reward, a till checks and uses the code,
-- deadlines end what nobody ended. Every movement of points goes through the ledger (room points); every command here
-- locks in the order member (an advisory lock) or redemption, then account, then stock. All commands are executable
-- by service_role alone: codes are made and sealed by the edge functions, and a member who could pass a code of their
-- own would be asked to trust themselves.

create table public.redemptions (
  id                   uuid primary key,
  -- no foreign keys: the only writer has read member and reward in the same transaction, members are never deleted,
  -- rewards not once they were redeemed (private.keep_redeemed_reward); checking again cost a tenth of the speed
  user_id              uuid not null,
  partner_id           uuid not null,
  reward_id            uuid not null,
  idempotency_key      uuid not null,
  points_spent         integer not null,
  discount_type        public.discount_type not null,
  discount_value       numeric(10, 2),
  discount_currency    text,
  partner_name         text not null,
  title_de             text not null,
  title_en             text not null,
  status               public.redemption_status not null,
  end_reason           public.redemption_end_reason,
  till_reference       text,
  expiry_refund_points integer not null,
  redeemed_at          timestamptz not null default now(),
  expires_at           timestamptz not null,
  returnable_until     timestamptz,
  used_at              timestamptz,
  ended_at             timestamptz
) with (fillfactor = 80);

comment on table public.redemptions is
  'Points turned into discounts. Readable by the member; the code itself is only given out by the edge function '
  'redeem.';
comment on column public.redemptions.id is 'Identity, in order of time.';
comment on column public.redemptions.idempotency_key is
  'Chosen by the app: a repetition with the same key gives the same redemption.';
comment on column public.redemptions.points_spent is 'Price in points at that moment.';
comment on column public.redemptions.discount_type is
  'What it gives, as promised at that moment.';
comment on column public.redemptions.discount_value is 'Per cent or amount of money, as promised at that moment.';
comment on column public.redemptions.discount_currency is 'ISO 4217 code for fixed_amount, else null.';
comment on column public.redemptions.partner_name is 'Name of the partner at that moment.';
comment on column public.redemptions.title_de is 'Title of the reward in German at that moment.';
comment on column public.redemptions.title_en is 'Title of the reward in English at that moment.';
comment on column public.redemptions.status is 'Where it is in its life.';
comment on column public.redemptions.end_reason is
  'Why it was cancelled or failed.';
comment on column public.redemptions.till_reference is 'Where it was used: the till''s own reference.';
comment on column public.redemptions.expiry_refund_points is 'Points that come back when the code expires unused.';
comment on column public.redemptions.expires_at is 'Until when the code can be used.';
comment on column public.redemptions.returnable_until is 'Until when the member may give it back unused; null: never.';
comment on column public.redemptions.used_at is
  'When it was used; uses that a partner reports late count in the month of the report.';

create unique index redemption_is_begun_once on public.redemptions (user_id, idempotency_key);
create index redemptions_by_partner on public.redemptions (partner_id, id desc);
create index redemptions_by_use on public.redemptions (partner_id, used_at, id) where used_at is not null;
create index redemptions_by_expiry on public.redemptions (expires_at) where status = 'active';

alter table public.redemptions enable row level security;
create policy redemptions_are_readable_by_member on public.redemptions for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.redemptions', 'authenticated, service_role');

create table private.partner_requests (
  redemption_id   uuid primary key references public.redemptions (id) on delete restrict,
  partner_id      uuid not null,
  attempts        integer not null default 1,
  next_attempt_at timestamptz not null,
  deadline_at     timestamptz not null,
  last_error      text
) with (fillfactor = 70);

comment on table private.partner_requests is 'Redemptions that wait for a code from a partner''s own system.';
comment on column private.partner_requests.redemption_id is
  'The redemption; its id is the idempotency key towards the partner.';
comment on column private.partner_requests.partner_id is 'Whom to ask: the partner of the redemption.';
comment on column private.partner_requests.attempts is 'Attempts so far.';
comment on column private.partner_requests.next_attempt_at is
  'When the partner is asked again; while somebody asks, when their lease ends.';
comment on column private.partner_requests.deadline_at is 'When the points go back without a code.';
comment on column private.partner_requests.last_error is 'Why there is no code yet.';

create index partner_requests_due on private.partner_requests (partner_id, next_attempt_at);

alter table private.partner_requests enable row level security;

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

comment on table private.partner_events is
  'Events that partners sent, each once: the replay store, and the record of what they changed.';
comment on column private.partner_events.event_id is 'The sender''s webhook-id.';
comment on column private.partner_events.type is 'code.issued, code.used, code.cancelled.';
comment on column private.partner_events.outcome is
  'applied, ignored (it was final already), conflict (used there, but the points were given back here).';

alter table private.partner_events enable row level security;
