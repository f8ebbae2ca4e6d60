import { afterEach } from "vitest";
import type { Sql } from "./admin.ts";
import { expectBooksRight } from "./books.ts";
import { expectLegalHistories } from "./history.ts";
import { resetSettings } from "./settings.ts";

/**
 * After every test of a file: puts the settings back to their defaults, and proves that books, projections and histories
 * are right. Where no transaction has written since the last proof, that one still holds.
 */
export function proveAfterEach(sql: Sql): void {
  let proved: string | undefined;
  afterEach(async () => {
    if (proved === (await snapshotOf(sql))) return;
    await resetSettings(sql);
    const now = await snapshotOf(sql);
    await expectBooksRight(sql);
    // everything older than the oldest transaction that was under way has been looked at
    await expectLegalHistories(sql, proved?.split(":")[0]);
    proved = now;
  });
}

/** Which transactions have ended: two equal answers mean that nothing was written in between. */
async function snapshotOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ snapshot: string }>("select pg_current_snapshot()::text as snapshot");
  if (row === undefined) throw new Error("the database named no snapshot");
  return row.snapshot;
}
