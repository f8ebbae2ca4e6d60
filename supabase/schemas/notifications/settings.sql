alter table private.settings
  add column notification_retention_days integer not null default 365,
  add constraint notification_retention_days_is_between_30_and_3650 check
    (notification_retention_days between 30 and 3650),
  add constraint notifications_stay_as_long_as_their_deliveries check
    (notification_retention_days >= outbox_retention_days);

comment on column private.settings.notification_retention_days is
  'Days after which a notification is forgotten, read or not. At least outbox_retention_days.';
