import type { SqlSession } from "../database/session.ts";

/** One safeguard of the schema and the statement that takes it away. */
export interface Mutation {
  /** Kind and object, e.g. `trigger point_transactions_post on public.point_transactions`. */
  name: string;
  sql: string;
}

/**
 * Lists what a test must notice when it is gone: policies (also when they let everybody in), row level security,
 * grants, triggers, check constraints and unique indexes of the product's schemas, each error that a function raises,
 * and each call of a function that does nothing but raise.
 */
export async function listMutations(superuser: SqlSession): Promise<Mutation[]> {
  // Without a search path, names come out qualified.
  await superuser.script("set search_path = ''");
  const found = await Promise.all(QUERIES.map((query) => superuser.query<Mutation & object>(query)));
  return found.flat();
}

const SCHEMAS = "('public', 'private', 'ops')";
const NOT_OF_AN_EXTENSION = (catalogue: string, oid: string) =>
  `not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.${catalogue}'::pg_catalog.regclass and d.objid = ${oid} and d.deptype = 'e')`;

/** Call of a function that does nothing but raise. */
const CHECK = String.raw`perform (private\.(?:check_\w+|refuse_\w+|count_action|require_verified))\(`;

const QUERIES = [
  `select pg_catalog.format('policy %s on %s', p.polname, p.polrelid::pg_catalog.regclass) as name,
     pg_catalog.format('drop policy %I on %s', p.polname, p.polrelid::pg_catalog.regclass) as sql
   from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
   where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} order by 1`,

  `select pg_catalog.format('condition of policy %s on %s', p.polname, p.polrelid::pg_catalog.regclass) as name,
     pg_catalog.format('alter policy %I on %s using (true)', p.polname, p.polrelid::pg_catalog.regclass) as sql
   from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
   where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and pg_catalog.pg_get_expr(p.polqual, p.polrelid) <> 'true' order by 1`,

  `select pg_catalog.format('row level security of %s', c.oid::pg_catalog.regclass) as name,
     pg_catalog.format('alter table %s disable row level security', c.oid::pg_catalog.regclass) as sql
   from pg_catalog.pg_class c
   where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and c.relrowsecurity order by 1`,

  `select pg_catalog.format('trigger %s on %s', t.tgname, t.tgrelid::pg_catalog.regclass) as name,
     pg_catalog.format('drop trigger %I on %s', t.tgname, t.tgrelid::pg_catalog.regclass) as sql
   from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
   where not t.tgisinternal and p.pronamespace::pg_catalog.regnamespace::text in ${SCHEMAS} order by 1`,

  `select pg_catalog.format('constraint %s on %s', k.conname, k.conrelid::pg_catalog.regclass) as name,
     pg_catalog.format('alter table %s drop constraint %I', k.conrelid::pg_catalog.regclass, k.conname) as sql
   from pg_catalog.pg_constraint k
   where k.contype in ('c', 'u') and k.connamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and k.conrelid <> 0 order by 1`,

  `select pg_catalog.format('unique index %s', i.indexrelid::pg_catalog.regclass) as name,
     pg_catalog.format('drop index %s', i.indexrelid::pg_catalog.regclass) as sql
   from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
   where i.indisunique and c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS}
     and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid) order by 1`,

  `with objects as (
     select 'schema' as kind, n.nspname::text as name, n.nspowner as owner, n.nspacl as acl
     from pg_catalog.pg_namespace n where n.nspname in ${SCHEMAS}
     union all
     select case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::pg_catalog.regclass::text, c.relowner, c.relacl
     from pg_catalog.pg_class c
     where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and ${NOT_OF_AN_EXTENSION("pg_class", "c.oid")}
     union all
     select 'function', p.oid::pg_catalog.regprocedure::text, p.proowner, p.proacl
     from pg_catalog.pg_proc p
     where p.pronamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and ${NOT_OF_AN_EXTENSION("pg_proc", "p.oid")})
   select pg_catalog.format('grant %s on %s %s to %s', x.privilege_type, o.kind, o.name, r.rolname) as name,
     pg_catalog.format('revoke %s on %s %s from %I cascade', x.privilege_type, o.kind, o.name, r.rolname) as sql
   from objects o cross join lateral pg_catalog.aclexplode(o.acl) x
   join pg_catalog.pg_roles r on r.oid = x.grantee
   where r.rolname in ('anon', 'authenticated', 'service_role', 'app_read', 'app_service') order by 1`,

  // columns, one by one: what reading is granted by
  `select pg_catalog.format('grant %s on columns of %s to %s', x.privilege_type, c.oid::pg_catalog.regclass, r.rolname) as name,
     pg_catalog.format('revoke %s (%s) on %s from %I', x.privilege_type, pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', '),
       c.oid::pg_catalog.regclass, r.rolname) as sql
   from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
   cross join lateral pg_catalog.aclexplode(a.attacl) x
   join pg_catalog.pg_roles r on r.oid = x.grantee
   where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and r.rolname in ('anon', 'authenticated', 'service_role', 'app_read', 'app_service')
   group by c.oid, r.rolname, x.privilege_type order by 1`,

  // what granting columns keeps shut
  `select distinct pg_catalog.format('system columns of %s kept from %s', c.oid::pg_catalog.regclass, r.rolname) as name,
     pg_catalog.format('grant select on %s to %I', c.oid::pg_catalog.regclass, r.rolname) as sql
   from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
   cross join lateral pg_catalog.aclexplode(a.attacl) x
   join pg_catalog.pg_roles r on r.oid = x.grantee
   where c.relnamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and r.rolname in ('anon', 'authenticated', 'service_role', 'app_read', 'app_service')
   order by 1`,

  // a message on level debug is not an error: the function goes on as if the check were not there
  `select pg_catalog.format('error %s (%s of %s) of %s', pg_catalog.regexp_substr(p.prosrc, $q$message = '?([a-z_]+)$q$, 1, n, '', 1), n, most, p.oid::pg_catalog.regprocedure) as name,
     pg_catalog.regexp_replace(pg_catalog.pg_get_functiondef(p.oid), 'raise exception using', 'raise debug using', 1, n) as sql
   from pg_catalog.pg_proc p
   cross join lateral pg_catalog.regexp_count(p.prosrc, 'raise exception using') most
   cross join lateral pg_catalog.generate_series(1, most) n
   where p.pronamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and p.prosrc like '%raise exception using%' and ${NOT_OF_AN_EXTENSION("pg_proc", "p.oid")}
   order by p.oid::pg_catalog.regprocedure::text, n`,

  // a call of a function that raises: its arguments are still read, but nobody looks at them
  `select pg_catalog.format('call of %s (%s of %s) of %s', pg_catalog.regexp_substr(p.prosrc, $q$${CHECK}$q$, 1, n, '', 1), n, most, p.oid::pg_catalog.regprocedure) as name,
     pg_catalog.regexp_replace(pg_catalog.pg_get_functiondef(p.oid), $q$${CHECK}$q$, 'perform pg_catalog.jsonb_build_array(', 1, n) as sql
   from pg_catalog.pg_proc p
   cross join lateral pg_catalog.regexp_count(p.prosrc, $q$${CHECK}$q$) most
   cross join lateral pg_catalog.generate_series(1, most) n
   where p.pronamespace::pg_catalog.regnamespace::text in ${SCHEMAS} and p.prosrc ~ $q$${CHECK}$q$ and ${NOT_OF_AN_EXTENSION("pg_proc", "p.oid")}
   order by p.oid::pg_catalog.regprocedure::text, n`,
];
