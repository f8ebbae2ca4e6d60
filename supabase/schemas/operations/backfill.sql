create table private.backfills (
  name            text primary key,
  value           text not null,
  remaining       text not null,
  rows_done       bigint not null default 0,
  last_key        jsonb,
  runner          jsonb not null,
  started_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  finished_at     timestamptz
);

comment on table private.backfills is 'How far ops.backfill has come with the columns it fills.';
comment on column private.backfills.name is 'The column, schema.table.column.';
comment on column private.backfills.value is 'SQL expression of the value, in which t is the row.';
comment on column private.backfills.remaining is 'SQL condition of the rows that are left, in which t is the row.';
comment on column private.backfills.rows_done is 'Rows written since it began, repeated runs included.';
comment on column private.backfills.last_key is
  'Primary key of the last row of the last batch, behind which the next run goes on; null at beginning and end.';
comment on column private.backfills.runner is 'Process that works on it, or did last: its id and its beginning.';
comment on column private.backfills.started_at is 'When its first run began.';
comment on column private.backfills.updated_at is 'When the last batch was written.';
comment on column private.backfills.finished_at is 'When no row was left; null before.';

alter table private.backfills enable row level security;

create function ops.list_backfills()
returns setof private.backfills
language sql stable security definer set search_path = ''
as $$ select b.* from private.backfills b order by b.started_at desc $$;
comment on function ops.list_backfills() is
  'Columns that were or are being filled, the newest first; body of the view ops.backfills.';
grant execute on function ops.list_backfills() to service_role, app_read;

create view ops.backfills with (security_invoker = true) as
select b.name, b.value, b.remaining, b.rows_done, b.started_at, b.updated_at, b.finished_at from ops.list_backfills() b;
comment on view ops.backfills is
  'How far ops.backfill has come with the columns it fills; without finished_at it is under way, or was interrupted '
  'and goes on when it is called again.';
comment on column ops.backfills.name is 'The column, schema.table.column.';
comment on column ops.backfills.value is 'SQL expression of the value, in which t is the row.';
comment on column ops.backfills.remaining is 'SQL condition of the rows that are left, in which t is the row.';
comment on column ops.backfills.rows_done is 'Rows written since it began, repeated runs included.';
comment on column ops.backfills.started_at is 'When its first run began.';
comment on column ops.backfills.updated_at is 'When the last batch was written.';
comment on column ops.backfills.finished_at is 'When no row was left; null before.';
grant select on ops.backfills to service_role, app_read;

create function private.backfill_statement(relation text, column_name text, value text, remaining text)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_relation oid := (
    select c.oid from pg_catalog.pg_class c
    where c.oid = pg_catalog.to_regclass(relation) and c.relkind in ('r', 'p')
      and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace));
  v_columns text[];
  v_types text[];
  v_check refcursor;
