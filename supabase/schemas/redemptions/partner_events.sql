create function private.mark_used(redemption public.redemptions, till_reference text, used_at timestamptz)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update public.redemptions r
  set status = 'used', used_at = mark_used.used_at, till_reference = pg_catalog.left(mark_used.till_reference, 64)
  where r.id = redemption.id
  returning r.* into v_redemption;
  delete from private.partner_requests q where q.redemption_id = redemption.id;
  insert into private.audit_log (action, subject_id) values ('redemption_used', redemption.id);
  perform private.emit_redemption(v_redemption, 'redemption.used');
  return v_redemption;
end $$;
comment on function private.mark_used(public.redemptions, text, timestamptz) is
  'Marks a locked pending or active redemption as used.';

create function public.record_partner_event(partner_id uuid, event_id text, event_type text, occurred_at timestamptz,
  redemption_id uuid, code_hash text, code_ciphertext text, details jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
  v_outcome    text;
begin
  perform private.require_argument(pg_catalog.char_length(event_id) between 1 and 255, 'event_id');
  perform private.require_argument(event_type is not null, 'event_type');
  perform private.require_argument(occurred_at is not null, 'occurred_at');
  if not exists (select from public.partners p where p.id = record_partner_event.partner_id) then
    raise exception using errcode = 'PT404', message = 'partner_not_found', hint = 'There is no such partner.';
  end if;
  insert into private.partner_events (partner_id, event_id, type, outcome, occurred_at)
  values (record_partner_event.partner_id, record_partner_event.event_id, record_partner_event.event_type, 'ignored',
    record_partner_event.occurred_at)
  on conflict do nothing;
  if not found then
    return pg_catalog.jsonb_build_object('outcome', 'duplicate');
  end if;
  -- the sender's own rows only: by our id, or by the code
  select r.* into v_redemption from public.redemptions r
  where r.partner_id = record_partner_event.partner_id
    and r.id = coalesce(record_partner_event.redemption_id, (
      select c.redemption_id from private.reward_codes c
      where c.partner_id = record_partner_event.partner_id and c.code_hash = record_partner_event.code_hash::bytea))
  for no key update;
  if not found then
    -- not kept: it may have overtaken the one before it, and its repetition can succeed
    delete from private.partner_events e
    where e.partner_id = record_partner_event.partner_id and e.event_id = record_partner_event.event_id;
    return pg_catalog.jsonb_build_object('outcome', 'not_found');
  elsif event_type <> 'code.issued' and exists (
    select from private.reward_codes c
    where c.partner_id = record_partner_event.partner_id
      and (c.code_hash = record_partner_event.code_hash::bytea or c.redemption_id = v_redemption.id)
      and (c.code_hash = record_partner_event.code_hash::bytea)
        <> (c.redemption_id is not distinct from v_redemption.id)
  ) then
    v_outcome := 'conflict';  -- it names one redemption and the code of another
  elsif event_type = 'code.issued' and record_partner_event.code_hash is not null then
    v_outcome := case public.record_partner_code(v_redemption.id, record_partner_event.code_hash,
        record_partner_event.code_ciphertext, (details ->> 'expires_at')::timestamptz) ->> 'outcome'
      when 'attached' then 'applied' when 'repeated' then 'ignored' when 'ended' then 'ignored' else 'conflict' end;
  elsif event_type = 'code.used' then
    if v_redemption.status in ('pending', 'active') then
      -- never in a month that is settled already
      perform private.mark_used(v_redemption, details ->> 'till_reference',
        least(now(), greatest(v_redemption.redeemed_at,
          private.day_begins_at(private.community_period('month', now())),
          coalesce((details ->> 'used_at')::timestamptz, record_partner_event.occurred_at))));
      v_outcome := 'applied';
    else
      v_outcome := case when v_redemption.status = 'used' then 'ignored' else 'conflict' end;
    end if;
  elsif event_type = 'code.cancelled' then
    if v_redemption.status in ('pending', 'active') then
      perform private.end_redemption(v_redemption, 'cancelled', 'partner_cancelled', v_redemption.points_spent);
      v_outcome := 'applied';
    else
      v_outcome := case when v_redemption.status = 'used' then 'conflict' else 'ignored' end;
    end if;
  else
    v_outcome := 'ignored';
  end if;
  update private.partner_events e set outcome = v_outcome, redemption_id = v_redemption.id
  where e.partner_id = record_partner_event.partner_id and e.event_id = record_partner_event.event_id;
  return pg_catalog.jsonb_build_object('outcome', v_outcome);
end $$;
comment on function public.record_partner_event(uuid, text, text, timestamptz, uuid, text, text, jsonb) is
  'Applies an event code.issued, code.used or code.cancelled of a partner to one of its own redemptions, once: '
  '{outcome: applied, duplicate, ignored, conflict, not_found (not kept, may come again)}. Errors: partner_not_found, '
  'validation_failed. For the edge function partner-events.';
grant execute on function public.record_partner_event(uuid, text, text, timestamptz, uuid, text, text, jsonb)
  to service_role;
