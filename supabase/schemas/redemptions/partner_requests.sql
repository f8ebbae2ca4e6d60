create function private.code_addressee(partner_id uuid)
returns private.addressee
language sql stable set search_path = ''
as $$
  select row('partner_code', code_addressee.partner_id, (select private.host_of(c.url)
    from private.partner_connections c where c.partner_id = code_addressee.partner_id))::private.addressee
$$;
comment on function private.code_addressee(uuid) is 'A partner and the host that is asked for its codes.';

create function public.claim_partner_requests(batch integer default 20, under_way uuid[] default '{}')
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_batch     integer := greatest(1, least(100, coalesce(batch, 20)));
  v_under_way private.addressee[];
  v_partners  text[];
  v_shares    integer[];
  v_requests  jsonb;
begin
  v_under_way := array(select private.code_addressee(q.partner_id) from private.partner_requests q
    where q.redemption_id = any (claim_partner_requests.under_way));
  with p as materialized (
    select w.id, private.code_addressee(w.id) as addressee, pg_catalog.row_number() over (order by f.due_at) as turn
    from public.partners w cross join lateral (
      select min(q.next_attempt_at) as due_at from private.partner_requests q
      where q.partner_id = w.id and q.next_attempt_at <= now() and q.deadline_at > now()) f
    where f.due_at is not null
  ), o as (
    select p.id::text, p.turn,
      least(r.for_owner, r.for_host, case when r.is_stranger then r.for_strangers end) as room
    from p join private.room_at(array(select x.addressee from p x order by x.turn), v_under_way,
      v_batch + pg_catalog.cardinality(v_under_way)) r on r.turn = p.turn and r.paused_until <= now()
  )
  select pg_catalog.array_agg(o.id order by o.turn), pg_catalog.array_agg(o.room order by o.turn)
  into v_partners, v_shares from o where o.room > 0;
  with due as materialized (
    select q.redemption_id, private.code_addressee(q.partner_id) as addressee, pg_catalog.row_number() over () as turn
    from private.lock_due(null::private.partner_requests, 'q.partner_id = l.lane::uuid and q.deadline_at > now()',
      v_partners, v_shares, v_batch) q
  ), claimed as (
    update private.partner_requests q
    set attempts = q.attempts + 1, next_attempt_at = now() + private.lease_length()
    from due join private.admit(array(select d.addressee from due d order by d.turn), v_under_way, v_batch) a
      on a.turn = due.turn and a.is_admitted
    where q.redemption_id = due.redemption_id
    returning q.redemption_id, q.attempts
  )
  select pg_catalog.jsonb_agg(private.partner_request_json(r.*::public.redemptions, c.attempts)) into v_requests
  from claimed c join public.redemptions r on r.id = c.redemption_id;
  return coalesce(v_requests, '[]');
end $$;
comment on function public.claim_partner_requests(integer, uuid[]) is
  'Hands out redemptions whose partner is to be asked again, for 60 seconds each: [{redemption_id, url, secrets, '
  'attempt, body}]. With what the caller has under way already, partners and hosts get their share of the slots. '
  'For the edge function sweep-redemptions.';
grant execute on function public.claim_partner_requests(integer, uuid[]) to service_role, app_service;

create function private.remember_partner_host(redemption public.redemptions, duration_ms integer, is_success boolean)
returns void
language sql volatile set search_path = ''
as $$
  select private.remember_hosts(array[row(a.channel, a.host, redemption.partner_id::text,
    private.is_slow(duration_ms), is_success)::private.visit])
  from private.code_addressee(redemption.partner_id) a where duration_ms is not null
$$;
comment on function private.remember_partner_host(public.redemptions, integer, boolean) is
  'Learns how quick the host of a partner is; duration null: it was not asked.';

create function public.record_partner_code(redemption_id uuid, code_hash text, code_ciphertext text,
  code_expires_at timestamptz default null, duration_ms integer default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_code.redemption_id);
  v_stored     bytea;
  v_outcome    text;