begin
  if v_relation is null then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s is no table of public or private.', relation),
      hint = 'Name the table with its schema: public.tasks.';
  end if;
  if not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = v_relation and a.attname = column_name and a.attnum > 0 and a.attgenerated = ''
  ) then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s has no column %s that can be written.', relation, column_name),
      hint = 'Name the column alone, without quotes.';
  end if;
  select pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) order by k.place),
    pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by k.place)
  into v_columns, v_types
  from pg_catalog.pg_index i
  cross join pg_catalog.unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = v_relation and i.indisprimary;
  if v_columns is null then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s has no primary key.', relation),
      hint = 'Batches follow the primary key: the table needs one.';
  end if;
  -- a cursor takes one query only: an expression that ends it and begins another is refused here
  open v_check for execute pg_catalog.format(E'select (%s\n), (%s\n)::boolean from %s t limit 0',
    value, remaining, v_relation::regclass);
  close v_check;
  -- what others have locked is left for the next pass: it waits for nobody, and nobody for it longer than a batch takes
  return pg_catalog.format(
    E'with part as materialized (\n'
    '  select %1$s from %2$s t where ($1 is null or (%3$s) > (%4$s)) and (%5$s\n)\n'
    '  order by %3$s limit $2 for no key update of t skip locked\n'
    '), done as (\n'
    '  update %2$s t set %6$I = (%7$s\n) from part where (%3$s) = (%8$s) returning ((%5$s\n)) is true as is_left\n'
    ')\n'
    'select (select pg_catalog.count(*) from part) as found,\n'
    '  (select pg_catalog.count(*) from done where is_left) as unchanged,\n'
    '  (select pg_catalog.jsonb_build_array(%9$s) from part order by %10$s limit 1) as last_key',
    (select pg_catalog.string_agg('t.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    v_relation::regclass,
    (select pg_catalog.string_agg('t.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg(pg_catalog.format('($1 ->> %s)::%s', c.place - 1, c.type), ', ' order by c.place)
     from pg_catalog.unnest(v_types) with ordinality c (type, place)),
    remaining, column_name, value,
    (select pg_catalog.string_agg('part.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg('part.' || c || '::text', ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg('part.' || c || ' desc', ', ') from pg_catalog.unnest(v_columns) c));
end $$;
comment on function private.backfill_statement(text, text, text, text) is
  'The statement that fills a batch: $1 is the key it goes on behind, $2 the most rows. Errors: backfill_refused.';

create function private.begin_backfill(name text, value text, remaining text)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_me jsonb := (
    select pg_catalog.jsonb_build_object('pid', a.pid, 'began_at', a.backend_start)
    from pg_catalog.pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid());
  v_before private.backfills;
begin
  insert into private.backfills (name, value, remaining, runner) values (
    begin_backfill.name, begin_backfill.value, begin_backfill.remaining, coalesce(v_me, '{}'))
  on conflict do nothing;
  if found then
    return;
  end if;
  select * into v_before from private.backfills b where b.name = begin_backfill.name for update;
  -- a connection may serve somebody else by now: whoever works on it is in the middle of its call
  if v_before.runner <> v_me and exists (
    select from pg_catalog.pg_stat_activity a
    where pg_catalog.jsonb_build_object('pid', a.pid, 'began_at', a.backend_start) = v_before.runner
      and a.state = 'active' and a.query ~* '\mbackfill\M'
  ) then
    raise exception using errcode = 'PT409', message = 'backfill_under_way', detail = begin_backfill.name,
      hint = 'It goes on by itself: see ops.backfills.';
  end if;
  update private.backfills b set
    value = begin_backfill.value,
    remaining = begin_backfill.remaining,
    runner = coalesce(v_me, '{}'),
    -- interrupted, it goes on; finished, or with another value, it looks at all rows again
    last_key = case when b.finished_at is null and b.value = begin_backfill.value
      and b.remaining = begin_backfill.remaining then b.last_key end,
    finished_at = null
  where b.name = begin_backfill.name;
end $$;
comment on function private.begin_backfill(text, text, text) is
  'Notes who works on it; what was interrupted goes on where it was. Errors: backfill_under_way.';

-- Neither definer nor with a search_path of its own: PostgreSQL lets such procedures commit nothing. So each of its
-- transactions empties the search_path first, and only the owner may call it.
create procedure ops.backfill(
  relation text, column_name text, value text, remaining text default null,
  batch integer default 1000, pause interval default '100 milliseconds', at_most interval default null)
language plpgsql
as $$
declare
  c_patience constant interval := interval '2 minutes';
  v_name text := pg_catalog.concat_ws('.', relation, column_name);
  v_left text := coalesce(remaining, pg_catalog.format('t.%I is null', column_name));
  v_statement text;
  v_key jsonb;
  v_found bigint;
  v_unchanged bigint := 0;
  v_done bigint;
  v_in_pass bigint := 0;
  v_is_busy boolean;
  v_unresolved bigint := 0;
  v_began_at timestamptz := pg_catalog.clock_timestamp();
  v_told_at timestamptz := v_began_at;
  v_moved_at timestamptz := v_began_at;
begin
  perform pg_catalog.set_config('search_path', '', true);
  if batch is null or batch not between 1 and 10000 or pause is null
    or pause not between interval '0' and interval '1 minute' then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = 'A batch is 1 to 10000 rows, a pause at most a minute.', hint = 'Small batches keep no one waiting.';
  end if;
  v_statement := private.backfill_statement(relation, column_name, value, v_left);
  perform private.begin_backfill(v_name, value, v_left);
  v_key := (select b.last_key from private.backfills b where b.name = v_name);
  commit;
  loop
    perform pg_catalog.set_config('search_path', '', true);
    perform pg_catalog.set_config('lock_timeout', '200ms', true);
    begin
      execute v_statement into v_found, v_unchanged, v_key using v_key, batch;
      v_is_busy := false;
    exception when lock_not_available or deadlock_detected or serialization_failure then
      v_key := (select b.last_key from private.backfills b where b.name = v_name);
      v_found := 0;
      v_is_busy := true;
    end;
    v_in_pass := v_in_pass + v_found;
    if v_found > 0 then
      v_unresolved := v_unresolved + v_unchanged;
      v_moved_at := pg_catalog.clock_timestamp();
    end if;
    if not v_is_busy and v_found < batch then
      v_key := null;  -- the end of the table: what was passed over, or came meanwhile, is for the next pass
    end if;
    update private.backfills b set last_key = v_key, rows_done = b.rows_done + v_found,
      updated_at = pg_catalog.clock_timestamp()
    where b.name = v_name returning b.rows_done into v_done;
    commit;
    if pg_catalog.clock_timestamp() > v_told_at + interval '1 second' then
      raise notice '%: % rows', v_name, v_done;
      v_told_at := pg_catalog.clock_timestamp();
    end if;
    if not v_is_busy and v_key is null then
      perform pg_catalog.set_config('search_path', '', true);
      if v_unresolved > 0 then
        raise exception using errcode = 'PT409', message = 'backfill_incomplete',
          detail = pg_catalog.format('%s: the value leaves %s rows as they were.', v_name, v_unresolved),
          hint = 'The condition of what is left must be false once the value is set.';
      end if;
      -- only a pass that found nothing tells that nothing is left; what it passed over is locked now
      if v_in_pass = 0 then
        execute pg_catalog.format('select not exists (select from %s t where (%s))', relation, v_left) into v_is_busy;
        exit when v_is_busy;
      end if;
      v_in_pass := 0;
    end if;
    if pg_catalog.clock_timestamp() > v_moved_at + c_patience then
      raise exception using errcode = 'PT409', message = 'backfill_incomplete',
        detail = pg_catalog.format('%s: others hold the rows that are left.', v_name),
        hint = 'Call it again: it goes on where it was. See pg_locks for who holds them.';
    end if;
    if pg_catalog.clock_timestamp() > v_began_at + at_most then
      raise notice '%: % rows, call it again', v_name, v_done;
      return;
    end if;
    perform pg_catalog.pg_sleep(extract(epoch from pause));
    commit;
  end loop;
  update private.backfills b set finished_at = pg_catalog.clock_timestamp(), last_key = null where b.name = v_name;
  commit;
  raise notice '%: done, % rows', v_name, v_done;
end $$;
comment on procedure ops.backfill(text, text, text, text, integer, interval, interval) is
  'Fills a column of a table in use, in batches along its primary key, each a transaction with a pause. value and '
  'remaining are SQL in which t is the row; without it, rows are left whose column is null. Called again it goes '
  'on where it was interrupted, or ended after at_most, and changes nothing that is done. What others locked comes '
  'later. For the owner, outside a transaction. Errors: backfill_refused, backfill_under_way, backfill_incomplete.';
