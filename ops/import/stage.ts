import type { Queries } from "../core/connection.ts";

/** A row of a batch; `n` tells it from the others. */
export interface Staged {
  n: number;
}

/** What the database has against a row of a batch. */
export interface Verdict {
  n: number;
  outcome: "refused" | "mended";
  field: string;
  problem: string;
}

/** What came of a batch. */
export interface Written {
  verdicts: Verdict[];
  /** Those that an earlier run brought. */
  known: number[];
  inserted: number[];
}

/**
 * Puts a batch into a table of the transaction: one array for each column is as fast as COPY, and works through every pooler and on
 * the embedded database.
 */
export async function stage<Row extends Staged>(
  session: Queries,
  rows: readonly Row[],
  types: Readonly<Record<keyof Row, string>>,
): Promise<void> {
  // two imports at once take turns: each writes rows that the other may look for, in an order of its own
  await session.query("select pg_advisory_xact_lock(hashtext('ops.import'))");
  // a plan that was made when the tables were empty would read them from end to end for every row
  await session.query("discard plans");
  await session.query("set local enable_hashjoin = off");
  await session.query("set local enable_mergejoin = off");
  const columns = Object.entries(types) as [keyof Row & string, string][];
  await session.query(
    `create temporary table import_batch on commit drop as select * from unnest(
       ${columns.map(([, type], index) => `$${index + 1}::text[]::${type}[]`).join(", ")}
     ) as batch (${columns.map(([name]) => name).join(", ")})`,
    // as texts: the driver has ideas of its own about arrays of other types
    columns.map(([name]) => rows.map((row) => (row[name] === null ? null : String(row[name])))),
  );
}

/** Takes rows out of the batch. */
export async function unstage(session: Queries, numbers: readonly number[]): Promise<void> {
  if (numbers.length > 0)
    await session.query("delete from pg_temp.import_batch where n = any ($1::integer[])", [numbers]);
}

/** Numbers of the rows that are still in the batch. */
export async function remaining(session: Queries): Promise<number[]> {
  return (await session.query<{ n: number }>("select n from pg_temp.import_batch")).map(({ n }) => n);
}

/** Reads verdicts that a statement answers with: n, outcome (`known`, too), field, problem. */
export async function judge(session: Queries, sql: string): Promise<Pick<Written, "verdicts" | "known">> {
  const rows = await session.query<Omit<Verdict, "outcome"> & { outcome: string }>(sql);
  const known = rows.filter(({ outcome }) => outcome === "known").map(({ n }) => n);
  // what is here already is nobody's business any more
  const isKnown = new Set(known);
  const others = known.length === 0 ? rows : rows.filter(({ n }) => !isKnown.has(n));
  const verdicts = others.map(
    (row): Verdict => ({ ...row, outcome: row.outcome === "refused" ? "refused" : "mended" }),
  );
  await unstage(session, [...known, ...verdicts.filter(({ outcome }) => outcome === "refused").map(({ n }) => n)]);
  return { verdicts, known };
}
