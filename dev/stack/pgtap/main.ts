// Runs the pgTAP tests on a database of its own: node dev/stack/pgtap/main.ts [--database embedded|cluster] [pattern…]
import { parseArgs } from "node:util";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { type PgTapFileResult, runPgTap } from "./run.ts";
import { DATABASE_KINDS, type DatabaseKind, withThrowawayDatabase } from "./throwaway.ts";

const HELP = `Runs the pgTAP tests in supabase/tests on a fresh database with all migrations.

Usage: node dev/stack/pgtap/main.ts [--database embedded|cluster] [pattern…]

  --database embedded   PGlite in this process (default)
  --database cluster    a throwaway server from this machine's PostgreSQL with PostGIS and pgTAP
  pattern               run only files whose path contains it, e.g. tasks/ or confirm_task
  --help                this text

Exit code: 0 all tests passed, 1 something failed, 2 wrong usage.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  try {
    const { passed, failures } = await withThrowawayDatabase(options.database, (database) =>
      runPgTap(database, { patterns: options.patterns, onFile: printFile }),
    );
    console.log(`pgTAP on ${options.database}: ${passed} passed, ${failures.length} failed`);
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { database: { type: "string", default: "embedded" }, help: { type: "boolean", default: false } },
  });
  const database = DATABASE_KINDS.find((kind): kind is DatabaseKind => kind === values.database);
  if (database === undefined) throw new Error(`--database must be one of ${DATABASE_KINDS.join(", ")}`);
  return { database, help: values.help, patterns: positionals };
}

function printFile({ file, tests, failures, milliseconds }: PgTapFileResult): void {
  console.log(`${failures.length === 0 ? "ok    " : "not ok"} ${file} (${tests} tests, ${milliseconds} ms)`);
  for (const { message } of failures) console.log(`       ${message.replaceAll("\n", "\n       ")}`);
}
