create function private.message_json(message private.webhook_messages)
returns jsonb
language sql immutable set search_path = ''
as $$ select to_jsonb(message) - 'partner_id' $$;
comment on function private.message_json(private.webhook_messages) is 'A webhook message as its partner sees it.';

create function public.list_webhook_messages(api_key_hash text, status text default null,
  page_size integer default null, after bigint default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:read');
  v_size integer := private.clamp_page_size(page_size);
begin
  return private.as_page((
    select pg_catalog.jsonb_agg(private.message_json(m.*::private.webhook_messages) order by m.id desc)
    from (select w.* from private.webhook_messages w
          where w.partner_id = v_key.partner_id and w.is_test = v_key.is_sandbox
            and w.id < coalesce(list_webhook_messages.after, 9223372036854775807)
            and (list_webhook_messages.status is null or w.status = list_webhook_messages.status)
          order by w.id desc limit v_size) m), v_size, 'id');
end $$;
comment on function public.list_webhook_messages(text, text, integer, bigint) is
  'The partner''s webhook messages, newest first: {items, next}. Scope: webhooks:read. Errors: api_key_invalid, '
  'scope_missing, partner_inactive.';
grant execute on function public.list_webhook_messages(text, text, integer, bigint) to service_role;

create function public.replay_webhook_message(api_key_hash text, message_id bigint)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key     private.partner_api_keys := private.require_partner(api_key_hash, 'webhooks:write');
  v_message private.webhook_messages;
begin
  -- three more days from now on
  update private.webhook_messages m
  set status = 'pending', next_attempt_at = now(), delivered_at = null, attempts = 0, created_at = now()
  where m.id = replay_webhook_message.message_id and m.partner_id = v_key.partner_id
    and m.is_test = v_key.is_sandbox
  returning m.* into v_message;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_message_not_found', hint = 'There is no such message.';
  end if;
  delete from private.webhook_attempts a where a.message_id = v_message.id;
  return private.message_json(v_message);
end $$;
comment on function public.replay_webhook_message(text, bigint) is
  'Sends a message again, with the same webhook-id, and returns it. Scope: webhooks:write. Errors: api_key_invalid, '
  'scope_missing, partner_inactive, webhook_message_not_found.';
grant execute on function public.replay_webhook_message(text, bigint) to service_role;
