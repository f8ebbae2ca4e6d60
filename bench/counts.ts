import type { Query } from "./databases.ts";
import type { Check } from "./result.ts";

/** The number `n` that a statement selects. */
export async function count(query: Query, sql: string): Promise<number> {
  const [row] = await query<{ n: number }>(sql);
  return row?.n ?? Number.NaN;
}

/** How many bytes of write-ahead log the server has written so far. */
export function walPosition(query: Query): Promise<number> {
  return count(query, "select (pg_current_wal_insert_lsn() - '0/0')::float8 as n");
}

/** Whether the product's own audit finds anything in its books; `load` names what went before. */
export async function audit(query: Query, load: string): Promise<Check> {
  return {
    name: `problems in the books after ${load}`,
    value: await count(query, "select count(*)::int as n from ops.audit_books()"),
    target: { atMost: 0 },
    unit: "count",
  };
}
