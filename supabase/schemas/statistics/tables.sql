-- Room: statistics. Leaderboards, the figures of a member, and the figures of a month, from counters that a job keeps.
-- Nothing here runs in a member's command: the job reads what the ledger (point_transactions) and the history of tasks
-- (task_events) have got since its last run, and is the only writer of every counter, so no row is hot.

create table private.statistics_progress (
  is_singleton     boolean primary key default true,
  events_position  bigint not null default 0,
  ledger_position  bigint not null default 0,
  events_settled   bigint not null default 0,
  ledger_settled   bigint not null default 0,
  events_fence     bigint not null default 0,
  ledger_fence     bigint not null default 0,
  writers          text[] not null default '{}',
  constraint statistics_progress_has_one_row check (is_singleton),
  constraint positions_stay_behind_the_fence check (
    events_position <= events_settled and events_settled <= events_fence and ledger_position <= ledger_settled
      and ledger_settled <= ledger_fence)
);

comment on table private.statistics_progress is
  'How far the job has counted, exactly one row. An id is drawn before its row is committed, so ids are counted only '
  'when everybody who wrote at the time of the fence is done.';
comment on column private.statistics_progress.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.statistics_progress.events_position is 'Last id of task_events that is counted.';
comment on column private.statistics_progress.ledger_position is 'Last id of point_transactions that is counted.';
comment on column private.statistics_progress.events_settled is
  'No row with this id of task_events, or a smaller one, can still appear.';
comment on column private.statistics_progress.ledger_settled is
  'No row with this id of point_transactions, or a smaller one, can still appear.';
comment on column private.statistics_progress.events_fence is 'Largest id of task_events when the fence was put up.';
comment on column private.statistics_progress.ledger_fence is
  'Largest id of point_transactions when the fence was put up.';
comment on column private.statistics_progress.writers is
  'Transactions that were writing either table then. When all have ended, what is behind the fence is settled.';

alter table private.statistics_progress enable row level security;

create table private.task_areas (
  task_id          uuid primary key,
  neighbourhood_id uuid not null
);

comment on table private.task_areas is
  'Where a task is counted: the neighbourhood it lay in when its posting was counted. Stays when areas are drawn '
  'anew, so that months that were shown do not change. Tasks outside of all have no row.';
comment on column private.task_areas.neighbourhood_id is 'The neighbourhood.';

alter table private.task_areas enable row level security;

create table private.member_totals (
  user_id         uuid primary key,
  tasks_created   integer not null,
  tasks_completed integer not null,
  tasks_helped    integer not null,
  points_earned   bigint not null,
  points_redeemed bigint not null
);

comment on table private.member_totals is 'What a member ever did, as far as it is counted.';
comment on column private.member_totals.tasks_created is 'Tasks posted.';
comment on column private.member_totals.tasks_completed is 'Own tasks that were completed.';
comment on column private.member_totals.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.member_totals.points_earned is 'Points received for completed tasks.';
comment on column private.member_totals.points_redeemed is 'Points spent on rewards, less refunds.';

alter table private.member_totals enable row level security;

create table private.member_months (
  month            date not null,
  user_id          uuid not null,
  neighbourhood_id uuid,
  tasks_created    integer not null,
  tasks_completed  integer not null,
  tasks_helped     integer not null,
  points_issued    bigint not null,
  points_redeemed  bigint not null,
  points_refunded  bigint not null,
  id               bigint generated always as identity primary key,
  constraint member_has_one_row_a_month_and_area unique nulls not distinct (month, user_id, neighbourhood_id)
);

comment on table private.member_months is
  'What a member did in a month and area (by the community''s clock). Says who stands behind the figures of a month.';
comment on column private.member_months.month is 'First day of the month of the event.';
comment on column private.member_months.neighbourhood_id is
  'Where the task is counted; null elsewhere, and for what has no place: bonus points and redemptions.';
comment on column private.member_months.tasks_created is 'Tasks posted.';
comment on column private.member_months.tasks_completed is 'Own tasks that were completed.';
comment on column private.member_months.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.member_months.points_issued is
  'New points received: for tasks funded by the community, and as bonus.';
comment on column private.member_months.points_redeemed is 'Points spent on rewards.';
comment on column private.member_months.points_refunded is 'Points that came back from redemptions.';

create index member_months_of_helpers on private.member_months (month, neighbourhood_id, user_id)
  where tasks_helped > 0;

