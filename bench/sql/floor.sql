-- The floor: what a confirmation and a redemption cost when nothing is checked. Three statements in one function each, on tables
-- that hold only the columns these statements touch, with primary keys and no other index, constraint, trigger or policy. And the
-- same confirmation of a task that is as wide as the product's, and answered as a whole row.

create schema floor;

create table floor.tasks (id uuid primary key, helper_id uuid, points integer, status text) with (fillfactor = 75);
create table floor.accounts (user_id uuid primary key, balance integer) with (fillfactor = 70);
create table floor.transactions (id bigint generated always as identity primary key, user_id uuid, source_id uuid, amount integer);
create table floor.wide_tasks (
  id uuid primary key, creator_id uuid, helper_id uuid, title text, description text, category text, latitude double precision, longitude double precision,
  neighbourhood_id uuid, image_paths text[] default '{}', points_reward integer, reward_funding text default 'community', status text, expires_at timestamptz,
  starts_at timestamptz, ends_at timestamptz, is_flexible boolean default false, terms_version integer default 1, metadata jsonb default '{}', created_at timestamptz,
  updated_at timestamptz, assigned_at timestamptz, started_at timestamptz, finished_at timestamptz, completed_at timestamptz, closed_at timestamptz
) with (fillfactor = 75);
create table floor.redemptions (id uuid primary key, user_id uuid, reward_id uuid, code_hash bytea, code_ciphertext text);

create function floor.confirm(task_id uuid) returns void language plpgsql as $$
declare
  v_helper uuid;
  v_points integer;
begin
  update floor.tasks t set status = 'completed' where t.id = confirm.task_id returning t.helper_id, t.points into v_helper, v_points;
  update floor.accounts a set balance = a.balance + v_points where a.user_id = v_helper;
  insert into floor.transactions (user_id, source_id, amount) values (v_helper, confirm.task_id, v_points);
end $$;

create function floor.confirm_wide(task_id uuid) returns floor.wide_tasks language plpgsql as $$
declare
  v_task floor.wide_tasks;
begin
  update floor.wide_tasks t set status = 'completed', completed_at = now(), updated_at = now() where t.id = confirm_wide.task_id returning t.* into v_task;
  update floor.accounts a set balance = a.balance + v_task.points_reward where a.user_id = v_task.helper_id;
  insert into floor.transactions (user_id, source_id, amount) values (v_task.helper_id, v_task.id, v_task.points_reward);
  return v_task;
end $$;

create function floor.redeem(member_id uuid, reward_id uuid, points integer, code_hash text, code_ciphertext text) returns uuid language plpgsql as $$
declare
  v_id uuid := gen_random_uuid();
begin
  update floor.accounts a set balance = a.balance - points where a.user_id = member_id;
  insert into floor.transactions (user_id, source_id, amount) values (member_id, v_id, -points);
  insert into floor.redemptions (id, user_id, reward_id, code_hash, code_ciphertext)
  values (v_id, member_id, reward_id, code_hash::bytea, code_ciphertext);
  return v_id;
end $$;

grant usage on schema floor to authenticated, service_role;
grant select, insert, update on all tables in schema floor to authenticated, service_role;

insert into floor.tasks (id, helper_id, points, status) select id, helper_id, points_reward, status from bench.tasks;
insert into floor.wide_tasks (id, creator_id, helper_id, title, description, category, latitude, longitude, points_reward, status, created_at, updated_at,
  assigned_at, started_at, finished_at)
select id, creator_id, helper_id, title, description, category, latitude, longitude, points_reward, status, created_at, finished_at, assigned_at, assigned_at, finished_at
from bench.tasks where status = 'pending_confirmation';
insert into floor.transactions (user_id, source_id, amount) select user_id, task_id, amount from bench.transactions order by created_at;
insert into floor.accounts (user_id, balance)
select bench.user_id(n), coalesce(p.amount, 0)
from bench.sizes s cross join generate_series(1, s.users) n
left join (select user_id, sum(amount) as amount from floor.transactions group by user_id) p on p.user_id = bench.user_id(n);
