alter table private.settings
  add column place_limit_per_day integer not null default 5,
  add constraint place_limit_per_day_is_not_negative check (place_limit_per_day >= 0);

comment on column private.settings.place_limit_per_day is 'Most places a member may add in 24 hours.';
