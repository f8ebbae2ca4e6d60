alter table private.settings
  add column message_limit_per_hour              integer not null default 240,
  add column conversation_message_limit_per_hour integer not null default 120,
  add column message_retention_days              integer not null default 365,
  add constraint message_limit_per_hour_is_between_0_and_10000 check (message_limit_per_hour between 0 and 10000),
  add constraint conversation_message_limit_per_hour_is_between_0_and_10000 check
    (conversation_message_limit_per_hour between 0 and 10000),
  add constraint message_retention_days_is_between_30_and_3650 check (message_retention_days between 30 and 3650);

comment on column private.settings.message_limit_per_hour is
  'Most messages a member may send in a row; as many come back in an hour, one by one.';
comment on column private.settings.conversation_message_limit_per_hour is
  'The same for one member in one conversation.';
comment on column private.settings.message_retention_days is
  'Days after its last message after which a conversation is forgotten.';
