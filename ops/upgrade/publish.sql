-- Publishes every table but those that belong to an extension: these come with the extension.
select format('create publication upgrade for tables in schema %s', string_agg(distinct quote_ident(n.nspname), ', '))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
\gexec
