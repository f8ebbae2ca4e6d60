create function private.new_redemption_id()
returns uuid
language plpgsql volatile set search_path = ''
as $$
begin
  return pg_catalog.lpad(
    pg_catalog.to_hex((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint), 12, '0')
    || '-7' || pg_catalog.substr(gen_random_uuid()::text, 16);
end $$;
comment on function private.new_redemption_id() is 'A UUID of version 7, which sorts by time.';

create function private.lock_redemption(redemption_id uuid, partner_id uuid default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r
  where r.id = lock_redemption.redemption_id and r.partner_id = coalesce(lock_redemption.partner_id, r.partner_id)
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  return v_redemption;
end $$;
comment on function private.lock_redemption(uuid, uuid) is
  'Locks a redemption, where a partner is named one of its own. Raises PT404 redemption_not_found.';

create function private.redemption_json(redemption public.redemptions)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return to_jsonb(redemption) - '{user_id,idempotency_key,till_reference,expiry_refund_points}'::text[];
end $$;
comment on function private.redemption_json(public.redemptions) is 'A redemption as its member sees it.';

create function private.partner_redemption_json(redemption public.redemptions)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return to_jsonb(redemption)
    - '{user_id,partner_id,partner_name,idempotency_key,returnable_until,expiry_refund_points}'::text[]
    || pg_catalog.jsonb_build_object('is_test', redemption.user_id is null);
end $$;
comment on function private.partner_redemption_json(public.redemptions) is
  'A redemption as its partner sees it: never who redeemed; that of a test code is nobody''s.';

create function private.emit_redemption(redemption public.redemptions, type text)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- asked first, because most partners listen to nothing and the event is not cheap to write
  if exists (select from private.webhook_endpoints e where e.partner_id = redemption.partner_id and e.is_enabled) then
    perform private.emit_webhook(redemption.partner_id, emit_redemption.type,
      private.partner_redemption_json(redemption) - 'id'
        || pg_catalog.jsonb_build_object('redemption_id', redemption.id), redemption.user_id is null);
  end if;
end $$;
comment on function private.emit_redemption(public.redemptions, text) is
  'Tells a redemption''s partner of an event, within the caller''s transaction.';

create function private.partner_request_json(redemption public.redemptions, attempt integer)
returns jsonb
language sql stable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object('redemption_id', redemption.id, 'url', c.url, 'attempt', attempt,
    'secrets', private.valid_secrets(c.secret, c.older_secrets),
    'body', pg_catalog.jsonb_build_object('redemption_id', redemption.id, 'reward_id', redemption.reward_id,
      'title_de', redemption.title_de, 'title_en', redemption.title_en, 'points_spent', redemption.points_spent,
      'discount_type', redemption.discount_type, 'discount_value', redemption.discount_value,
      'discount_currency', redemption.discount_currency, 'expires_at', redemption.expires_at))
  from (select 1) one left join private.partner_connections c on c.partner_id = redemption.partner_id
$$;
comment on function private.partner_request_json(public.redemptions, integer) is
  'What an edge function needs to ask a partner for a code; url is null for a partner that sends its codes by itself.';

create function private.give_stock_back(reward_id uuid, count integer)
returns void
language sql volatile set search_path = ''
as $$
  -- a pool code that somebody has seen never goes to somebody else
  update public.reward_stocks s set taken = s.taken - give_stock_back.count
  from public.rewards w
  where s.reward_id = give_stock_back.reward_id and w.id = s.reward_id and w.code_source <> 'pool'
$$;
comment on function private.give_stock_back(uuid, integer) is
  'Makes room again in the stock of a reward, where it has one that is no pool.';

create function private.end_redemption(redemption public.redemptions, status text, reason text, refund integer,
  keeps_stock boolean default false)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update public.redemptions r set status = end_redemption.status, end_reason = reason, ended_at = now()
  where r.id = redemption.id
  returning r.* into v_redemption;
  delete from private.partner_requests q where q.redemption_id = redemption.id;
  if refund > 0 then
    insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after, description)
    values (redemption.user_id, redemption.id, refund, 'refund', 0, coalesce(reason, end_redemption.status));
  end if;
  if end_redemption.status in ('cancelled', 'failed') and not keeps_stock then
    perform private.give_stock_back(redemption.reward_id, 1);
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'redemption_' || end_redemption.status, redemption.id,
    pg_catalog.jsonb_build_object('reason', reason, 'refund', refund));
  perform private.emit_redemption(v_redemption,
    case when end_redemption.status = 'expired' then 'redemption.expired' else 'redemption.cancelled' end);
  return v_redemption;
end $$;
comment on function private.end_redemption(public.redemptions, text, text, integer, boolean) is
  'Ends a locked redemption as expired, cancelled or failed: refunds, gives the stock back unless the caller will, '
  'tells the partner. The caller has checked that it is pending or active.';
