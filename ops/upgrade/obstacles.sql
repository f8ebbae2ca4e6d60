-- What logical replication would not carry to another server, one line each; nothing: it carries everything.
with tables as (
  select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    and coalesce(obj_description(c.oid, 'pg_class'), '') not like '%Holds nothing.'
)
select format('%I.%I has neither primary key nor replica identity', t.nspname, t.relname) from tables t
where t.relreplident <> 'f' and not exists (
  select from pg_index i where i.indrelid = t.oid and i.indisvalid and i.indimmediate
    and case t.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end)
union all
select format('%I.%I is not in the write-ahead log', t.nspname, t.relname) from tables t where t.relpersistence <> 'p'
union all
select format('trigger %I of %I.%I does not fire as usual: %s', g.tgname, t.nspname, t.relname,
  case g.tgenabled when 'D' then 'disabled' when 'A' then 'on a subscriber, too' else 'on a subscriber alone' end)
from pg_trigger g join tables t on t.oid = g.tgrelid where g.tgenabled <> 'O'
union all
select format('%s large objects', count(*)) from pg_largeobject_metadata having count(*) > 0
union all
select format('the materialized view %I.%I has to be refreshed by hand', v.schemaname, v.matviewname) from pg_matviews v
union all
select format('a prepared transaction is open: %s', p.gid) from pg_prepared_xacts p
order by 1;
