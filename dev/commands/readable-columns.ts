import type { SqlSession } from "../stack/database/session.ts";

/** The page that tells which columns of the API each role reads, as the rights of the database say it. */
export async function columnsPage(session: SqlSession): Promise<string> {
  const tables = await session.query<{ name: string; roles: string; columns: string }>(`
    select r.name, r.roles, string_agg(r.column_name, ', ' order by r.position) as columns
    from (
      select c.relname as name, a.attname as column_name, a.attnum as position,
        string_agg(g.role, ', ' order by g.role) as roles
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
      cross join unnest('{anon,authenticated,service_role}'::text[]) g (role)
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
        and has_column_privilege(g.role, c.oid, a.attnum, 'select')
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
      group by c.relname, a.attname, a.attnum) r
    group by r.name, r.roles
    order by r.name collate "C", r.roles collate "C"`);
  const rows = tables.map(({ name, roles, columns }) => `| \`${name}\` | ${roles} | ${columns} |`);
  return `<!-- Written by npm run db:types -->

# Columns that the API's roles read

Row level security decides which rows. System columns (\`xmin\`, \`ctid\`, …) are not among them, for nobody: they tell which
rows one transaction wrote and locked, and so who did what ([security](security.md)).

| Table | Roles | Columns |
|---|---|---|
${rows.join("\n")}
`;
}
