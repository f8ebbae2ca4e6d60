import { expect } from "vitest";
import type { Sql } from "./admin.ts";

/** Fails unless every audit of the database comes back empty; run it after every test. */
export async function expectBooksRight(sql: Sql): Promise<void> {
  const audits = await sql<{ name: string }>(
    "select proname as name from pg_proc where pronamespace = 'ops'::regnamespace and proname like 'audit\\_%' order by 1",
  );
  expect(audits.length).toBeGreaterThan(1);
  const problems: Record<string, object[]> = {};
  for (const { name } of audits) {
    const found = await sql(`select * from ops.${name}()`);
    if (found.length > 0) problems[name] = found;
  }
  const [ledger] = await sql<{ total: string }>(
    "select coalesce(sum(amount), 0)::text as total from ops.ledger_entries",
  );
  expect({ problems, ledger: ledger?.total }).toEqual({ problems: {}, ledger: "0" });
}
