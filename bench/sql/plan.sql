-- What is generated, the same in every database: ids, numbers and places follow from a task's number alone, so the
-- product, the floor and the documented schema hold the same members and the same tasks in the same states.

create schema bench;

create table bench.sizes (
  users        integer not null,  -- members
  tasks        integer not null,  -- all tasks
  pending      integer not null,  -- of these: waiting for confirmation, the pool that a load of confirmations uses up
  in_centre    integer not null,  -- of these: open within 5 km of the centre of the search
  history      integer not null,  -- ledger rows of every member besides the earned ones
  busy_users   integer not null,  -- members with long lists
  busy_history integer not null,  -- ledger rows of such a member besides the earned ones
  pool_codes   integer not null,  -- codes waiting in the pool of a reward
  as_of        timestamptz not null
);

create function bench.user_id(n bigint) returns uuid language sql immutable parallel safe as $$ select md5('user ' || n)::uuid $$;
create function bench.task_id(n bigint) returns uuid language sql immutable parallel safe as $$ select md5('task ' || n)::uuid $$;
create function bench.reward_id(name text) returns uuid language sql immutable parallel safe as $$ select md5('reward ' || name)::uuid $$;

-- Evenly spread over [0, 1), the same for the same number and topic on every run.
create function bench.share(n bigint, topic bigint) returns double precision language sql immutable parallel safe
as $$ select (hashint8extended(n, topic) & 9007199254740991) / 9007199254740992.0 $$;

-- A member's number; one task in fifty belongs to one of the busy members.
create function bench.member(n bigint, topic bigint, users integer, busy_users integer) returns integer language sql immutable parallel safe
as $$
  select 1 + floor(bench.share(n, topic + 1) * case when bench.share(n, topic) < 0.02 then busy_users else users end)::integer
$$;

-- One row for each task, in random order, as tasks of all states lie side by side in a table that has grown.
create view bench.tasks as
select
  t.n, bench.task_id(t.n) as id, t.status,
  bench.user_id(t.creator) as creator_id,
  -- the next member where chance made somebody their own helper
  case when t.status <> 'open' then bench.user_id(case when t.helper = t.creator then t.helper % t.users + 1 else t.helper end) end as helper_id,
  (array['handwerk', 'garten', 'technik', 'transport', 'sonstiges'])[1 + floor(bench.share(t.n, 40) * 5)::integer] as category,
  (1 + floor(bench.share(t.n, 41) * 50))::integer as points_reward,
  'Help needed, number ' || t.n as title,
  repeat('Somebody with an hour to spare and a pair of hands would make this easy. ', 1 + floor(bench.share(t.n, 42) * 5)::integer) as description,
  t.latitude, t.longitude,
  t.created_at,
  t.created_at + interval '1 day' as assigned_at,
  t.created_at + interval '2 days' as finished_at,
  t.created_at + interval '3 days' as completed_at,
  case when t.status = 'open' and bench.share(t.n, 43) < 0.3 then t.as_of + interval '30 days' end as expires_at
from (
  select n, s.users, s.as_of,
    case
      when n <= s.pending then 'pending_confirmation'
      when n <= s.pending + s.in_centre or n % 2 = 0 then 'open'
      else 'completed'
    end as status,
    -- waiting tasks: a member that the load can name by arithmetic, without a look-up
    case when n <= s.pending then (1 + n::bigint * 7919 % s.users)::integer else bench.member(n, 10, s.users, s.busy_users) end as creator,
    bench.member(n, 20, s.users, s.busy_users) as helper,
    -- a disc of 4.75 km around the centre, so that a cell centre lies within 5 km as well; otherwise the rectangle of Germany
    case when n > s.pending and n <= s.pending + s.in_centre
      then 52.52 + sqrt(bench.share(n, 30)) * 4750 / 111195 * cos(2 * pi() * bench.share(n, 31))
      else 47.3 + bench.share(n, 30) * 7.7 end as latitude,
    case when n > s.pending and n <= s.pending + s.in_centre
      then 13.405 + sqrt(bench.share(n, 30)) * 4750 / (111195 * cos(radians(52.52))) * sin(2 * pi() * bench.share(n, 31))
      else 5.9 + bench.share(n, 31) * 9.1 end as longitude,
    s.as_of - interval '4 days' - bench.share(n, 32) * interval '300 days' as created_at
  from bench.sizes s, generate_series(1, s.tasks) n
) t
order by bench.share(t.n, 0);

-- Ledger rows: every completed task, and bonuses, many of them for the busy members. Everybody has at least 100 points to redeem.
create view bench.transactions as
select t.helper_id as user_id, t.id as task_id, t.points_reward as amount, 'task_completed' as type, t.completed_at as created_at
from bench.tasks t where t.status = 'completed'
union all
select bench.user_id(u), null, 50, 'bonus', s.as_of - bench.share(u * 1000000::bigint + i, 50) * interval '300 days'
from bench.sizes s, generate_series(1, s.users) u, generate_series(1, case when u <= s.busy_users then s.busy_history else s.history end) i;
