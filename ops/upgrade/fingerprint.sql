-- Rows of every table with the sum of their hashes, and where every sequence stands: servers that print the same hold the same.
set timezone = 'UTC';
set datestyle = 'ISO';
set intervalstyle = 'postgres';
set bytea_output = 'hex';
set extra_float_digits = 1;
set search_path = '';
select format('select %L, count(*), sum(hashtextextended(t::text, 0)::numeric) from %I.%I t',
  n.nspname || '.' || c.relname, n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
\gexec
select schemaname, sequencename, last_value from pg_sequences order by schemaname collate "C", sequencename collate "C";
