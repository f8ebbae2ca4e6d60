alter table private.settings
  add column redemption_requires_verified_email boolean not null default true,
  add column partner_answer_minutes integer not null default 60,
  add column return_limit_per_day integer not null default 20,
  add constraint partner_answer_minutes_is_between_2_and_10080 check (partner_answer_minutes between 2 and 10080),
  add constraint return_limit_per_day_is_not_negative check (return_limit_per_day >= 0);

comment on column private.settings.redemption_requires_verified_email is
  'Only members whose e-mail address is confirmed can redeem points.';
comment on column private.settings.partner_answer_minutes is
  'Minutes after which a partner that gave no clear answer loses the redemption: the points go back.';
comment on column private.settings.return_limit_per_day is
  'Most codes a member may give back in 24 hours: without it the same points buy codes, and make work for partners, '
  'without end.';
