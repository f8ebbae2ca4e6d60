-- What is generated, the same in every database: ids, numbers and places follow from a task's number alone, so the
-- product, the floor and the documented schema hold the same members and the same tasks in the same states.

create schema bench;

create table bench.sizes (
  users        integer not null,  -- members
  tasks        integer not null,  -- all tasks, without the archived ones
  pending      integer not null,  -- of these: waiting for confirmation, the pool that a load of confirmations uses up
  in_centre    integer not null,  -- of these: open within 5 km of the centre of the search
  history      integer not null,  -- ledger rows of every member besides the earned ones
  busy_users   integer not null,  -- members with long lists
  busy_history integer not null,  -- ledger rows of such a member besides the earned ones
  pool_codes   integer not null,  -- codes waiting in the pool of a reward
  completed    integer not null,  -- of all tasks: completed; what is neither waiting nor completed is open
  rateable     integer not null,  -- of the completed: recently, so that they can be rated, the pool that loads of ratings use up
  items        integer not null,  -- of the completed: two groups for the members whose statistics are read, this many and three times as many
  archived     integer not null,  -- further tasks, done long ago; they stand in the books and in the statistics
  places       integer not null,  -- a fifth of what is open in the centre lies there, the others all over Germany
  as_of        timestamptz not null
);

create function bench.user_id(n bigint) returns uuid language sql immutable parallel safe as $$ select md5('user ' || n)::uuid $$;
create function bench.task_id(n bigint) returns uuid language sql immutable parallel safe as $$ select md5('task ' || n)::uuid $$;
create function bench.reward_id(name text) returns uuid language sql immutable parallel safe as $$ select md5('reward ' || name)::uuid $$;

-- Evenly spread over [0, 1), the same for the same number and topic on every run.
create function bench.share(n bigint, topic bigint) returns double precision language sql immutable parallel safe
as $$ select (hashint8extended(n, topic) & 9007199254740991) / 9007199254740992::double precision $$;

-- One of a list's values, the same for the same number and topic on every run. These functions are single expressions, because
-- PostgreSQL takes such functions apart and a million texts are to be written in seconds.
create function bench.pick(list text[], n bigint, topic bigint) returns text language sql immutable parallel safe
as $$ select list[1 + floor(bench.share(n, topic) * cardinality(list))::integer] $$;
-- The same, the first values far more often than the last ones.
create function bench.pick_early(list text[], n bigint, topic bigint) returns text language sql immutable parallel safe
as $$ select list[1 + floor(bench.share(n, topic) ^ 3 * cardinality(list))::integer] $$;

-- A word that few texts hold: one of 8,000, some in every twentieth text, most of them in hardly any.
create function bench.syllables(place integer) returns text[] language sql immutable parallel safe
as $$
  select case place
    when 1 then '{bra,del,fin,gor,hus,kal,lem,mor,nep,pol,quin,ras,sil,tor,ulm,vek,wes,xan,yor,zim}'::text[]
    when 2 then '{a,e,i,o,u,ar,er,ir,or,ur,an,en,in,on,un,al,el,il,ol,ul}'::text[]
    else '{ba,de,fi,go,hu,ka,le,mi,no,pu,ra,se,ti,vo,wu,xa,ze,bri,klo,stu}'::text[] end
$$;
create function bench.rare_word(n bigint, topic bigint) returns text language sql immutable parallel safe
as $$
  select bench.pick_early(bench.syllables(1), n, topic) || bench.pick_early(bench.syllables(2), n, topic + 1) || bench.pick_early(bench.syllables(3), n, topic + 2)
$$;

-- What texts are put together from.
create function bench.phrase(n bigint) returns text language sql immutable parallel safe
as $$
  select bench.pick('{Rasen mähen,Hecke schneiden,Regal aufbauen,Fahrrad reparieren,Computer einrichten,Drucker anschließen,Umzug in den dritten Stock,Einkauf tragen,Hund ausführen,Gärtner gesucht,Lampe montieren,Nachhilfe in Mathe,Help with the garden,Move a sofa,Fix a bicycle,Set up a phone}'::text[], n, 70)
$$;
create function bench.circumstance(n bigint) returns text language sql immutable parallel safe
as $$ select bench.pick('{am Samstag,bei Frau,für Familie,im Hof von,next to,für Herrn}'::text[], n, 71) $$;
create function bench.sentence(n bigint, topic bigint) returns text language sql immutable parallel safe
as $$
  select bench.pick('{"Wir suchen jemanden mit etwas Zeit und zwei kräftigen Händen. ","Werkzeug ist da, eine Leiter auch. ","Danach gibt es Kaffee und Kuchen im Garten. ","Der Weg ist mit dem Bus gut zu erreichen. ","Es dauert ungefähr eine Stunde. ","Bitte vorher kurz melden. ","Meine Großmutter freut sich über Gesellschaft. ","The lift is out of order, so bring good shoes. ","Somebody with an hour to spare would make this easy. ","The dog is friendly and old. ","Der Computer ist langsam geworden und will nicht mehr drucken. ","Ein Schrank muss in den Keller, er ist schwer. "}'::text[], n, topic)
