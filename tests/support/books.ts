import { expect } from "vitest";
import type { Sql } from "./admin.ts";

/** Fails unless every audit of the database comes back empty, and debts and credits of the ledger cancel out. */
export async function expectBooksRight(sql: Sql): Promise<void> {
  const problems = await sql("select * from ops.audit_all()");
  const [ledger] = await sql<{ total: string }>(
    "select coalesce(sum(amount), 0)::text as total from ops.ledger_entries",
  );
  expect({ problems, ledger: ledger?.total }).toEqual({ problems: [], ledger: "0" });
}
