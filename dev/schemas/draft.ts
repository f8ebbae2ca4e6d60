import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../base/stack-error.ts";
import { runSupabaseCli } from "../commands/supabase-cli.ts";
import type { PreparedDatabase } from "../stack/database/database-factory.ts";
import { runSqlFile } from "../stack/database/migrate.ts";
import { splitStatements } from "../stack/database/statements.ts";
import {
  type BothDatabases,
  type Definitions,
  type Difference,
  differencesOf,
  isOrder,
  readDefinitions,
} from "./definitions.ts";

/** What a migration and its rollback begin with. */
export interface Draft {
  readonly sql: string;
  readonly rollback: string;
  /** What is left to do by hand, a line each; nothing when both were tried and are exact. */
  readonly notes: readonly string[];
}

/** How far one direction came. */
interface Direction {
  readonly sql: string;
  readonly isExact: boolean;
  readonly note?: string;
}

/**
 * Takes the difference of the two databases from the Supabase CLI and tries it on the one made from the migrations, there
 * and back. What did not run stands as a comment, and so does what still differed after it, such as rows.
 *
 * @returns nothing when the databases are the same.
 */
export async function draftMigration({ migrations, schemas }: BothDatabases): Promise<Draft | undefined> {
  const [before, wanted] = [await readDefinitions(migrations), await readDefinitions(schemas)];
  if (differencesOf(before, wanted).length === 0) return undefined;
  const [forth, back] = await Promise.all([diff(migrations, schemas), diff(schemas, migrations)]);
  const up = await tried(migrations, forth, wanted, "migration");
  const down = await tried(migrations, back, before, "rollback");
  return {
    sql: up.sql,
    rollback: up.isExact
      ? down.sql
      : `${commented(["Here, too, is to be written what the migration needs."])}${down.sql}`,
    notes: [
      ...lossesIn(forth).map(
        (loss) => `${loss} DELETES what is in it: if it was renamed, write alter … rename instead`,
      ),
      ...[up.note, down.note].filter((note) => note !== undefined),
    ],
  };
}

/** Tables and columns that a text drops. */
export function lossesIn(sql: string): string[] {
  return [...sql.matchAll(/^(?:alter table \S+\s+)?drop (?:table|column) [^;]+/gimu)].map(([drop]) =>
    drop.replaceAll(/\s+/gu, " ").replaceAll('"', "").toLowerCase(),
  );
}

/** What leads from one database to the other, without what is said of the owner: its rights come with owning. */
async function diff(from: PreparedDatabase, to: PreparedDatabase): Promise<string> {
  const output = await runSupabaseCli(["db", "diff", "--from", from.ownerUrl, "--to", to.ownerUrl], {
    capture: true,
    task: "comparing the databases",
  });
  const statements = (await splitStatements(output)).map(({ sql }) => sql);
  const isOfOwner = (sql: string): boolean => /^(?:GRANT|REVOKE) .* (?:TO|FROM) "postgres"$/su.test(sql);
  return (
    statements
      .filter((sql) => !isOfOwner(sql))
      // another server may have another owner
      .map((sql) => `${sql.replace(/^(ALTER DEFAULT PRIVILEGES) FOR ROLE "postgres"/u, "$1")};\n`)
      .join("\n")
  );
}

async function tried(database: PreparedDatabase, sql: string, wanted: Definitions, what: string): Promise<Direction> {
  const folder = mkdtempSync(join(tmpdir(), "neighbourhood-draft-"));
  const file = join(folder, `${what}.sql`);
  try {
    writeFileSync(file, sql);
    await database.asOwner((session) => runSqlFile(session, file));
  } catch (error) {
    const reason = messageOf(error).replace(file, `the ${what}`).replaceAll("\n", " ");
    const note = `the ${what} does not run as it was found, so it stands there as a comment: ${reason}`;
    return {
      sql: `${commented([`Not run: ${reason}`])}\n${commented(sql.trimEnd().split("\n"))}`,
      isExact: false,
      note,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
  const left = differencesOf(await readDefinitions(database), wanted);
  if (left.every(isOrder)) {
    const note = `in supabase/schemas, let the later columns stand last: ${left.map(({ name }) => name).join(", ")}`;
    return { sql, isExact: true, ...(left.length === 0 ? {} : { note }) };
  }
  const lines = ["Still to be written, + is to come and - to go:", ...left.flatMap(linesOf)];
  const note = `the ${what} does not do everything: ${left.length} more stand there as comments`;
  return { sql: `${sql}\n${commented(lines)}`, isExact: false, note };
}

const linesOf = ({ name, onlyInMigrations, onlyInSchemas }: Difference): string[] =>
  name.startsWith("ROW of ")
    ? [`${onlyInSchemas.length > 0 ? "+" : "-"} ${name}`]
    : [name, ...onlyInMigrations.map((line) => `- ${line}`), ...onlyInSchemas.map((line) => `+ ${line}`)];

const commented = (lines: readonly string[]): string =>
  lines
    .map((line) => `-- ${line}`.trimEnd())
    .join("\n")
    .concat("\n");
