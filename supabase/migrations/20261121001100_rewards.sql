-- Written by npm run db:build from supabase/schemas/rewards/: edit there.

-- schemas/rewards/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.discount_types() returns text[] language sql immutable set search_path = ''
  return array['percentage', 'fixed_amount', 'free_item'];
comment on function private.discount_types() is
  'What a reward gives: per cent off, an amount of money off, or something for free.';

-- no check: the constraint discount_is_complete refuses what it does not know
create domain public.discount_type as text;
comment on domain public.discount_type is 'One of private.discount_types().';

create domain public.limit_period as text constraint limit_period_is_known check (value in (
  'day', 'week', 'month', 'year'));
comment on domain public.limit_period is
  'Over which time the limit per member of a reward counts (calendar, by the community''s clock).';

create domain public.code_source as text constraint code_source_is_known check (value in (
  'generated', 'pool', 'partner_api'));
comment on domain public.code_source is
  'Where codes come from: made here, uploaded by the partner, or asked from the partner''s own system.';

create function private.min_points_cost() returns integer language sql immutable set search_path = '' return 1;
comment on function private.min_points_cost() is 'Fewest points a reward may cost.';

create function private.max_points_cost() returns integer language sql immutable set search_path = '' return 1000000;
comment on function private.max_points_cost() is 'Most points a reward may cost.';

-- schemas/rewards/tables.sql

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

-- schemas/rewards/commands.sql

create function private.reward_json(reward public.rewards)
returns jsonb
language sql stable set search_path = ''
as $$
  select to_jsonb(reward) ||
    pg_catalog.jsonb_build_object('is_limited', s.total is not null, 'stock_total', s.total, 'stock_taken', s.taken)
  from (select 1) one left join public.reward_stocks s on s.reward_id = reward.id
$$;
comment on function private.reward_json(public.rewards) is
  'A reward as its partner sees it, with its stock (null: unlimited).';

create function public.list_partner_rewards(api_key_hash text, page_size integer default null, after uuid default null)
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
          where w.partner_id = v_key.partner_id
            and (list_partner_rewards.after is null or w.id > list_partner_rewards.after)
          order by w.id limit v_size) r), v_size, 'id');
end $$;
comment on function public.list_partner_rewards(text, integer, uuid) is
  'The partner''s rewards, retired ones included, by id: {items, next}. Scope: rewards:read. Errors: api_key_invalid, '
  'scope_missing, partner_inactive.';
grant execute on function public.list_partner_rewards(text, integer, uuid) to service_role;

create function private.write_reward(reward public.rewards, changes jsonb)
returns public.rewards
language plpgsql volatile set search_path = ''
as $$
declare
  c_fields     constant text[] := '{title_de,title_en,description_de,description_en,points_cost,discount_type,'
    'discount_value,discount_currency,terms_de,terms_en,valid_from,valid_until,limit_per_member,limit_period,'
    'code_source,code_valid_days,return_days,expiry_refund_percent,is_active}';
  v_unknown    text;
  v_constraint text;
  v_column     text;
  v_reward     public.rewards;
