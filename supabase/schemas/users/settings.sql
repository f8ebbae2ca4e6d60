alter table private.settings
  add column block_limit_per_day integer not null default 100,
  add column consent_limit_per_day integer not null default 20,
  add constraint block_limit_per_day_is_not_negative check (block_limit_per_day >= 0),
  add constraint consent_limit_per_day_is_not_negative check (consent_limit_per_day >= 0);

comment on column private.settings.block_limit_per_day is
  'Most times a member may block somebody in 24 hours; lifting a block does not give it back.';
comment on column private.settings.consent_limit_per_day is
  'Most times a member may agree to be shown on leaderboards or to be suggested in 24 hours. Withdrawing is free.';
