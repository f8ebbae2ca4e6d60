import { join } from "node:path";
import type { DatabaseFactory, PreparedDatabase } from "../stack/database/database-factory.ts";
import { runSqlFile } from "../stack/database/migrate.ts";
import type { SqlSession } from "../stack/database/session.ts";
import { readRooms } from "./rooms.ts";

/** Everything a database holds, as SQL by name: `TABLE public.tasks` → `create table …`. */
export type Definitions = ReadonlyMap<string, string>;

/** Two databases that ought to be the same. */
export interface BothDatabases {
  readonly migrations: PreparedDatabase;
  readonly schemas: PreparedDatabase;
}

/**
 * Makes one database from the migrations and one from the schemas.
 *
 * @param supabase folder with `config.toml`, `migrations/` and `schemas/`.
 * @param name of this pair among those of the factory.
 * @throws StackError with file, line and message when one of them does not run.
 */
export async function makeBoth(
  factory: DatabaseFactory,
  migrationFiles: readonly string[],
  supabase: string,
  name = "from",
): Promise<BothDatabases> {
  // one after the other: both create the role that reports read with
  const migrations = await factory.create(`${name}_migrations`);
  await runFiles(
    migrations,
    migrationFiles.map((file) => join(supabase, "migrations", file)),
  );
  const schemas = await factory.create(`${name}_schemas`);
  await runFiles(
    schemas,
    readRooms(supabase).flatMap(({ files }) => files.map(({ path }) => join(supabase, path))),
  );
  return { migrations, schemas };
}

async function runFiles(database: PreparedDatabase, files: readonly string[]): Promise<void> {
  await database.asOwner(async (session) => {
    for (const file of files) await runSqlFile(session, file);
  });
}

/** What pg_dump says of every object with its owner and its rights, and the rows that are there from the beginning. */
export async function readDefinitions(database: PreparedDatabase): Promise<Definitions> {
  const [, ...parts] = database.dump().split(/^--\n-- (?=Name: )/mu);
  const definitions = new Map<string, string>();
  for (const part of parts) {
    const [, name, type, schema] = /^Name: (.*); Type: (.*); Schema: (.*); Owner: /u.exec(part) ?? [];
    const key = `${type} ${schema === "-" ? "" : `${schema}.`}${name}`;
    const sql = part.slice(part.indexOf("\n--\n") + 4).trim();
    definitions.set(key, definitions.has(key) ? `${definitions.get(key)}\n${sql}` : sql);
  }
  for (const row of await database.asOwner(readRows)) definitions.set(row, "");
  return definitions;
}

/** Rows without what every database makes anew: times, random ids, numbers. */
async function readRows(session: SqlSession): Promise<string[]> {
  const tables = await session.query<{ name: string; made: string[] }>(`
    select format('%I.%I', c.relnamespace::regnamespace, c.relname) as name, coalesce(array_agg(a.attname::text) filter (where a.attidentity <> ''
      or pg_get_expr(d.adbin, d.adrelid) ~* '(now|clock_timestamp|uuid|nextval)\\(|current_(date|timestamp)'), '{}') as made
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('public', 'private', 'ops')
    group by c.oid order by 1`);
  const rows: string[] = [];
  for (const { name, made } of tables) {
    const found = await session.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[])::text as row from ${name} t order by 1`,
      [made],
    );
    rows.push(...found.map(({ row }) => `ROW of ${name}: ${row}`));
  }
  return rows;
}

/** Something that is not the same in both databases. */
export interface Difference {
  readonly name: string;
  /** Lines of its definition, or all of them where the other has none. */
  readonly onlyInMigrations: readonly string[];
  readonly onlyInSchemas: readonly string[];
}

/** What differs between a database made from the migrations and one made from the schemas, by name. */
export function differencesOf(migrations: Definitions, schemas: Definitions): Difference[] {
  const all = [...new Set([...migrations.keys(), ...schemas.keys()])].toSorted();
  const isAside = (name: string): boolean => /^(?:ACL|COMMENT) /u.test(name);
  const names = [...all.filter((name) => !isAside(name)), ...all.filter(isAside)];
  return names.flatMap((name) => {
    const [have, want] = [migrations.get(name), schemas.get(name)];
    if (have === want) return [];
    const [haveLines, wantLines] = [linesOf(have), linesOf(want)];
    return [
      {
        name,
        onlyInMigrations: haveLines.filter((line) => !wantLines.includes(line)),
        onlyInSchemas: wantLines.filter((line) => !haveLines.includes(line)),
      },
    ];
  });
}

/** The last column of a table has no comma, which says nothing. */
const linesOf = (sql: string | undefined): string[] => sql?.split("\n").map((line) => line.replace(/,$/u, "")) ?? [];

/** Whether only lines stand in another order: columns, because everything else has a name of its own. */
export const isOrder = ({ onlyInMigrations, onlyInSchemas }: Difference): boolean =>
  onlyInMigrations.length + onlyInSchemas.length === 0;

/** One line on a difference. */
export function sentenceOf(difference: Difference): string {
  const { name, onlyInMigrations, onlyInSchemas } = difference;
  const line = (text: string | undefined): string => (text ?? "").trim().slice(0, 100);
  if (isOrder(difference)) return `${name}: the same in another order, a later column stands last in the schemas, too`;
  if (name.startsWith("ROW of ")) return `${name} is not in both`;
  if (onlyInSchemas.length === 0) return `${name}: only the migrations say ${line(onlyInMigrations[0])}`;
  return `${name}: no migration says ${line(onlyInSchemas[0])}`;
}
