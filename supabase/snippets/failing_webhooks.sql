-- Webhook endpoints of partners that are disabled, fail or have messages waiting or given up.
-- Switch one on again: select ops.enable_webhook_endpoint('<id>');
select * from ops.webhook_endpoints_health
where not is_enabled or failure_streak > 0 or dead > 0 or oldest_pending_at < now() - interval '10 minutes'
order by is_enabled, oldest_pending_at;