$$;

create function bench.kind_of_place(n bigint) returns text language sql immutable parallel safe
as $$ select bench.pick('{Café,Bäckerei,Werkstatt,Buchladen,Sportverein,Restaurant,Bücherei,Museum}'::text[], n, 90) $$;
create function bench.category_of_place(n bigint) returns text language sql immutable parallel safe
as $$ select bench.pick('{shop,cafe,restaurant,service,culture,sport,other}'::text[], n, 92) $$;

create function bench.title(n bigint) returns text language sql immutable parallel safe
as $$ select bench.phrase(n) || ' ' || bench.circumstance(n) || ' ' || initcap(bench.rare_word(n, 110)) $$;
create function bench.description(n bigint) returns text language sql immutable parallel safe
as $$
  select bench.sentence(n, 73) || bench.sentence(n, 74)
    || case when n % 2 = 0 then bench.sentence(n, 75) || bench.sentence(n, 76) || bench.sentence(n, 77) else '' end
    || initcap(bench.rare_word(n, 120)) || ' ' || bench.rare_word(n, 130) || '.'
$$;

-- Indexes that no constraint needs are faster made when the rows are there.
create table bench.dropped_indexes (definition text not null);
create function bench.drop_indexes(variadic tables regclass[]) returns void language plpgsql
as $$
declare
  v_index record;
begin
  for v_index in
    select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i
    where i.indrelid = any (tables) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
  loop
    insert into bench.dropped_indexes values (v_index.definition);
    execute format('drop index %s', v_index.name);
  end loop;
end $$;
create function bench.restore_indexes() returns void language plpgsql
as $$
declare
  v_definition text;
begin
  for v_definition in delete from bench.dropped_indexes returning definition loop
    execute v_definition;
  end loop;
end $$;

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
  bench.title(t.n) as title,
  bench.description(t.n) as description,
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
      when n > s.tasks - s.completed then 'completed'
      else 'open'
    end as status,
    case
      -- waiting and rateable tasks: a member that the load can name by arithmetic, without a look-up
      when n <= s.pending or (n > s.tasks - s.completed and n <= s.tasks - s.completed + s.rateable) then (1 + n::bigint * 7919 % s.users)::integer
      when n > s.tasks - s.items then s.users - 1
      when n > s.tasks - 2 * s.items then bench.member(n, 10, s.users - 2, s.busy_users)
      when n > s.tasks - 5 * s.items then s.users
      else bench.member(n, 10, s.users - 2, s.busy_users)
    end as creator,
    case
      when n > s.tasks - s.items then bench.member(n, 20, s.users - 2, s.busy_users)
      when n > s.tasks - 2 * s.items then s.users - 1
      when n > s.tasks - 5 * s.items then bench.member(n, 20, s.users - 2, s.busy_users)
      when n > s.tasks - 8 * s.items then s.users
      else bench.member(n, 20, s.users - 2, s.busy_users)
    end as helper,
    -- a disc of 4.75 km around the centre, so that a cell centre lies within 5 km as well; otherwise the rectangle of Germany
    case when n > s.pending and n <= s.pending + s.in_centre
      then 52.52 + sqrt(bench.share(n, 30)) * 4750 / 111195 * cos(2 * pi() * bench.share(n, 31))
      else 47.3 + bench.share(n, 30) * 7.7 end as latitude,
    case when n > s.pending and n <= s.pending + s.in_centre
      then 13.405 + sqrt(bench.share(n, 30)) * 4750 / (111195 * cos(radians(52.52))) * sin(2 * pi() * bench.share(n, 31))
      else 5.9 + bench.share(n, 31) * 9.1 end as longitude,
    case
      when n > s.tasks - 8 * s.items then s.as_of - interval '34 days' - bench.share(n, 32) * interval '270 days'
      when n > s.tasks - s.completed and n <= s.tasks - s.completed + s.rateable then s.as_of - interval '4 days' - bench.share(n, 32) * interval '30 days'
      else s.as_of - interval '4 days' - bench.share(n, 32) * interval '300 days'
    end as created_at
  from bench.sizes s, generate_series(1, s.tasks) n
) t
order by bench.share(t.n, 0);

