import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import postgres from "postgres";
import { readAddress } from "../../ops/core/address.ts";
import { clientOptions } from "../../ops/core/client.ts";
import { databaseAddress } from "../../ops/core/environment.ts";
import { explain } from "../../ops/core/explain.ts";
import { paths } from "../base/paths.ts";
import { messageOf, StackError } from "../base/stack-error.ts";
import { type Statement, splitStatements } from "../stack/database/statements.ts";
import { statementFailure } from "../stack/database/transaction.ts";
import { withLocalDatabase } from "../stack/local-database.ts";
import { runCommand } from "./command.ts";
import { formatTable } from "./format-table.ts";

await runCommand({
  usage: `Usage: npm run sql -- [options] <file or text>

Runs SQL as the owner and prints what it returns. Several statements are one transaction, unless they are ended by a
commit of their own. The database is that of DATABASE_URL; otherwise that of the running stack; when none runs, the data
of the local stack.

  npm run sql -- "select name, status from public.tasks join public.categories on slug = category"
  npm run sql -- supabase/snippets/audit_all.sql

  --postgres       when no stack runs: the data of the stack's own PostgreSQL, not of the embedded database
  --data-dir DIR   where data and keys are kept (default: .local)
  --help           show this text`,
  options: { postgres: { type: "boolean", default: false }, "data-dir": { type: "string" } },
  positionals: ["the SQL: a file, or a text in quotes"],
  async run(values, [input = ""]) {
    const { name, statements } = await read(input);
    const work = (url: string) => runStatements(url, name, statements);
    const address = databaseAddress();
    if (address !== undefined) return work(address.url);
    const dataDir = values["data-dir"] === undefined ? paths.local : resolve(values["data-dir"]);
    await withLocalDatabase(dataDir, values.postgres ? "cluster" : "embedded", work);
  },
});

async function read(input: string): Promise<{ name: string; statements: Statement[] }> {
  const isFile = existsSync(input);
  if (!isFile && /^\S+\.sql$/.test(input)) throw new StackError(`there is no file ${input}`);
  const name = isFile ? relative(process.cwd(), input) : "the SQL";
  try {
    return { name, statements: await splitStatements(isFile ? readFileSync(input, "utf8") : input) };
  } catch (error) {
    throw new StackError(`${name}, ${messageOf(error)}`);
  }
}

async function runStatements(url: string, name: string, statements: readonly Statement[]): Promise<void> {
  const address = readAddress(url);
  const sql = postgres({
    ...clientOptions(address, { applicationName: "npm run sql", max: 1 }),
    idle_timeout: 0,
    connect_timeout: 60, // another client may have the embedded database for a while
    onnotice: (notice) => console.log(`${notice["severity"]}: ${notice["message"]}`),
  });
  try {
    await connect(sql, address.name);
    if (statements.length > 1) await sql.unsafe("begin").simple();
    for (const statement of statements) {
      try {
        console.log(describe(await sql.unsafe(statement.sql).simple().raw()));
      } catch (error) {
        throw statementFailure({ ...statement, file: name }, error);
      }
    }
    if (statements.length > 1) await sql.unsafe("commit").simple();
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function connect(sql: postgres.Sql, name: string): Promise<void> {
  try {
    await sql.unsafe("select 1").simple();
  } catch (error) {
    throw explain(error, name) ?? new StackError(`cannot connect to the database ${name}: ${messageOf(error)}`);
  }
}

/** What postgres.js gives for a statement, with values as they came. */
interface RawResult extends Iterable<unknown> {
  columns?: readonly { name: PropertyKey }[];
  command: string;
  count: number | null;
}

function describe(result: RawResult): string {
  if (result.columns === undefined || result.columns.length === 0) {
    return `${result.command} ${result.count ?? ""}`.trimEnd();
  }
  const rows = [...result] as (Buffer | null)[][];
  return formatTable(
    result.columns.map(({ name }) => String(name)),
    rows.map((row) => row.map((value) => value?.toString("utf8") ?? null)),
  );
}
