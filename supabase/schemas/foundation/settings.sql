create table private.settings (
  is_singleton             boolean primary key default true,
  reward_funding           public.reward_funding not null default 'community',
  confirmation_days        integer not null default 14,
  points_limit_per_creator integer not null default 5000,
  points_limit_per_pair    integer not null default 2000,
  points_limit_days        integer not null default 30,
  open_task_limit          integer not null default 20,
  welcome_points           integer not null default 0,
  updated_at               timestamptz not null default now(),
  constraint settings_has_one_row check (is_singleton),
  constraint confirmation_days_is_between_1_and_365 check (confirmation_days between 1 and 365),
  constraint points_limit_per_creator_is_not_negative check (points_limit_per_creator >= 0),
  constraint points_limit_per_pair_is_not_negative check (points_limit_per_pair >= 0),
  constraint points_limit_days_is_between_1_and_365 check (points_limit_days between 1 and 365),
  constraint open_task_limit_is_not_negative check (open_task_limit >= 0),
  constraint welcome_points_is_between_0_and_10000 check (welcome_points between 0 and 10000)
);

comment on table private.settings is
  'Product settings, exactly one row. Edit it in Studio; changes hold from the next command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';
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
comment on column private.settings.welcome_points is
  'Points booked as bonus at sign-up; needed to get started when creators pay rewards.';

alter table private.settings enable row level security;

create trigger settings_set_updated_at before update on private.settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

insert into private.settings default values;