-- Tasks of the past. Everybody is active for a month, one after the other, and helps people of the same month.
create view bench.archived_tasks as
select a.n, bench.task_id(a.n) as id, bench.user_id(a.helper + 1 + floor(bench.share(a.n, 11) * 10)::integer) as creator_id, bench.user_id(a.helper) as helper_id,
  'sonstiges' as category, (1 + floor(bench.share(a.n, 41) * 50))::integer as points_reward, 'Task ' || a.n as title, 'Done long ago.' as description,
  a.completed_at - interval '3 days' as created_at, a.completed_at - interval '2 days' as assigned_at, a.completed_at - interval '1 day' as finished_at, a.completed_at
from (
  select n, h.helper, s.as_of - interval '1 day' - h.helper::double precision / s.users * interval '270 days' - bench.share(n, 32) * interval '30 days' as completed_at
  from bench.sizes s, generate_series(s.tasks + 1, s.tasks + s.archived) n, lateral (select 1 + floor(bench.share(n, 20) * (s.users - 12))::integer as helper offset 0) h
  offset 0  -- worked out once, not wherever a column is used
) a;

-- Ledger rows: every completed and archived task, and bonuses, many of them for the busy members.
create view bench.transactions as
select t.helper_id as user_id, t.id as task_id, t.points_reward as amount, 'task_completed' as type, t.completed_at as created_at
from bench.tasks t where t.status = 'completed'
union all
select helper_id, id, points_reward, 'task_completed', completed_at from bench.archived_tasks
union all
select bench.user_id(u), null, 50, 'bonus', s.as_of - bench.share(u * 1000000::bigint + i, 50) * interval '300 days'
from bench.sizes s, generate_series(1, s.users) u, generate_series(1, case when u <= s.busy_users then s.busy_history else s.history end) i;

-- Places all over Germany, a fifth of them within 5 km of the centre.
create view bench.places as
select n, md5('place ' || n)::uuid as id,
  bench.kind_of_place(n) || ' ' || initcap(bench.rare_word(n, 140)) as name,
  bench.category_of_place(n) as category,
  bench.description(n) as description,
  case when n <= s.in_centre / 5 then 52.52 + sqrt(bench.share(n, 93)) * 4750 / 111195 * cos(2 * pi() * bench.share(n, 94))
    else 47.3 + bench.share(n, 93) * 7.7 end as latitude,
  case when n <= s.in_centre / 5 then 13.405 + sqrt(bench.share(n, 93)) * 4750 / (111195 * cos(radians(52.52))) * sin(2 * pi() * bench.share(n, 94))
    else 5.9 + bench.share(n, 94) * 9.1 end as longitude,
  s.as_of - interval '300 days' as created_at
from bench.sizes s, generate_series(1, s.places) n
order by bench.share(n, 0);

-- Up to eight reviews of a place.
create view bench.place_reviews as
select p.n, md5('place ' || p.n)::uuid as place_id, bench.user_id(1 + (p.n::bigint * 31 + k * 104729) % s.users) as user_id,
  1 + floor(bench.share(p.n * 10::bigint + k, 95) * 5)::integer as rating, s.as_of - bench.share(p.n * 10::bigint + k, 96) * interval '300 days' as created_at
from bench.sizes s, generate_series(1, s.places) p (n), generate_series(1, floor(bench.share(p.n, 97) * 9)::integer) k;

-- What members said about each other. Revealed: the creators of the tasks of the members whose statistics are read, and the helpers of every tenth
-- archived task. Hidden until the creators rate as well: the helpers of the first half of the rateable tasks.
create view bench.ratings as
select t.id as task_id, t.creator_id as rater_id, t.helper_id as ratee_id, 1 + floor(bench.share(t.n, 98) * 5)::integer as score,
  t.completed_at + interval '1 hour' as created_at, t.completed_at + interval '8 days' as revealed_at
from bench.sizes s join bench.tasks t on t.n > s.tasks - 8 * s.items
union all
select id, helper_id, creator_id, 1 + floor(bench.share(n, 98) * 5)::integer, completed_at, completed_at + interval '1 hour'
from bench.archived_tasks where n % 10 = 0
union all
select t.id, t.helper_id, t.creator_id, 1 + floor(bench.share(t.n, 98) * 5)::integer,
  greatest(t.completed_at + interval '1 hour', s.as_of - bench.share(t.n, 101) * interval '6 days'), null
from bench.sizes s join bench.tasks t on t.n > s.tasks - s.completed and t.n <= s.tasks - s.completed + s.rateable / 2;

-- What a tenth of the members like: up to six kinds of places and tasks each.
create view bench.preferences as
select bench.user_id(u) as user_id, c.category, floor(bench.share(u, 99 + hashtext(c.category)) * 6)::integer as rating
from bench.sizes s, generate_series(1, s.users, 10) u,
  lateral (select distinct bench.pick(array['shop', 'cafe', 'restaurant', 'service', 'culture', 'sport', 'other', 'handwerk', 'garten', 'technik', 'transport', 'sonstiges'],
    u * 10 + k, 100) as category from generate_series(1, 6) k) c;
