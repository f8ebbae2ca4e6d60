alter table private.settings
  add column redemption_requires_verified_email boolean not null default true,
  add column partner_answer_minutes integer not null default 60,
  add constraint partner_answer_minutes_is_between_2_and_10080 check (partner_answer_minutes between 2 and 10080);

comment on column private.settings.redemption_requires_verified_email is
  'Only members whose e-mail address is confirmed can redeem points.';
comment on column private.settings.partner_answer_minutes is
  'Minutes after which a partner that gave no clear answer loses the redemption: the points go back.';
