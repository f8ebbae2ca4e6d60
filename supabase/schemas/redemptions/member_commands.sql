create function public.begin_redemption(member_id uuid, reward_id uuid, expected_points integer, idempotency_key uuid,
  code_hash text, code_ciphertext text)
returns json
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_member     record;
  v_reward     record;
  v_redemption public.redemptions;
  v_id         uuid;
  v_view       record;
  v_request    jsonb;
  v_taken      integer;
  v_total      integer;
  v_ciphertext text := code_ciphertext;
begin
  perform private.require_argument(idempotency_key is not null, 'idempotency_key');
  -- lock: one member's redemptions run one after the other; in memory, because the member's row does not change
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(member_id::text, 0));
  -- guard
  select u.is_active, u.is_banned, u.is_email_verified into v_member
  from public.users u where u.id = begin_redemption.member_id;
  if not found then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_member.is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;

  -- a repetition gets the answer of the first time, whatever has changed since
  select r.* into v_redemption from public.redemptions r
  where r.user_id = begin_redemption.member_id and r.idempotency_key = begin_redemption.idempotency_key;
  if found then
    if (v_redemption.reward_id, v_redemption.points_spent)
      is distinct from (begin_redemption.reward_id, begin_redemption.expected_points) then
      raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
        hint = 'Choose a new key for another redemption.';
    end if;
    return pg_catalog.json_build_object('redemption', private.redemption_json(v_redemption), 'request', null,
      'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
  end if;

  select w.partner_id, w.title_de, w.title_en, w.points_cost, w.discount_type, w.discount_value, w.discount_currency,
    w.valid_from, w.valid_until, w.limit_per_member, w.limit_period, w.code_source, w.code_valid_days, w.return_days,
    w.expiry_refund_percent, w.is_active, w.is_limited, p.name as partner_name, p.is_active as partner_is_active,
    exists (select from private.webhook_endpoints e where e.partner_id = w.partner_id and e.is_enabled) as is_listening
  into v_reward
  from public.rewards w join public.partners p on p.id = w.partner_id
  where w.id = begin_redemption.reward_id;

  -- check
  if v_member.is_banned then
    raise exception using errcode = 'PT403', message = 'user_banned',
      hint = 'This account is banned; see user_bans for the reason.';
  end if;
  if v_reward.partner_id is null then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  if not v_member.is_email_verified and (select s.redemption_requires_verified_email from private.settings s) then
    raise exception using errcode = 'PT403', message = 'email_not_verified',
      hint = 'Please confirm your e-mail address first.';
  end if;
  if not (v_reward.is_active and v_reward.partner_is_active) then
    raise exception using errcode = 'PT409', message = 'reward_inactive', hint = 'This reward is no longer offered.';
  end if;
  if v_reward.valid_from > now() then
    raise exception using errcode = 'PT409', message = 'reward_not_started', detail = v_reward.valid_from::text,
      hint = 'This reward cannot be redeemed yet.';
  end if;
  if v_reward.valid_until <= now() then
    raise exception using errcode = 'PT409', message = 'reward_ended', detail = v_reward.valid_until::text,
      hint = 'This reward can no longer be redeemed.';
  end if;
  if v_reward.points_cost is distinct from begin_redemption.expected_points then
    raise exception using errcode = 'PT409', message = 'price_changed', detail = v_reward.points_cost::text,
      hint = 'The detail tells the current price in points.';
  end if;
  if v_reward.code_source = 'partner_api'
    and not exists (select from private.partner_connections c where c.partner_id = v_reward.partner_id) then
    raise exception using errcode = 'PT409', message = 'reward_inactive', detail = 'partner_not_connected',
      hint = 'This reward is not offered yet.';
  end if;
  if v_reward.limit_per_member is not null then
    if (select count(*) from public.redemptions r
        where r.reward_id = begin_redemption.reward_id and r.user_id = begin_redemption.member_id
          and r.status not in ('cancelled', 'failed')
          and r.redeemed_at >= (select case when v_reward.limit_period is null then '-infinity'
            else private.day_begins_at(private.community_period(v_reward.limit_period, now())) end)
       ) >= v_reward.limit_per_member then
      raise exception using errcode = 'PT409', message = 'reward_limit_reached',
        detail = v_reward.limit_per_member::text,
        hint = 'This reward was redeemed as often as one member may.';
    end if;
  end if;

  -- act: debit first, which refuses when the points are not there
  v_id := private.new_redemption_id();
  insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after)
  values (begin_redemption.member_id, v_id, -v_reward.points_cost, 'redemption', 0);

  insert into public.redemptions as r
    (id, user_id, partner_id, reward_id, idempotency_key, points_spent, discount_type, discount_value,
      discount_currency, partner_name, title_de, title_en, status, expiry_refund_points, expires_at, returnable_until)
  values (v_id, begin_redemption.member_id, v_reward.partner_id, begin_redemption.reward_id,
    begin_redemption.idempotency_key, v_reward.points_cost, v_reward.discount_type, v_reward.discount_value,
    v_reward.discount_currency, v_reward.partner_name, v_reward.title_de, v_reward.title_en,
    case when v_reward.code_source = 'partner_api' then 'pending' else 'active' end,
    v_reward.points_cost::bigint * v_reward.expiry_refund_percent / 100,
    now() + pg_catalog.make_interval(days => v_reward.code_valid_days),
    case when v_reward.return_days > 0
      then now() + pg_catalog.make_interval(days => least(v_reward.return_days, v_reward.code_valid_days)) end)
  -- the columns of private.redemption_json; as json, which costs less to write than jsonb
  returning r.id, r.reward_id, r.partner_id, r.partner_name, r.title_de, r.title_en, r.points_spent, r.discount_type,
    r.discount_value, r.discount_currency, r.status, r.end_reason, r.redeemed_at, r.expires_at, r.returnable_until,
    r.used_at, r.ended_at into v_view;

  if v_reward.code_source = 'generated' then
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext, redemption_id)
    values (v_reward.partner_id, begin_redemption.reward_id, begin_redemption.code_hash::bytea,
      begin_redemption.code_ciphertext, v_id);
  end if;

  if v_reward.is_limited or v_reward.code_source = 'pool' then
    -- the one row that all members share: taken last, held shortest
    update public.reward_stocks s set taken = s.taken + 1
    where s.reward_id = begin_redemption.reward_id and s.taken < s.total
    returning s.taken, s.total into v_taken, v_total;
    if not found then
      raise exception using errcode = 'PT409', message = 'reward_sold_out', hint = 'This reward is sold out.';
    end if;
  end if;

  if v_reward.code_source = 'pool' then
    -- the stock row is locked, so nobody else is choosing from this pool
    update private.reward_codes c set redemption_id = v_id
    where (c.code_hash, c.partner_id) = (
      select k.code_hash, k.partner_id from private.reward_codes k
      where k.reward_id = begin_redemption.reward_id and k.redemption_id is null order by k.id limit 1)
      and c.redemption_id is null
    returning c.ciphertext into strict v_ciphertext;
  elsif v_reward.code_source = 'partner_api' then
    v_ciphertext := null;
    insert into private.partner_requests (redemption_id, partner_id, next_attempt_at, deadline_at)
    select v_id, v_reward.partner_id, now() + private.lease_length(),
      now() + pg_catalog.make_interval(mins => s.partner_answer_minutes)
    from private.settings s;
  end if;

  -- record
  if v_reward.is_listening or v_view.status = 'pending' then
    select r.* into v_redemption from public.redemptions r where r.id = v_id;
    if v_view.status = 'pending' then
      v_request := private.partner_request_json(v_redemption, 1);
    else
      perform private.emit_redemption(v_redemption, 'redemption.created');
    end if;
    if v_taken = v_total then
      perform private.emit_webhook(v_reward.partner_id, 'reward.sold_out',
        pg_catalog.jsonb_build_object('reward_id', begin_redemption.reward_id, 'total', v_total));
    end if;
  end if;
  return pg_catalog.json_build_object('redemption', pg_catalog.row_to_json(v_view), 'code_ciphertext', v_ciphertext,
    'request', v_request);
