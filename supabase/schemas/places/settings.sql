alter table private.settings
  add column place_limit_per_day integer not null default 5,
  add column review_limit_per_day integer not null default 50,
  add constraint place_limit_per_day_is_not_negative check (place_limit_per_day >= 0),
  add constraint review_limit_per_day_is_not_negative check (review_limit_per_day >= 0);

comment on column private.settings.place_limit_per_day is 'Most places a member may add in 24 hours.';
comment on column private.settings.review_limit_per_day is
  'Most times a member may review a place or change a review in 24 hours; taking one back does not give it back.';
