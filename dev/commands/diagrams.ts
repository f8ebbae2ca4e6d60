import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { readRooms } from "../schemas/rooms.ts";
import type { SqlSession } from "../stack/database/session.ts";

interface Table {
  schema: string;
  name: string;
  comment: string;
  columns: { name: string; type: string; keys: string[] }[];
}
interface Reference {
  from: string;
  to: string;
  columns: string[];
  /** There may be none on the other side. */
  isOptional: boolean;
  /** At most one row leads to each on the other side. */
  isUnique: boolean;
}

const FOLDER = join(paths.root, "docs/diagrams");
const CREATED = /^create (?:unlogged )?table (?:if not exists )?(public|private|ops)\.(\w+)/gmu;

/** A page for each room that has tables: a picture of them and their foreign keys, as the catalogue knows them. */
export async function diagramPages(session: SqlSession): Promise<[file: string, content: string][]> {
  const tables = await readTables(session);
  const references = await readReferences(session);
  return readRooms().flatMap(({ name: room, files }): [string, string][] => {
    const created = files.flatMap(({ sql }) =>
      [...sql.matchAll(CREATED)].map(([, schema, name]) => `${schema}.${name}`),
    );
    const own = created.flatMap((name) => tables.filter((table) => `${table.schema}.${table.name}` === name));
    return own.length === 0 ? [] : [[join(FOLDER, `${room}.md`), page(room, own, references)]];
  });
}

function page(room: string, tables: readonly Table[], references: readonly Reference[]): string {
  const title = existsSync(join(paths.root, `docs/rooms/${room}.md`)) ? `[${room}](../rooms/${room}.md)` : room;
  const names = new Set(tables.map(({ name }) => name));
  const lines = [
    ...tables.map(entity),
    ...references.filter(({ from, to }) => names.has(from) || names.has(to)).map(relation),
  ];
  const rows = tables.map(
    ({ schema, name, comment }) => `| \`${schema}.${name}\` | ${comment.replaceAll("|", "\\|")} |`,
  );
  return `<!-- Written by npm run db:types -->

# Tables of the room ${title}

Lines are foreign keys, named by their columns. A table without columns belongs to another room.

\`\`\`mermaid
erDiagram
${lines.join("\n")}
\`\`\`

| Table | Holds |
|---|---|
${rows.join("\n")}
`;
}

function entity({ name, columns }: Table): string {
  const rows = columns.map((column) => `    ${column.type} ${column.name} ${column.keys.join(", ")}`.trimEnd());
  return `  ${name} {\n${rows.join("\n")}\n  }`;
}

function relation({ from, to, columns, isOptional, isUnique }: Reference): string {
  return `  ${to} ${isOptional ? "|o" : "||"}--${isUnique ? "o|" : "o{"} ${from} : ${columns.join("-")}`;
}

function readTables(session: SqlSession): Promise<Table[]> {
  return session.query<Table>(`
    select n.nspname as schema, c.relname as name, coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
      (select json_agg(json_build_object('name', a.attname,
          'type', case when e.oid is null then t.typname else e.typname || '[]' end,
          'keys', array_remove(array[
            case when exists (select from pg_constraint p
              where p.conrelid = c.oid and p.contype = 'p' and a.attnum = any (p.conkey)) then 'PK' end,
            case when exists (select from pg_constraint f
              where f.conrelid = c.oid and f.contype = 'f' and a.attnum = any (f.conkey)) then 'FK' end], null)
        ) order by a.attnum)
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'ops') and c.relkind in ('r', 'p')
      -- the rows of reads are tables only in name
      and coalesce(obj_description(c.oid, 'pg_class'), '') not like '%Holds nothing.'`);
}

function readReferences(session: SqlSession): Promise<Reference[]> {
  return session.query<Reference>(`
    select a.relname as "from", b.relname as "to",
      (select json_agg(k.attname order by k.attnum) from pg_attribute k
       where k.attrelid = f.conrelid and k.attnum = any (f.conkey)) as columns,
      exists (select from pg_attribute k
        where k.attrelid = f.conrelid and k.attnum = any (f.conkey) and not k.attnotnull) as "isOptional",
      exists (select from pg_index i where i.indrelid = f.conrelid and i.indisunique and i.indpred is null
        and i.indkey::int2[] <@ f.conkey) as "isUnique"
    from pg_constraint f join pg_class a on a.oid = f.conrelid join pg_class b on b.oid = f.confrelid
    where f.contype = 'f' and f.connamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
    order by a.relname collate "C", f.conname collate "C"`);
}
