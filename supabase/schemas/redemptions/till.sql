create function private.code_outcome(redemption public.redemptions)
returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when redemption.status = 'active' and redemption.expires_at <= now() then 'expired'
    when redemption.status = 'active' then 'valid'
    when redemption.status in ('used', 'expired') then redemption.status else 'cancelled' end;
end $$;
comment on function private.code_outcome(public.redemptions) is
  'What a till is told about a code: valid, used, expired, cancelled.';

create function public.verify_code(api_key_hash text, code_hash text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_redemption public.redemptions;
begin
  perform private.guard_wrong_codes(v_key);
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, code_hash => verify_code.code_hash::bytea);
  else
    select r.* into v_redemption
    from private.reward_codes c join public.redemptions r on r.id = c.redemption_id
    where c.partner_id = v_key.partner_id and c.code_hash = verify_code.code_hash::bytea;
  end if;
  if v_redemption.id is null then
    perform private.count_wrong_code(v_key.id);
    return pg_catalog.jsonb_build_object('outcome', 'not_found', 'redemption', null);
  end if;
  return pg_catalog.jsonb_build_object('outcome', private.code_outcome(v_redemption),
    'redemption', private.partner_redemption_json(v_redemption));
end $$;
comment on function public.verify_code(text, text) is
  'Looks a code up without changing it: {outcome: valid, used, expired, cancelled, not_found; redemption}. Scope: '
  'redemptions:use. Errors: api_key_invalid, scope_missing, partner_inactive, too_many_wrong_codes (detail = seconds '
  'to wait).';
grant execute on function public.verify_code(text, text) to service_role;

create function public.use_code(api_key_hash text, code_hash text, till_reference text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_redemption public.redemptions;
  v_outcome    text;
  v_is_repeat  boolean := false;
begin
  if till_reference is null or till_reference !~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$' then
    raise exception using errcode = 'PT400', message = 'till_reference_invalid',
      hint = 'Use 1 to 64 letters, digits or . _ : / - and begin with a letter or digit.';
  end if;
  perform private.guard_wrong_codes(v_key);
  -- lock: of two tills, one wins
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, code_hash => use_code.code_hash::bytea);
  else
    select r.* into v_redemption
    from private.reward_codes c join public.redemptions r on r.id = c.redemption_id
    where c.partner_id = v_key.partner_id and c.code_hash = use_code.code_hash::bytea
    for no key update of r;
  end if;
  if v_redemption.id is null then
    perform private.count_wrong_code(v_key.id);
    return pg_catalog.jsonb_build_object('outcome', 'not_found', 'is_repeat', false, 'redemption', null);
  end if;
  v_outcome := private.code_outcome(v_redemption);
  if v_outcome = 'valid' then
    v_redemption := case
      when v_key.is_sandbox then private.end_test_code(v_redemption, 'used', till_reference => use_code.till_reference)
      else private.mark_used(v_redemption, use_code.till_reference, now()) end;
    v_outcome := 'used';
  elsif v_outcome = 'used' then
    v_is_repeat := v_redemption.till_reference is not distinct from use_code.till_reference;
    v_outcome := case when v_is_repeat then 'used' else 'already_used' end;
  end if;
  return pg_catalog.jsonb_build_object('outcome', v_outcome, 'is_repeat', v_is_repeat,
    'redemption', private.partner_redemption_json(v_redemption));
end $$;
comment on function public.use_code(text, text, text) is
  'Uses a code, once: {outcome: used, already_used, expired, cancelled, not_found; is_repeat; redemption}. The same '
  'till reference again gives the same answer. Scope: redemptions:use. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, till_reference_invalid, too_many_wrong_codes (detail = seconds to wait).';
grant execute on function public.use_code(text, text, text) to service_role;

create function public.cancel_redemption(api_key_hash text, redemption_id uuid, reason text default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:cancel');
  v_redemption public.redemptions;
  v_reason     text := private.clean_optional_text(cancel_redemption.reason, 'reason',
    private.max_message_length(), true);
begin
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, id => cancel_redemption.redemption_id);
    if v_redemption.id is null then
      raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such test code.';
    end if;
  else
    v_redemption := private.lock_redemption(cancel_redemption.redemption_id, v_key.partner_id);
  end if;
  if v_redemption.status = 'cancelled' and v_redemption.end_reason = 'partner_cancelled' then
    return private.partner_redemption_json(v_redemption);
  end if;
  if v_redemption.status not in ('pending', 'active') then
    raise exception using errcode = 'PT409', message = 'redemption_not_cancellable', detail = v_redemption.status,
      hint = 'This redemption has already ended.';
  end if;
  if v_key.is_sandbox then
    return private.partner_redemption_json(
      private.end_test_code(v_redemption, 'cancelled', reason => 'partner_cancelled'));
  end if;
  if v_reason is not null then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_cancelled', v_redemption.id,
      pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'reason', v_reason));
  end if;
  return private.partner_redemption_json(private.end_redemption(v_redemption, 'cancelled', 'partner_cancelled',
    v_redemption.points_spent));
end $$;
comment on function public.cancel_redemption(text, uuid, text) is
  'The partner gives the points of an unused redemption back, and gets the redemption. Repeating it gives the same '
  'answer. Scope: redemptions:cancel. Errors: api_key_invalid, scope_missing, partner_inactive, '
  'redemption_not_found, redemption_not_cancellable, text_too_long, text_has_control_characters.';
grant execute on function public.cancel_redemption(text, uuid, text) to service_role;
