-- Fills the product's tables. Triggers are off: the rows are what the commands would have left behind, which
-- ops.audit_books() and ops.audit_tasks() confirm before anything is measured.

set session_replication_role = replica;
select bench.drop_indexes('public.tasks', 'public.ratings', 'public.task_offers', 'public.task_events', 'public.point_transactions', 'private.open_tasks');

insert into public.users (id, name, is_email_verified)
select bench.user_id(n), 'Member ' || n, true from bench.sizes s, generate_series(1, s.users) n;

insert into public.user_contacts (user_id)
select bench.user_id(n) from bench.sizes s, generate_series(1, s.users) n;

-- three in four rank, and one in ten would like to be suggested as a helper
insert into public.user_settings (user_id, show_on_leaderboard, is_open_to_suggestions)
select bench.user_id(n), n % 4 <> 0, n % 10 = 0 from bench.sizes s, generate_series(1, s.users) n;

insert into public.user_blocks (blocker_id, blocked_id)
select bench.user_id(n), bench.user_id(n % s.users + 1) from bench.sizes s, generate_series(1, s.users, 4) n;

create unlogged table bench.task_rows as
select t.*, c.latitude_centre, c.longitude_centre
from bench.tasks t, private.cell_centre(t.latitude, t.longitude) c;

insert into public.tasks (id, creator_id, helper_id, title, description, category, latitude, longitude, points_reward, reward_funding, status,
  expires_at, created_at, updated_at, assigned_at, started_at, finished_at, completed_at)
select id, creator_id, helper_id, title, description, category, latitude_centre, longitude_centre,
  points_reward, 'community', status,
  expires_at, created_at,
  case status when 'open' then created_at when 'completed' then completed_at else finished_at end,
  case when status <> 'open' then assigned_at end, case when status <> 'open' then assigned_at end,
  case when status <> 'open' then finished_at end, case when status = 'completed' then completed_at end
from bench.task_rows;

insert into public.tasks (id, creator_id, helper_id, title, description, category, latitude, longitude, points_reward, reward_funding, status,
  created_at, updated_at, assigned_at, started_at, finished_at, completed_at)
select t.id, t.creator_id, t.helper_id, t.title, t.description, t.category, c.latitude_centre, c.longitude_centre,
  t.points_reward, 'community', 'archived',
  t.created_at, t.completed_at, t.assigned_at, t.assigned_at, t.finished_at, t.completed_at
from (select * from private.cell_centre(52.52, 13.405) offset 0) c, bench.archived_tasks t;

insert into private.task_locations (task_id, creator_id, latitude, longitude, address)
select id, creator_id, latitude, longitude, 'Example street ' || n from bench.task_rows;

-- ratings, and the totals and counters that their trigger would have kept
insert into public.ratings (task_id, rater_id, ratee_id, score, created_at, updated_at, revealed_at)
select task_id, rater_id, ratee_id, score, created_at, created_at, revealed_at from bench.ratings;
insert into private.rating_totals (user_id, score_sum, score_count)
select u.id, coalesce(r.score_sum, 0), coalesce(r.score_count, 0)
from public.users u
left join (select ratee_id, sum(score) as score_sum, count(*) as score_count from public.ratings where revealed_at is not null group by ratee_id) r on r.ratee_id = u.id;
update public.users u
set rating_average = round(t.score_sum::numeric / t.score_count, 2), rating_count = t.score_count,
  trust_score = private.trust_score(t.score_sum, t.score_count, s.trust_formula, s.trust_prior, s.trust_weight)
from private.rating_totals t, private.settings s where t.user_id = u.id and t.score_count > 0;

insert into private.open_tasks (task_id, creator_id, category, position, square, wide_square, tile, created_at, expires_at, part_rating, part_popularity, quality)
select t.id, t.creator_id, t.category, m.position, private.square_at(m.position), private.square_at(m.position, 65536), private.tile_at(t.latitude, t.longitude), t.created_at,
  coalesce(t.expires_at, 'infinity'), q.part_rating, q.part_popularity, q.quality
