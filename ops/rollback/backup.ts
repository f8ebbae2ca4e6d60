import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { StackError } from "../../dev/base/stack-error.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";

/** What a rollback deletes must be in a backup that is not older. */
const OLDEST = "1 hour";

/**
 * The backup from which lost data could be fetched.
 *
 * @param wanted a name in `ops.backups`, or a file of pg_dump; without, the newest of the last hour.
 * @throws StackError when there is none.
 */
export async function requireBackup(session: SqlSession, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined && isDump(wanted)) return wanted;
  const [table] = await session.query<{ is_there: boolean }>(
    "select to_regclass('ops.backups') is not null as is_there",
  );
  if (!table?.is_there) {
    throw new StackError("this database keeps no list of backups: name a file that pg_dump made, --backup <file>");
  }
  const [found] = await session.query<{ name: string }>(
    `select name from ops.backups
     where case when $1::text is null then finished_at > now() - interval '${OLDEST}' else name = $1 end
     order by finished_at desc limit 1`,
    [wanted ?? null],
  );
  if (found !== undefined) return found.name;
  throw new StackError(
    wanted === undefined
      ? `--force needs a backup of the last hour, and there is none: npm run ops:backup, or --backup <name or file>`
      : `there is no backup ${wanted}, neither in ops.backups nor as a file of pg_dump`,
  );
}

/** Whether it is a file that `pg_dump --format=custom` wrote. */
function isDump(file: string): boolean {
  if (!existsSync(file) || !statSync(file).isFile()) return false;
  const descriptor = openSync(file, "r");
  try {
    const beginning = Buffer.alloc(5);
    readSync(descriptor, beginning);
    return beginning.toString("latin1") === "PGDMP";
  } finally {
    closeSync(descriptor);
  }
}