begin
  perform private.require_argument(code_hash is not null, 'code_hash');
  perform private.require_argument(code_ciphertext is not null, 'code_ciphertext');
  select c.code_hash into v_stored from private.reward_codes c where c.redemption_id = v_redemption.id;
  if found then
    v_outcome := case when v_stored = record_partner_code.code_hash::bytea then 'repeated' else 'conflict' end;
  elsif v_redemption.status not in ('pending', 'used') then
    v_outcome := 'ended';
  else
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext, redemption_id)
    values (v_redemption.partner_id, v_redemption.reward_id, record_partner_code.code_hash::bytea,
      record_partner_code.code_ciphertext, v_redemption.id)
    on conflict on constraint reward_codes_pkey do nothing;
    if not found then
      v_outcome := 'duplicate';
      if v_redemption.status = 'pending' then
        v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_code_duplicate',
          v_redemption.points_spent);
      end if;
    else
      v_outcome := 'attached';
      delete from private.partner_requests q where q.redemption_id = v_redemption.id;
      if v_redemption.status = 'pending' then  -- used already, when the partner's events came in another order
        update public.redemptions r
        set status = 'active', expires_at = case when record_partner_code.code_expires_at > now()
          then record_partner_code.code_expires_at else r.expires_at end
        where r.id = v_redemption.id returning r.* into v_redemption;
        perform private.emit_redemption(v_redemption, 'redemption.created');
      end if;
    end if;
  end if;
  if v_outcome in ('conflict', 'ended', 'duplicate') then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_code_refused', v_redemption.id, pg_catalog.jsonb_build_object('outcome', v_outcome));
  end if;
  perform private.remember_partner_host(v_redemption, duration_ms, true);
  return pg_catalog.jsonb_build_object('outcome', v_outcome, 'redemption', private.redemption_json(v_redemption),
    'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
end $$;
comment on function public.record_partner_code(uuid, text, text, timestamptz, integer) is
  'Attaches the code a partner gave: {outcome, redemption, code_ciphertext}. Outcome: attached, repeated, conflict '
  '(another code stays), ended (too late, dropped), duplicate (given to somebody before: failed and refunded). '
  'Errors: redemption_not_found, validation_failed. For edge functions.';
grant execute on function public.record_partner_code(uuid, text, text, timestamptz, integer)
  to service_role, app_service;

create function public.record_partner_refusal(redemption_id uuid, reason text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_refusal.redemption_id);
begin
  if v_redemption.status = 'pending' then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_refused', v_redemption.id,
      pg_catalog.jsonb_build_object('answer', pg_catalog.left(record_partner_refusal.reason, 500)));
    v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_refused', v_redemption.points_spent);
  end if;
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.record_partner_refusal(uuid, text) is
  'Books a definite refusal of a partner: the redemption fails and the points go back: {redemption}. Does nothing to '
  'one that is no longer pending. Errors: redemption_not_found. For edge functions.';
grant execute on function public.record_partner_refusal(uuid, text) to service_role, app_service;

create function public.record_partner_failure(redemption_id uuid, error text, retry_after_seconds integer default null,
  duration_ms integer default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_failure.redemption_id);
  v_request    private.partner_requests;
begin
  update private.partner_requests q
  set last_error = pg_catalog.left(record_partner_failure.error, 500),
      next_attempt_at = now() + greatest(
        least(interval '5 minutes', private.retry_delay(q.attempts)),
        pg_catalog.make_interval(secs => least(3600, greatest(0, record_partner_failure.retry_after_seconds))))
  where q.redemption_id = v_redemption.id
  returning q.* into v_request;
  if found and v_redemption.status = 'pending' and v_request.deadline_at <= now() then
    v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_silent', v_redemption.points_spent);
  end if;
  perform private.remember_partner_host(v_redemption, duration_ms, false);
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.record_partner_failure(uuid, text, integer, integer) is
  'Books an attempt with unknown outcome: the partner is asked again later with the same key; after the deadline the '
  'points go back: {redemption}. Errors: redemption_not_found. For edge functions.';
grant execute on function public.record_partner_failure(uuid, text, integer, integer) to service_role, app_service;