from public.tasks t
join public.users u on u.id = t.creator_id
join (
  select r.rating_average, r.rating_count, p.*
  from (select distinct rating_average, rating_count from public.users) r, private.quality_parts(r.rating_average, r.rating_count) p
) q on q.rating_average = u.rating_average and q.rating_count = u.rating_count
cross join lateral (select private.position_at(t.latitude, t.longitude) as position offset 0) m
where t.status = 'open';

insert into private.pending_confirmations (task_id, finished_at)
select id, finished_at from bench.task_rows where status = 'pending_confirmation';

-- the accepted offer of every task that has a helper, and two more on every tenth task
insert into public.task_offers (task_id, creator_id, helper_id, message, status, created_at, updated_at, decided_at)
select id, creator_id, helper_id, 'I can help with that.', 'accepted', created_at, assigned_at, assigned_at
from bench.task_rows where helper_id is not null;
insert into public.task_offers (task_id, creator_id, helper_id, message, status, created_at, updated_at, decided_at)
select t.id, t.creator_id, o.helper_id, 'I would like to help.', case when t.status = 'open' then 'pending' else 'not_chosen' end, t.created_at, t.created_at,
  case when t.status <> 'open' then t.assigned_at end
from bench.task_rows t, bench.sizes s, generate_series(1, 2) k,
  lateral (select bench.user_id(bench.member(t.n, 60 + k * 2, s.users, s.busy_users)) as helper_id) o
where t.n % 10 = 0 and o.helper_id <> t.creator_id
on conflict do nothing;

insert into public.task_events (task_id, creator_id, helper_id, actor_id, action, created_at)
select t.id, t.creator_id, case when e.action <> 'created' then t.helper_id end, e.actor_id, e.action, e.created_at
from bench.task_rows t
cross join lateral (values
  (t.creator_id, 'created', t.created_at), (t.creator_id, 'assigned', t.assigned_at),
  (t.helper_id, 'finished', t.finished_at), (t.creator_id, 'confirmed', t.completed_at)) e (actor_id, action, created_at)
where e.action = 'created'
   or (t.status <> 'open' and e.action in ('assigned', 'finished'))
   or (t.status = 'completed' and e.action = 'confirmed')
order by e.created_at;

insert into public.point_transactions (id, user_id, task_id, amount, type, balance_after, created_at)
select nextval('private.point_transaction_ids'), p.*
from (
  select user_id, task_id, amount, type, sum(amount) over (partition by user_id order by created_at, task_id), created_at
  from bench.transactions order by created_at, task_id
) p;

insert into public.point_accounts (user_id, balance, earned)
select u.id, coalesce(p.amount, 0), coalesce(p.amount, 0)
from public.users u left join (select user_id, sum(amount) as amount from public.point_transactions group by user_id) p on p.user_id = u.id;

-- one partner without webhooks, and its rewards: as many as you like, a limited stock, and a pool of codes uploaded before
insert into public.partners (id, name) values (md5('partner')::uuid, 'Example shop');
insert into public.rewards (id, partner_id, title_de, title_en, points_cost, discount_type, discount_value, valid_from, code_source, is_limited)
select bench.reward_id(r.name), md5('partner')::uuid, 'Zehn Prozent', 'Ten per cent', 10, 'percentage', 10, s.as_of, r.code_source, r.name <> 'unlimited'
from bench.sizes s, (values ('unlimited', 'generated'), ('limited', 'generated'), ('pool', 'pool')) r (name, code_source);
insert into public.reward_stocks (reward_id, total)
select bench.reward_id('limited'), 1000000 union all select bench.reward_id('pool'), s.pool_codes from bench.sizes s;
insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
select md5('partner')::uuid, bench.reward_id('pool'), sha256(('pool code ' || n)::bytea), '0123abcd.' || repeat('A', 16) || '.' || repeat('A', 48)
from bench.sizes s, generate_series(1, s.pool_codes) n;

select bench.restore_indexes();
drop table bench.task_rows;
