-- Room: rewards. What points buy at a partner, how many there are, and the pools of codes that partners upload.

create table public.rewards (
  id                    uuid primary key default gen_random_uuid(),
  partner_id            uuid not null references public.partners (id) on delete restrict,
  title_de              text not null,
  title_en              text not null,
  description_de        text,
  description_en        text,
  points_cost           integer not null,
  discount_type         public.discount_type not null,
  discount_value        numeric(10, 2),
  discount_currency     text,
  terms_de              text,
  terms_en              text,
  valid_from            timestamptz not null default now(),
  valid_until           timestamptz,
  limit_per_member      integer,
  limit_period          public.limit_period,
  code_source           public.code_source not null default 'generated',
  code_valid_days       integer not null default 90,
  return_days           integer not null default 0,
  expiry_refund_percent integer not null default 0,
  is_limited            boolean not null default false,
  is_active             boolean not null default true,
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint reward_titles_have_2_to_255_characters check
    (char_length(title_de) between 2 and 255 and char_length(title_en) between 2 and 255),
  constraint reward_descriptions_have_at_most_2000_characters check
    (greatest(char_length(description_de), char_length(description_en)) <= 2000),
  constraint reward_terms_have_at_most_5000_characters check
    (greatest(char_length(terms_de), char_length(terms_en)) <= 5000),
  constraint points_cost_is_possible check
    (points_cost between private.min_points_cost() and private.max_points_cost()),
  constraint discount_is_complete check (case discount_type
    when 'percentage' then discount_value between 0.01 and 100 and discount_currency is null
    when 'fixed_amount' then discount_value between 0.01 and 99999999.99 and discount_currency ~ '^[A-Z]{3}$'
    when 'free_item' then discount_value is null and discount_currency is null
    else false end is true),
  constraint reward_term_is_finite check (isfinite(valid_from) and isfinite(valid_until)),
  constraint reward_ends_after_it_starts check (valid_until > valid_from),
  constraint limit_per_member_is_between_1_and_1000 check (limit_per_member between 1 and 1000),
  constraint limit_period_needs_a_limit check (limit_period is null or limit_per_member is not null),
  constraint code_valid_days_is_between_1_and_730 check (code_valid_days between 1 and 730),
  constraint return_days_is_between_0_and_365 check (return_days between 0 and 365),
  constraint expiry_refund_percent_is_between_0_and_100 check (expiry_refund_percent between 0 and 100)
);

comment on table public.rewards is
  'What points buy. Everybody reads the active ones of active partners; their partner changes them through the '
  'partner API, admins in Studio.';
comment on column public.rewards.title_de is 'Title in German, 2 to 255 characters.';
comment on column public.rewards.title_en is 'Title in English, 2 to 255 characters.';
comment on column public.rewards.description_de is 'Description in German, at most 2000 characters.';
comment on column public.rewards.description_en is 'Description in English, at most 2000 characters.';
comment on column public.rewards.points_cost is 'Price in points.';
comment on column public.rewards.discount_type is 'What it gives.';
comment on column public.rewards.discount_value is
  'Per cent for percentage, amount of money for fixed_amount, null for free_item.';
comment on column public.rewards.discount_currency is 'ISO 4217 code for fixed_amount, else null.';
comment on column public.rewards.terms_de is 'Conditions in German, at most 5000 characters.';
comment on column public.rewards.terms_en is 'Conditions in English, at most 5000 characters.';
comment on column public.rewards.valid_from is 'From when it can be redeemed.';
comment on column public.rewards.valid_until is
  'Until when it can be redeemed; null: without end. Codes already given keep their own term.';
comment on column public.rewards.limit_per_member is
  'How often one member may redeem it within limit_period; null: without limit.';
comment on column public.rewards.limit_period is 'Over which time the limit counts; null: for ever.';
comment on column public.rewards.code_source is
  'Where codes come from. Never changes.';
comment on column public.rewards.code_valid_days is 'Days a code is valid from redemption.';
comment on column public.rewards.return_days is 'Days within which a member may give an unused code back; 0: never.';
comment on column public.rewards.expiry_refund_percent is
  'Share of the points that comes back when a code expires unused, in per cent, rounded down.';
comment on column public.rewards.is_limited is
  'Whether it has a stock, see reward_stocks. Kept by trigger; fixed with the first redemption.';
comment on column public.rewards.is_active is 'False: retired.';

create index rewards_by_partner on public.rewards (partner_id, id);
create index rewards_offered on public.rewards (created_at desc, id desc) where is_active;

alter table public.rewards enable row level security;
create policy active_rewards_are_readable_by_everyone on public.rewards for select to anon, authenticated
  using (is_active and partner_id in (select p.id from public.partners p));

call private.grant_columns('public.rewards', 'anon, authenticated, service_role');

create trigger rewards_set_updated_at before update on public.rewards
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table public.reward_stocks (
  reward_id uuid primary key references public.rewards (id) on delete cascade,
  total     integer not null,
  taken     integer not null default 0,
  constraint stock_is_never_negative check (taken between 0 and total)
) with (fillfactor = 50);

comment on table public.reward_stocks is
  'Stock of the rewards that have one; a reward without a row is unlimited. Pool rewards always have one: its total '
  'is the number of uploaded codes.';
comment on column public.reward_stocks.total is 'How many may be given out in all.';
comment on column public.reward_stocks.taken is
  'How many have been given out and not come back. Kept by the redemption commands.';

alter table public.reward_stocks enable row level security;
create policy stocks_of_active_rewards_are_readable_by_everyone on public.reward_stocks
  for select to anon, authenticated
  using (reward_id in (select r.id from public.rewards r));

call private.grant_columns('public.reward_stocks', 'anon, authenticated, service_role');

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

comment on table private.reward_codes is
  'Every code: uploaded ones waiting in a pool and those given to a redemption. Sealed; readable by nobody.';
comment on column private.reward_codes.id is 'Order of entry; pools are emptied in this order.';
comment on column private.reward_codes.code_hash is
  'HMAC-SHA256 of the code under a key that the database does not have: finds a code without knowing it.';
comment on column private.reward_codes.ciphertext is
  'The code sealed with AES-256-GCM under a key that the database does not have.';
comment on column private.reward_codes.redemption_id is
  'The redemption it was given to, once; null while it waits in the pool.';

create unique index redemption_has_one_code on private.reward_codes (redemption_id) where redemption_id is not null;
create index reward_codes_in_pool on private.reward_codes (reward_id, id) where redemption_id is null;

alter table private.reward_codes enable row level security;