begin
  if pg_catalog.jsonb_typeof(changes) is distinct from 'object' then
    raise exception using errcode = 'PT400', message = 'reward_invalid', detail = 'not_an_object',
      hint = 'Describe the reward as a JSON object.';
  end if;
  select k into v_unknown from pg_catalog.jsonb_object_keys(changes - 'stock_total' - c_fields) k limit 1;
  if found then
    raise exception using errcode = 'PT400', message = 'reward_invalid', detail = v_unknown,
      hint = 'A reward has no such field.';
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
    execute pg_catalog.format(
      'insert into public.rewards select ($1).* on conflict (id) do update set (%s, updated_at) = row(%s) returning *',
      pg_catalog.array_to_string(c_fields, ', '),
      'excluded.' || pg_catalog.array_to_string(c_fields || 'updated_at'::text, ', excluded.'))
    into v_reward using v_reward;
  exception
    when check_violation or not_null_violation then
      get stacked diagnostics v_constraint = constraint_name, v_column = column_name;
      raise exception using errcode = 'PT400', message = 'reward_invalid',
        detail = coalesce(nullif(v_constraint, ''), v_column),
        hint = 'The reward breaks the rule that the detail names.';
    when data_exception then
      raise exception using errcode = 'PT400', message = 'reward_invalid', detail = sqlerrm,
        hint = 'A field of the reward has the wrong type.';
  end;
  -- PostgreSQL has understood them, but it also reads tomorrow, and moments without an offset
  select f.field into v_column from pg_catalog.unnest(array['valid_from', 'valid_until']) f (field)
  where not private.is_moment(changes ->> f.field);
  if found then
    raise exception using errcode = 'PT400', message = 'reward_invalid', detail = v_column,
      hint = 'Please write a moment as ISO 8601 with its offset, for example 2026-12-24T18:00:00+01:00.';
  end if;
  return v_reward;
end $$;
comment on function private.write_reward(public.rewards, jsonb) is
  'Stores a reward with some fields replaced, and returns it. Raises PT400 reward_invalid (detail = the broken '
  'rule), text_blank, text_too_short, text_too_long, text_has_control_characters.';

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
  if reward.code_source = 'pool' or v_total is null or v_total not between 1 and 10000000
    or v_total <> pg_catalog.trunc(v_total) then
    raise exception using errcode = 'PT409', message = 'stock_not_editable',
      hint = 'The stock of a pool is its codes; '
        'elsewhere it is a whole number from 1 to 10000000, given when the reward is created.';
  end if;
  update public.reward_stocks s set total = v_total where s.reward_id = reward.id and s.taken <= v_total;
  if found then
    return;
  end if;
  if exists (select from public.reward_stocks s where s.reward_id = reward.id) then
    raise exception using errcode = 'PT409', message = 'stock_too_low',
      hint = 'More than that has already been given out.';
  end if;
  -- a running redemption would not count itself in a stock that starts now
  raise exception using errcode = 'PT409', message = 'stock_not_editable',
    hint = 'An unlimited reward stays unlimited. Retire it and create another one.';
end $$;
comment on function private.write_stock(public.rewards, jsonb) is
  'Changes the stock of a reward when stock_total is among the changes. Raises PT409 stock_not_editable, '
  'stock_too_low.';

create function public.create_reward(api_key_hash text, reward jsonb)
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
comment on function public.create_reward(text, jsonb) is
  'Creates a reward from an object with the columns of rewards (snake_case) and stock_total, and returns it. Scope: '
  'rewards:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_invalid (detail = broken rule), '
  'text_blank, text_too_short, text_too_long, text_has_control_characters, stock_not_editable.';
grant execute on function public.create_reward(text, jsonb) to service_role;

create function public.change_reward(api_key_hash text, reward_id uuid, changes jsonb)
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
comment on function public.change_reward(text, uuid, jsonb) is
  'Replaces the given fields of a reward and returns it. Scope: rewards:write. Errors: api_key_invalid, '
  'scope_missing, partner_inactive, reward_not_found, reward_invalid (detail = broken rule), text_blank, '
  'text_too_short, text_too_long, text_has_control_characters, stock_not_editable, stock_too_low.';
grant execute on function public.change_reward(text, uuid, jsonb) to service_role;

create function public.retire_reward(api_key_hash text, reward_id uuid)
returns jsonb
language plpgsql volatile set search_path = ''
as $$ begin return public.change_reward(api_key_hash, reward_id, '{"is_active": false}'); end $$;
comment on function public.retire_reward(text, uuid) is
  'Ends the offer of a reward and returns it; codes already given stay valid. Repeating it changes nothing. Scope: '
  'rewards:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found.';
grant execute on function public.retire_reward(text, uuid) to service_role;

