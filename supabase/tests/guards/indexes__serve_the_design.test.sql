-- Foreign keys and policy columns are indexed; what changes in every command is not.
begin;
select plan(6);

-- an index covers a foreign key when its first columns are the key's, in any order; it may be partial
create temporary view unindexed_keys as
select k.conrelid::regclass::text as relation, k.conname::text collate "default" as name
from pg_constraint k
where k.contype = 'f'
  and k.connamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
  and not exists (
    select from pg_index i
    where i.indrelid = k.conrelid and i.indisvalid
      and (select array_agg(key order by key) from unnest((i.indkey::smallint[])[0:cardinality(k.conkey) - 1]) key)
          = (select array_agg(key order by key) from unnest(k.conkey) key));

-- an index that touches one of these makes every update a full one (not heap-only); expressions and predicates count
create temporary view hot_columns_indexed as
select distinct i.indexrelid::regclass::text as name
from pg_index i
join (values ('public.tasks'::regclass, 'status'), ('public.tasks', 'updated_at'), ('public.point_accounts', 'balance'), ('public.point_accounts', 'earned'),
  ('public.point_accounts', 'spent'), ('public.point_accounts', 'updated_at'),
  ('public.reward_stocks', 'taken'), ('private.partner_api_keys', 'last_used_at'), ('private.partner_api_keys', 'wrong_codes'),
  ('private.partner_api_keys', 'wrong_codes_since'), ('private.webhook_endpoints', 'failure_streak'), ('private.webhook_endpoints', 'paused_until'), ('private.conversations', 'last_message_id'),
  ('private.conversations', 'creator_unread'), ('private.conversations', 'helper_unread'), ('private.conversations', 'creator_pace'),
  ('private.conversations', 'helper_pace'), ('private.conversations', 'creator_read_id'), ('private.conversations', 'helper_read_id'), ('private.message_paces', 'pace')) hot (relation, name) on hot.relation = i.indrelid
join pg_attribute a on a.attrelid = hot.relation and a.attname = hot.name
where a.attnum = any (i.indkey::smallint[])
   or exists (
     select from pg_depend d
     where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
       and d.refclassid = 'pg_class'::regclass and d.refobjid = hot.relation and d.refobjsubid = a.attnum);

create temporary view invalid as
select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and not (i.indisvalid and i.indisready);

select is_empty('select * from unindexed_keys', 'every foreign key is covered by an index');
select is_empty('select * from hot_columns_indexed', 'no index touches a column that every command changes');
select is_empty('select * from invalid', 'no index is invalid');

create table public.planted (
  user_id uuid references public.users (id), task_id uuid, helper_id uuid, note text,
  foreign key (task_id, helper_id) references public.task_offers (task_id, helper_id));
create index on public.planted (note, user_id);
create index on public.planted (helper_id, task_id);
select results_eq('select name from unindexed_keys', array['planted_user_id_fkey'], 'an uncovered foreign key is found, a key covered in another order is not');
create index planted_plain on public.tasks (status);
create index planted_predicate on public.tasks (category) where status = 'open';
create index planted_expression on public.point_accounts ((balance / 100));
create index planted_included on public.tasks (title) include (status);
select results_eq('select name from hot_columns_indexed order by name collate "C"',
  array['planted_expression', 'planted_included', 'planted_plain', 'planted_predicate'],
  'an index on a hot column is found: as key, expression, predicate or included column');

select is_empty($$
  select c.relname, owner.attname from pg_index i
  join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
  join pg_attribute owner on owner.attrelid = c.oid and owner.attnum = i.indkey[0]
  join pg_attribute place on place.attrelid = c.oid and place.attnum = i.indkey[1]
  where owner.atttypid = 'uuid'::regtype and (place.attname = 'id' or place.atttypid = 'timestamptz'::regtype)
  group by c.relname, owner.attname, owner.attoptions
  having case when bool_or(place.attname = 'id') then 'n_distinct=-0.01' else 'n_distinct=-0.001' end
    <> all (coalesce(owner.attoptions, '{}'))
  $$, 'lists of one owner are planned for owners who have much: a migration that adds one sets n_distinct, too');

select finish();
rollback;
