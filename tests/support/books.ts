import { expect } from "vitest";
import type { Sql } from "./admin.ts";

/** Fails unless every audit of the database comes back empty; run it after every test. */
export async function expectBooksRight(sql: Sql): Promise<void> {
  const [books, tasks, [ledger]] = [
    await sql("select * from ops.audit_books()"),
    await sql("select * from ops.audit_tasks()"),
    await sql<{ total: string }>("select coalesce(sum(amount), 0)::text as total from ops.ledger_entries"),
  ];
  expect({ books, tasks, ledger: ledger?.total }).toEqual({ books: [], tasks: [], ledger: "0" });
}
