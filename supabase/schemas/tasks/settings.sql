alter table private.settings
  add column reward_funding           public.reward_funding not null default 'community',
  add column confirmation_days        integer not null default 14,
  add column points_limit_per_creator integer not null default 5000,
  add column points_limit_per_pair    integer not null default 2000,
  add column points_limit_days        integer not null default 30,
  add column open_task_limit          integer not null default 20;

alter table private.settings
  add constraint confirmation_days_is_between_1_and_365 check (confirmation_days between 1 and 365),
  add constraint points_limit_per_creator_is_not_negative check (points_limit_per_creator >= 0),
  add constraint points_limit_per_pair_is_not_negative check (points_limit_per_pair >= 0),
  add constraint points_limit_days_is_between_1_and_365 check (points_limit_days between 1 and 365),
  add constraint open_task_limit_is_not_negative check (open_task_limit >= 0);

comment on column private.settings.reward_funding is
  'Who pays rewards of tasks created from now on: community (points are issued) or creator (held at posting, paid at '
  'confirmation).';
comment on column private.settings.confirmation_days is
  'Days after which a finished task that nobody answered confirms itself.';
comment on column private.settings.points_limit_per_creator is
  'Most community points one creator may commit and issue within points_limit_days.';
comment on column private.settings.points_limit_per_pair is
  'Most community points one creator may commit and issue to the same helper within points_limit_days.';
comment on column private.settings.points_limit_days is 'Length in days of the window for both points limits.';
comment on column private.settings.open_task_limit is 'Most open tasks a creator may have when posting another.';