alter table private.member_months enable row level security;

create table private.month_totals (
  month            date not null,
  area             text not null,
  neighbourhood_id uuid,
  tasks_created    bigint not null,
  tasks_completed  bigint not null,
  points_issued    bigint not null,
  points_redeemed  bigint not null,
  people           bigint not null,
  creators         bigint not null,
  helpers          bigint not null,
  receivers        bigint not null,
  redeemers        bigint not null,
  id               bigint generated always as identity primary key,
  constraint month_has_one_row_an_area unique nulls not distinct (month, area, neighbourhood_id),
  constraint area_is_known check (area in ('everywhere', 'neighbourhood', 'elsewhere')),
  constraint neighbourhood_is_named check ((area = 'neighbourhood') = (neighbourhood_id is not null))
);

comment on table private.month_totals is
  'The figures of a month and area (by the community''s clock), and how many members stand behind each. Not for the '
  'public as they are: small groups.';
comment on column private.month_totals.month is 'First day of the month of the event.';
comment on column private.month_totals.area is
  'everywhere, one neighbourhood, or elsewhere: outside of all, and what has no place.';
comment on column private.month_totals.neighbourhood_id is 'Which neighbourhood.';
comment on column private.month_totals.tasks_created is 'Tasks posted.';
comment on column private.month_totals.tasks_completed is 'Tasks completed.';
comment on column private.month_totals.points_issued is 'New points: for tasks funded by the community, and as bonus.';
comment on column private.month_totals.points_redeemed is 'Points spent on rewards, less what came back in the month.';
comment on column private.month_totals.people is 'Members who did any of it.';
comment on column private.month_totals.creators is 'Members who posted.';
comment on column private.month_totals.helpers is 'Members who helped in what was completed.';
comment on column private.month_totals.receivers is 'Members who received new points.';
comment on column private.month_totals.redeemers is 'Members who spent points or got some back.';

alter table private.month_totals enable row level security;

create table private.leaderboard_entries (
  period       text not null,
  starts_on    date not null,
  user_id      uuid not null,
  points       bigint not null,
  tasks_helped bigint not null,
  is_shown     boolean not null,
  primary key (period, starts_on, user_id)
);

comment on table private.leaderboard_entries is
  'Points that members earned by helping, for the current week, month and year, and ever. Ended periods are forgotten.';
comment on column private.leaderboard_entries.period is 'week, month, year or all.';
comment on column private.leaderboard_entries.starts_on is
  'First day of the period (by the community''s clock, weeks begin on Monday); -infinity for all.';
comment on column private.leaderboard_entries.points is 'Points received for completed tasks.';
comment on column private.leaderboard_entries.tasks_helped is 'Completed tasks in which the member was the helper.';
comment on column private.leaderboard_entries.is_shown is
  'The member agreed to be shown, is active and not banned, as far as the job knows: private.leaderboard_changes has '
  'what is newer.';

create index leaderboard_entries_by_points on private.leaderboard_entries (period, starts_on, points desc, user_id)
  where is_shown;

alter table private.leaderboard_entries enable row level security;

create table private.leaderboard_counts (
  period    text not null,
  starts_on date not null,
  level     smallint not null,
  bucket    bigint not null,
  members   bigint not null,
  primary key (period, starts_on, level, bucket)
);

comment on table private.leaderboard_counts is
  'How many shown members have how many points, in buckets of 1, 32, 1024, … points: a rank is the sum of a few rows '
  'instead of a count of everybody above.';
comment on column private.leaderboard_counts.period is 'As in leaderboard_entries.';
comment on column private.leaderboard_counts.starts_on is 'As in leaderboard_entries.';
comment on column private.leaderboard_counts.level is 'Size of the buckets: 32 to this power.';
comment on column private.leaderboard_counts.bucket is 'Points divided by the size, rounded down.';
comment on column private.leaderboard_counts.members is 'Shown members in the bucket.';

alter table private.leaderboard_counts enable row level security;

create table private.leaderboard_changes (
  id      bigint generated always as identity primary key,
  user_id uuid not null
);

comment on table private.leaderboard_changes is
  'Members who chose to be shown or hidden, were banned, came back or left, since the job last looked. While listed '
  'here a member is on no leaderboard.';

alter table private.leaderboard_changes enable row level security;

insert into private.statistics_progress default values;