end $$;
comment on function public.begin_redemption(uuid, uuid, integer, uuid, text, text) is
  'Spends a member''s points on a reward: {redemption, code_ciphertext, request}. The given sealed code is attached '
  'to generated rewards; request is set when a partner must be asked for the code now. The same key gives the same '
  'redemption. Errors: not_signed_in, user_inactive, user_banned, email_not_verified, reward_not_found, '
  'reward_inactive, reward_not_started, reward_ended, price_changed (detail = current price), reward_limit_reached, '
  'reward_sold_out, insufficient_points, idempotency_key_reused, validation_failed. For the edge function redeem.';
grant execute on function public.begin_redemption(uuid, uuid, integer, uuid, text, text) to service_role;

create function public.read_redemption(member_id uuid, redemption_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r join public.users u on u.id = r.user_id and u.is_active
  where r.id = read_redemption.redemption_id and r.user_id = read_redemption.member_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption),
    'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
end $$;
comment on function public.read_redemption(uuid, uuid) is
  'A member''s own redemption with its sealed code: {redemption, code_ciphertext}. Errors: redemption_not_found. For '
  'the edge function redeem.';
grant execute on function public.read_redemption(uuid, uuid) to service_role;

create function public.return_redemption(member_id uuid, redemption_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r join public.users u on u.id = r.user_id and u.is_active
  where r.id = return_redemption.redemption_id and r.user_id = return_redemption.member_id for no key update of r;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  if v_redemption.status = 'cancelled' and v_redemption.end_reason = 'returned' then
    return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
  end if;
  if v_redemption.status = 'pending' then
    raise exception using errcode = 'PT409', message = 'redemption_pending', hint = 'The partner has not answered yet.';
  end if;
  if v_redemption.status <> 'active' or v_redemption.returnable_until is null
    or v_redemption.returnable_until <= now() or v_redemption.expires_at <= now() then
    raise exception using errcode = 'PT409', message = 'redemption_not_returnable', detail = v_redemption.status,
      hint = 'This code can no longer be given back.';
  end if;
  perform private.count_action(v_redemption.user_id, 'return_limit_reached',
    (select s.return_limit_per_day from private.settings s));
  v_redemption := private.end_redemption(v_redemption, 'cancelled', 'returned', v_redemption.points_spent);
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.return_redemption(uuid, uuid) is
  'Gives an unused code back within the reward''s window and refunds the points: {redemption}. Repeating it gives '
  'the same answer. Errors: redemption_not_found, redemption_pending, redemption_not_returnable, '
  'return_limit_reached. For the edge function redeem.';
grant execute on function public.return_redemption(uuid, uuid) to service_role;
