-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.leaderboard_periods() returns text[] language sql immutable set search_path = ''
  return array['week', 'month', 'year', 'all'];
comment on function private.leaderboard_periods() is
  'Periods of a leaderboard: the current one by the community''s clock, weeks from Monday; all is ever.';

create function private.default_months() returns integer language sql immutable set search_path = '' return 12;
comment on function private.default_months() is 'Months of statistics when nothing is said.';

create function private.max_months() returns integer language sql immutable set search_path = '' return 120;
comment on function private.max_months() is 'Most months of statistics; larger wishes are lowered to this.';

create function private.min_tasks_for_reliability()
returns integer language sql immutable set search_path = '' return 5;
comment on function private.min_tasks_for_reliability() is
  'Accepted tasks from which on others see how many of them a member finished.';
