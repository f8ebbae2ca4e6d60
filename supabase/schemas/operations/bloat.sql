-- Monitoring: how much of tables and indexes is air.

create function ops.list_bloat()
returns table (schema_name text, table_name text, index_name text, bytes bigint, expected_bytes bigint,
  bloat_bytes bigint, bloat_share numeric)
language sql stable security definer set search_path = ''
as $$
  with widths as (  -- of what a column takes in a row in the mean
    select n.oid as schema_id, s.tablename, s.attname, (1 - s.null_frac) * s.avg_width as width,
      s.null_frac > 0 as nulls
    from pg_catalog.pg_stats s join pg_catalog.pg_namespace n on n.nspname = s.schemaname
    where not s.inherited
  ), relations as (
    select c.oid, c.relnamespace, c.relname, c.relkind, c.relpages, c.reltuples,
      coalesce(private.storage_option(c.reloptions, 'fillfactor'), case c.relkind when 'i' then 90 else 100 end) / 100
        as fill, i.indrelid, i.indkey
    from pg_catalog.pg_class c
    left join pg_catalog.pg_index i on i.indexrelid = c.oid
    left join pg_catalog.pg_am m on m.oid = c.relam
    where c.relpages > 0 and c.reltuples >= 0 and (c.relkind in ('r', 'm') or (c.relkind = 'i' and m.amname = 'btree'))
  ), columns as (
    select r.oid, w.width, w.nulls
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    -- an index has statistics of its own for expressions only, else those of its table's column
    left join pg_catalog.pg_attribute o on r.indkey[a.attnum - 1] > 0 and o.attrelid = r.indrelid
      and o.attnum = r.indkey[a.attnum - 1]
    left join pg_catalog.pg_class t on t.oid = o.attrelid
    left join widths w on w.schema_id = coalesce(t.relnamespace, r.relnamespace)
      and w.tablename = coalesce(t.relname, r.relname) and w.attname = coalesce(o.attname, a.attname)
  ), rows as (
    select c.oid, count(*) as columns, pg_catalog.sum(c.width) as width, pg_catalog.bool_or(c.nulls) as nulls
    from columns c
    group by c.oid having count(*) = count(c.width)  -- without statistics of all columns there is no estimate
  ), estimates as (
    select r.*, pg_catalog.current_setting('block_size')::numeric as block,
      case r.relkind
        when 'i' then 1 + pg_catalog.ceil(r.reltuples::numeric
          * (4 + 8 * pg_catalog.ceil((8 + case when w.nulls then 8 else 0 end + w.width::numeric) / 8))
          / ((pg_catalog.current_setting('block_size')::numeric - 40) * r.fill))
        else pg_catalog.ceil(r.reltuples::numeric
          * (4 + 8 * pg_catalog.ceil((23 + case when w.nulls then (w.columns + 7) / 8 else 0 end) / 8.0)
            + 8 * pg_catalog.ceil(w.width::numeric / 8))
          / ((pg_catalog.current_setting('block_size')::numeric - 24) * r.fill)) end as expected_pages
    from relations r join rows w on w.oid = r.oid
  )
  select n.nspname::text, coalesce(t.relname, e.relname)::text, case e.relkind when 'i' then e.relname::text end,
    (e.relpages * e.block)::bigint, (e.expected_pages * e.block)::bigint,
    greatest(0, (e.relpages - e.expected_pages) * e.block)::bigint,
    pg_catalog.round(greatest(0, e.relpages - e.expected_pages) / e.relpages, 3)
  from estimates e
  join pg_catalog.pg_namespace n on n.oid = e.relnamespace
  left join pg_catalog.pg_class t on t.oid = e.indrelid
  where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  order by 6 desc, 1, 2, 3
$$;
comment on function ops.list_bloat() is 'The rows of ops.bloat.';
grant execute on function ops.list_bloat() to service_role, app_read;

create view ops.bloat with (security_invoker = true) as select * from ops.list_bloat();
comment on view ops.bloat is
  'How much of tables and B-tree indexes is not used, the most first. An estimate from the statistics of the last '
  'analyze, which reads nothing of the tables: off by a tenth or so, and by more for small ones and for long values. '
  'Tables without statistics are left out.';
comment on column ops.bloat.schema_name is 'Its schema.';
comment on column ops.bloat.table_name is 'The table, or that of the index.';
comment on column ops.bloat.index_name is 'The index; null for the table itself.';
comment on column ops.bloat.bytes is 'What it takes.';
comment on column ops.bloat.expected_bytes is 'What its rows need.';
comment on column ops.bloat.bloat_bytes is 'What it takes more than they need.';
comment on column ops.bloat.bloat_share is 'The same as a part of what it takes, 0 to 1.';
grant select on ops.bloat to service_role, app_read;