create function private.require_pool(reward_id uuid, partner_id uuid)
returns void
language plpgsql stable set search_path = ''
as $$
declare
  v_code_source text := (select r.code_source from public.rewards r
    where r.id = require_pool.reward_id and r.partner_id = require_pool.partner_id);
begin
  if v_code_source is null then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  if v_code_source <> 'pool' then
    raise exception using errcode = 'PT409', message = 'reward_has_no_pool',
      hint = 'Only rewards with code_source pool have codes of their own.';
  end if;
end $$;
comment on function private.require_pool(uuid, uuid) is
  'Guard: the reward is the partner''s and has a pool. Raises PT404 reward_not_found, PT409 reward_has_no_pool.';

create function public.add_codes(api_key_hash text, reward_id uuid, codes jsonb, all_or_nothing boolean default false)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key      private.partner_api_keys := private.require_partner(api_key_hash, 'codes:write');
  v_total    integer := pg_catalog.jsonb_array_length(codes);
  v_accepted integer;
  v_lines    jsonb;
begin
  perform private.require_argument(not exists (select from pg_catalog.jsonb_array_elements(codes) c
    where pg_catalog.num_nulls(c ->> 'line', c ->> 'hash', c ->> 'ciphertext') > 0), 'codes');
  -- one upload at a time for each partner, whose codes must differ; redemptions go on
  perform from public.partners p where p.id = v_key.partner_id for no key update;
  perform private.require_pool(add_codes.reward_id, v_key.partner_id);
  with input as (
    select (c ->> 'line')::integer as line, (c ->> 'hash')::bytea as code_hash, c ->> 'ciphertext' as ciphertext
    from pg_catalog.jsonb_array_elements(codes) c
  ), firsts as (
    select distinct on (i.code_hash) i.* from input i order by i.code_hash, i.line
  ), stored as (
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
    select v_key.partner_id, add_codes.reward_id, f.code_hash, f.ciphertext from firsts f
    -- all or nothing: with one duplicate none goes in
    where not (coalesce(add_codes.all_or_nothing, false) and (
      (select count(*) from firsts) < v_total
      or exists (select from firsts d
        join private.reward_codes k on k.code_hash = d.code_hash and k.partner_id = v_key.partner_id)))
    order by f.line
    on conflict do nothing
    returning code_hash
  ), results as (
    select i.line, case when s.code_hash is not null and f.line = i.line then 'accepted'
      when f.line <> i.line
        or exists (select from private.reward_codes k
          where k.code_hash = i.code_hash and k.partner_id = v_key.partner_id) then 'duplicate'
      when coalesce(add_codes.all_or_nothing, false) then 'accepted' else 'duplicate' end as outcome
    from input i join firsts f on f.code_hash = i.code_hash left join stored s on s.code_hash = i.code_hash
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('line', r.line, 'outcome', r.outcome) order by r.line),
    (select count(*) from stored)
  into v_lines, v_accepted from results r;

  if v_accepted > 0 then
    update public.reward_stocks s set total = s.total + v_accepted where s.reward_id = add_codes.reward_id;
    insert into private.audit_log (action, subject_id, details)
    values ('codes_added', add_codes.reward_id,
      pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'count', v_accepted));
  end if;
  return pg_catalog.jsonb_build_object('accepted', v_accepted, 'rejected', v_total - v_accepted,
    'is_stored', v_accepted > 0, 'lines', coalesce(v_lines, '[]'));
end $$;
comment on function public.add_codes(text, uuid, jsonb, boolean) is
  'Adds sealed codes [{line, hash, ciphertext}] to the pool of a reward: {accepted, rejected, is_stored, lines: '
  '[{line, outcome: accepted or duplicate}]}. With all_or_nothing one duplicate stores nothing. Scope: codes:write. '
  'Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found, reward_has_no_pool, validation_failed.';
grant execute on function public.add_codes(text, uuid, jsonb, boolean) to service_role;

