alter table private.settings add column welcome_points integer not null default 0;

alter table private.settings
  add constraint welcome_points_is_between_0_and_10000 check (welcome_points between 0 and 10000);

comment on column private.settings.welcome_points is
  'Points booked as bonus at sign-up; needed to get started when creators pay rewards.';
