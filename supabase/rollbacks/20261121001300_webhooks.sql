-- Written by npm run db:build: takes the room webhooks out again. DELETES what is in private.webhook_endpoints, private.webhook_messages, private.webhook_attempts: take a backup first.

drop function public.replay_webhook_message;
drop function public.list_webhook_messages;
drop function private.message_json;
delete from private.jobs where room = 'webhooks';
drop function private.has_work_for_deliver_webhooks;
drop function private.purge_webhooks;
drop function public.delete_webhook_endpoint;
drop function public.test_webhook_endpoint;
drop function public.rotate_webhook_secret;
drop function public.list_webhook_endpoints;
drop function public.create_webhook_endpoint;
drop function private.endpoint_json;
drop function private.emit_webhook;
drop function private.webhook_event_types;
drop function public.record_webhook_attempts;
drop function public.claim_webhook_messages;
drop function private.addressee;
drop view ops.webhook_endpoints_health;
drop function ops.retry_webhook_messages;
drop function ops.enable_webhook_endpoint;
drop table private.webhook_attempts;
drop table private.webhook_messages;
drop table private.webhook_endpoints;