create function public.list_codes(api_key_hash text, reward_id uuid, page_size integer default null,
  after bigint default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'codes:write');
  v_size integer := private.clamp_page_size(page_size);
begin
  perform private.require_pool(list_codes.reward_id, v_key.partner_id);
  return private.as_page((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', w.id, 'ciphertext', w.ciphertext,
      'uploaded_at', w.created_at) order by w.id)
    from (select c.id, c.ciphertext, c.created_at from private.reward_codes c
          where c.reward_id = list_codes.reward_id and c.redemption_id is null
            and (list_codes.after is null or c.id > list_codes.after)
          order by c.id limit v_size) w), v_size, 'id');
end $$;
comment on function public.list_codes(text, uuid, integer, bigint) is
  'Sealed codes of a pool that nobody has, in the order in which they are given out: {items, next}. Scope: '
  'codes:write. Errors: api_key_invalid, scope_missing, partner_inactive, reward_not_found, reward_has_no_pool.';
grant execute on function public.list_codes(text, uuid, integer, bigint) to service_role;

create function public.withdraw_codes(api_key_hash text, reward_id uuid, codes jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key   private.partner_api_keys := private.require_partner(api_key_hash, 'codes:write');
  v_lines jsonb;
  v_count integer;
begin
  perform private.require_pool(withdraw_codes.reward_id, v_key.partner_id);
  -- lock: in the order of an upload, then the stock, under which members choose from the pool
  perform from public.partners p where p.id = v_key.partner_id for no key update;
  perform from public.reward_stocks s where s.reward_id = withdraw_codes.reward_id for no key update;
  with input as (
    select (c ->> 'line')::integer as line, (c ->> 'hash')::bytea as code_hash
    from pg_catalog.jsonb_array_elements(codes) c
  ), gone as (
    delete from private.reward_codes c
    where c.code_hash in (select i.code_hash from input i) and c.partner_id = v_key.partner_id
      and c.reward_id = withdraw_codes.reward_id and c.redemption_id is null
    returning c.code_hash
  )
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('line', i.line,
      'outcome', case when g.code_hash is not null then 'withdrawn' when c.redemption_id is not null then 'given'
        else 'not_found' end) order by i.line),
    (select count(*) from gone)
  into v_lines, v_count
  from input i left join gone g on g.code_hash = i.code_hash
    left join private.reward_codes c on c.code_hash = i.code_hash and c.partner_id = v_key.partner_id
      and c.reward_id = withdraw_codes.reward_id;

  if v_count > 0 then
    update public.reward_stocks s set total = s.total - v_count where s.reward_id = withdraw_codes.reward_id;
    insert into private.audit_log (action, subject_id, details)
    values ('codes_withdrawn', withdraw_codes.reward_id,
      pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'count', v_count));
  end if;
  return pg_catalog.jsonb_build_object('withdrawn', v_count, 'lines', coalesce(v_lines, '[]'));
end $$;
comment on function public.withdraw_codes(text, uuid, jsonb) is
  'Takes codes [{line, hash}] that nobody has out of the pool of a reward: {withdrawn, lines: [{line, outcome: '
  'withdrawn, given or not_found}]}. Scope: codes:write. Errors: api_key_invalid, scope_missing, partner_inactive, '
  'reward_not_found, reward_has_no_pool.';
grant execute on function public.withdraw_codes(text, uuid, jsonb) to service_role;

-- schemas/rewards/rules.sql

create function private.keep_code_source()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT400', message = 'reward_invalid', detail = 'code_source_never_changes',
    hint = 'Retire this reward and create another one: where codes come from and who gives them never changes.';
end $$;
comment on function private.keep_code_source() is
  'Trigger on rewards: refuses another code source or partner. Raises PT400 reward_invalid.';
create trigger rewards_keep_code_source before update on public.rewards
  for each row when (old.code_source <> new.code_source or old.partner_id <> new.partner_id)
  execute function private.keep_code_source();

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
