alter table private.settings
  add column outbox_retention_days integer not null default 90,
  -- not before what could not be sent was given up and somebody could look why
  add constraint outbox_retention_days_is_between_7_and_3650 check (outbox_retention_days between 7 and 3650);

comment on column private.settings.outbox_retention_days is
  'Days after which webhook messages, with their payloads and attempts, and deliveries of notifications are forgotten '
  'once they were sent or given up. Until then partners can list and replay webhooks.';
