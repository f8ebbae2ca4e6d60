import type { Queries } from "../core/connection.ts";
import { appliedVersions } from "../core/history.ts";
import type { Manifest } from "./manifest.ts";

/** Schemas of the product, and those of others whose rows belong to it. */
export const OWN_SCHEMAS = ["public", "private", "ops", "supabase_migrations", "local_stack"] as const;
export const PLATFORM_SCHEMAS = ["auth", "storage"] as const;

/** Tables of Storage that belong to the product; its others are about uploads under way. */
const STORAGE_TABLES = ["buckets", "objects"];

/** The version tables of Auth and Storage themselves: a target has its own. */
const VERSION_TABLES = ["auth.schema_migrations", "storage.migrations"];

/** What is dumped. */
export interface Scope {
  schemas: string[];
  /** Quoted names of the tables with rows that are dumped. */
  tables: string[];
  /** Quoted names of tables that are left out: not the product's, or not readable for us. */
  excluded: string[];
}

/** Looks which tables belong into a backup. */
export async function backupScope(session: Queries): Promise<Scope> {
  const rows = await session.query<{ name: string; is_included: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       n.nspname = any ($1) or (has_table_privilege(c.oid, 'select')
         and (n.nspname <> 'storage' or c.relname = any ($3)) and format('%s.%s', n.nspname, c.relname) <> all ($4))
         as is_included
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1 || $2) and c.relkind = 'r' and not exists (
       select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1`,
    [OWN_SCHEMAS, PLATFORM_SCHEMAS, STORAGE_TABLES, VERSION_TABLES],
  );
  const schemas = await session.query<{ name: string }>(
    "select nspname as name from pg_namespace where nspname = any ($1)",
    [[...OWN_SCHEMAS, ...PLATFORM_SCHEMAS]],
  );
  return {
    schemas: schemas.map(({ name }) => name),
    tables: rows.filter((row) => row.is_included).map(({ name }) => name),
    excluded: rows.filter((row) => !row.is_included).map(({ name }) => name),
  };
}

/** Rows by table; at least one. */
export async function countRows(session: Queries, tables: readonly string[]): Promise<Record<string, number>> {
  const counted = tables.map((name) => `select '${name.replaceAll("'", "''")}' as name, count(*) from ${name}`);
  return byName(await session.query<{ name: string; count: number }>(counted.join(" union all ")));
}

/** What a restored database must agree with. */
export type Comparable = Pick<Manifest, "rows" | "ledger" | "audits" | "migrations" | "sealing_keys">;

/**
 * Counts and sums of a database, in the caller's snapshot.
 *
 * @param beside another session that sees the same: it takes a share of the audits, which take longer than everything else.
 */
export async function comparableFacts(
  session: Queries,
  tables: readonly string[],
  beside?: Queries,
): Promise<Comparable> {
  const [audits, counts] = await Promise.all([
    countProblems(beside === undefined ? [session] : [beside, session]),
    countAll(session, tables),
  ]);
  return { audits, ...counts };
}

/** What ops.audit_all would find, each session with the next audit as soon as it has ended one. */
async function countProblems(sessions: readonly [Queries, ...Queries[]]): Promise<Record<string, number>> {
  const audits = await sessions[0].query<{ name: string }>(
    `select proname as name from pg_proc
     where pronamespace = 'ops'::regnamespace and proname like 'audit\\_%' and proname <> 'audit_all' order by 1`,
  );
  const waiting = audits.values();
  const found = await Promise.all(
    sessions.map(async (session) => {
      const problems: { name: string; count: number }[] = [];
      for (const { name } of waiting) {
        const text = `select '${name}: ' || problem as name, count(*) as count from ops.${name}() group by 1`;
        problems.push(...(await session.query<{ name: string; count: number }>(text)));
      }
      return problems;
    }),
  );
  return byName(found.flat());
}

async function countAll(session: Queries, tables: readonly string[]): Promise<Omit<Comparable, "audits">> {
  const ledger = await session.query<{ name: string; count: number }>(`
    select 'amount of ' || type as name, sum(amount)::bigint as count from public.point_transactions group by type
    union all
    select unnest(array['balance', 'earned', 'spent']), unnest(array[sum(balance), sum(earned), sum(spent)])::bigint
    from public.point_accounts`);
  const keys = await session.query<{ name: string; count: number }>(
    "select key_id as name, texts as count from ops.sealing_keys",
  );
  return {
    rows: await countRows(session, tables),
    ledger: byName(ledger),
    sealing_keys: byName(keys),
    migrations: await appliedVersions(session),
  };
}

const byName = (rows: readonly { name: string; count: number }[]): Record<string, number> =>
  Object.fromEntries(rows.map(({ name, count }): [string, number] => [name, count ?? 0]).sort());

/** What a target needs besides. */
export type Needs = Pick<Manifest, "extensions" | "needed_roles" | "owner" | "triggers">;

/** What a backup needs where it is restored. */
export async function needsOf(session: Queries): Promise<Needs> {
  const [owner] = await session.query<{ name: string }>(
    "select pg_get_userbyid(nspowner) as name from pg_namespace where nspname = 'private'",
  );
  const extensions = await session.query<{ name: string; is_needed: boolean }>(
    `select e.extname as name, exists (
       select from pg_depend part join pg_depend d on d.refclassid = part.classid and d.refobjid = part.objid
       join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
       join pg_namespace cn on cn.oid = c.relnamespace and cn.nspname = any ($1)
       where part.refclassid = 'pg_extension'::regclass and part.refobjid = e.oid and part.deptype = 'e') as is_needed
     from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where n.nspname = 'extensions' order by 1`,
    [OWN_SCHEMAS],
  );
  const roles = await session.query<{ name: string; can_login: boolean }>(
    `with objects as (
       select c.relowner as owner, c.relacl as acl, c.relnamespace as schema from pg_class c
       union all select p.proowner, p.proacl, p.pronamespace from pg_proc p
       union all select n.nspowner, n.nspacl, n.oid from pg_namespace n),
     used as (
       select u.role from objects o
       cross join lateral (select o.owner as role union all select a.grantee from aclexplode(o.acl) a) u
       where o.schema = any (select oid from pg_namespace where nspname = any ($1))),
     -- and who becomes one of them, as the API's login does
     needed as (select role from used union select m.member from pg_auth_members m join used u on u.role = m.roleid)
     select r.rolname as name, r.rolcanlogin as can_login
     from needed n join pg_roles r on r.oid = n.role where r.rolname !~ '^pg_' order by 1`,
    [[...OWN_SCHEMAS, ...PLATFORM_SCHEMAS]],
  );
  const triggers = await session.query<{ schema: string; table: string; name: string }>(
    `select cn.nspname as schema, c.relname as table, t.tgname as name
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace cn on cn.oid = c.relnamespace
     join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
     where not t.tgisinternal and cn.nspname = any ($1) and pn.nspname = any ($2) order by 1, 2, 3`,
    [PLATFORM_SCHEMAS, OWN_SCHEMAS],
  );
  return { owner: owner?.name ?? "", extensions, needed_roles: roles, triggers };
}
