-- Codes for trying: a sandbox key makes them, nobody paid for them, and sandbox keys alone know them. They go through
-- the commands of the till and cause the same events, but points, stocks, statistics and audits never see them.

create table private.test_codes (
  id             uuid primary key,
  reward_id      uuid not null references public.rewards (id) on delete cascade,
  code_hash      bytea not null unique,
  status         public.redemption_status not null default 'active',
  end_reason     public.redemption_end_reason,
  till_reference text,
  redeemed_at    timestamptz not null default now(),
  expires_at     timestamptz not null,
  used_at        timestamptz,
  ended_at       timestamptz
);

comment on table private.test_codes is
  'Codes for trying, and what became of them: redemptions that nobody paid for. Forgotten after a week.';
comment on column private.test_codes.id is 'Identity, in order of time.';
comment on column private.test_codes.code_hash is 'As of private.reward_codes; the code itself is not kept.';
comment on column private.test_codes.status is 'Where it is in its life: active, used, expired or cancelled.';
comment on column private.test_codes.end_reason is 'partner_cancelled, or null.';
comment on column private.test_codes.till_reference is 'Where it was used: the till''s own reference.';
comment on column private.test_codes.redeemed_at is 'When it was made.';
comment on column private.test_codes.expires_at is 'Until when it can be used.';

create index test_codes_by_reward on private.test_codes (reward_id);
create index test_codes_by_expiry on private.test_codes (expires_at);

alter table private.test_codes enable row level security;

create function private.test_redemptions(partner_id uuid)
returns setof public.redemptions
language sql stable set search_path = ''
as $$
  select r.*
  from public.rewards w join private.test_codes t on t.reward_id = w.id
  cross join lateral pg_catalog.jsonb_populate_record(null::public.redemptions,
    to_jsonb(w) || to_jsonb(t) || pg_catalog.jsonb_build_object('points_spent', w.points_cost)) r
  where w.partner_id = test_redemptions.partner_id
$$;
comment on function private.test_redemptions(uuid) is
  'The test codes of a partner as redemptions: what the reward is now, of no member.';

create function private.lock_test_code(partner_id uuid, code_hash bytea default null, id uuid default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_id         uuid;
  v_redemption public.redemptions;
begin
  select t.id into v_id from private.test_codes t join public.rewards w on w.id = t.reward_id
  where w.partner_id = lock_test_code.partner_id
    and (t.code_hash = lock_test_code.code_hash or t.id = lock_test_code.id)
  for no key update of t;
  select r.* into v_redemption from private.test_redemptions(lock_test_code.partner_id) r where r.id = v_id;
  return v_redemption;
end $$;
comment on function private.lock_test_code(uuid, bytea, uuid) is
  'Locks a test code of a partner, named by its hash or its id, and returns it; null where there is none.';

create function private.end_test_code(redemption public.redemptions, status text, reason text default null,
  till_reference text default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update private.test_codes t
  set status = end_test_code.status, end_reason = reason, till_reference = end_test_code.till_reference,
      used_at = case when end_test_code.status = 'used' then now() end,
      ended_at = case when end_test_code.status <> 'used' then now() end
  where t.id = redemption.id;
  select r.* into v_redemption from private.test_redemptions(redemption.partner_id) r where r.id = redemption.id;
  perform private.emit_redemption(v_redemption, 'redemption.' || end_test_code.status);
  return v_redemption;
end $$;
comment on function private.end_test_code(public.redemptions, text, text, text) is
  'Marks a locked, active test code as used, expired or cancelled and tells the endpoints of sandbox keys.';

create function public.create_test_code(api_key_hash text, reward_id uuid, code_hash text,
  valid_minutes integer default 1440)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_id         uuid := private.new_redemption_id();
  v_redemption public.redemptions;
begin
  if not v_key.is_sandbox then
    raise exception using errcode = 'PT403', message = 'sandbox_key_required',
      hint = 'Test codes are made by a sandbox key: nhp_sandbox_ and 64 characters.';
  end if;
  perform private.require_argument(valid_minutes between 1 and 1440, 'valid_minutes');
  perform private.require_argument(pg_catalog.octet_length(code_hash::bytea) = 32, 'code_hash');
  perform from public.partners p where p.id = v_key.partner_id for no key update;  -- the limit is counted one by one
  if (select count(*) from private.test_redemptions(v_key.partner_id) r
      where r.redeemed_at > now() - interval '1 day') >= 100 then
    raise exception using errcode = 'PT409', message = 'test_code_limit', hint = 'Come back tomorrow.';
  end if;
  insert into private.test_codes (id, reward_id, code_hash, expires_at)
  select v_id, w.id, create_test_code.code_hash::bytea, now() + pg_catalog.make_interval(mins => valid_minutes)
  from public.rewards w where w.id = create_test_code.reward_id and w.partner_id = v_key.partner_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  select r.* into v_redemption from private.test_redemptions(v_key.partner_id) r where r.id = v_id;
  perform private.emit_redemption(v_redemption, 'redemption.created');
  return private.partner_redemption_json(v_redemption);
end $$;
comment on function public.create_test_code(text, uuid, text, integer) is
  'Makes a code for trying, of any reward of the partner, retired ones included, and returns its redemption; at most '
  '100 in 24 hours. For sandbox keys. Scope: redemptions:use. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, sandbox_key_required, validation_failed, test_code_limit, reward_not_found.';
grant execute on function public.create_test_code(text, uuid, text, integer) to service_role;
