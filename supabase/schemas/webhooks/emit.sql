create function private.webhook_event_types()
returns text[]
language sql immutable set search_path = ''
as $$ select array['redemption.created', 'redemption.used', 'redemption.expired', 'redemption.cancelled',
  'reward.sold_out'] $$;
comment on function private.webhook_event_types() is 'Everything an endpoint can be told of.';

create function private.emit_webhook(partner_id uuid, type text, data jsonb, is_test boolean default false)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: an endpoint that is just being deleted is told nothing, rather than missed by the foreign key
  insert into private.webhook_messages (endpoint_id, partner_id, is_test, type, payload)
  select e.id, e.partner_id, e.is_sandbox, emit_webhook.type,
    pg_catalog.jsonb_build_object('type', emit_webhook.type, 'timestamp', now(), 'data', emit_webhook.data)
  from private.webhook_endpoints e
  where e.partner_id = emit_webhook.partner_id and e.is_sandbox = emit_webhook.is_test and e.is_enabled
    and emit_webhook.type = any (e.event_types)
  order by e.id for key share;
end $$;
comment on function private.emit_webhook(uuid, text, jsonb, boolean) is
  'Puts an event into the outbox of every endpoint that wants it, within the caller''s transaction; a test goes to '
  'endpoints of sandbox keys alone.';
