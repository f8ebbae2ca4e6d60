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
