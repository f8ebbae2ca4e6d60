import type { Node } from "@pgsql/types";
import { nameOf } from "../../dev/schemas/objects.ts";
import { alterations, objectKeys, writtenTable } from "../../dev/schemas/safety/nodes.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import type { Step } from "./plan.ts";

/** Data that a rollback deletes. */
export interface Loss {
  /** `table public.tasks`, `column public.tasks.title`, `rows of public.tasks`. */
  readonly what: string;
  /** How many rows are concerned; counted up to {@link MOST_COUNTED}. */
  readonly rows: number;
}

/** Counting on would take long and change no decision. */
export const MOST_COUNTED = 1_000_000;

/** What the text of a rollback deletes, as far as there is something in it. */
export async function lossesOf(step: Step, session: SqlSession): Promise<readonly Loss[]> {
  const losses: Loss[] = [];
  for (const target of targetsOf(step)) {
    const rows = await countRows(target, session);
    if (rows > 0) losses.push({ what: target.what, rows });
  }
  return losses;
}

interface Target {
  readonly what: string;
  readonly table: string;
  readonly column?: string;
}

/** What the statements drop, empty, delete from or write over. */
export function targetsOf({ forth, back }: Step): readonly Target[] {
  // rows that the migration itself brought are no one's
  const brought = forth.flatMap(({ node }) => ("InsertStmt" in node ? [nameOf(node.InsertStmt.relation)] : []));
  return back.flatMap(({ node }) => targetsIn(node).filter(({ what, table }) => !isBrought(what, table, brought)));
}

const isBrought = (what: string, table: string, brought: readonly string[]): boolean =>
  what.startsWith("rows of") && brought.includes(table);

function targetsIn(node: Node): Target[] {
  if ("DropStmt" in node && node.DropStmt.removeType === "OBJECT_TABLE") {
    return (node.DropStmt.objects ?? [])
      .flatMap((object) => objectKeys("OBJECT_TABLE", object))
      .map((key) => ({ what: key.replace("relation", "table"), table: key.slice("relation ".length) }));
  }
  if ("TruncateStmt" in node) {
    return (node.TruncateStmt.relations ?? []).flatMap((one) =>
      "RangeVar" in one ? [{ what: `table ${nameOf(one.RangeVar)}`, table: nameOf(one.RangeVar) }] : [],
    );
  }
  const table = "InsertStmt" in node ? undefined : writtenTable(node);
  if (table !== undefined) return [{ what: `rows of ${table}`, table }];
  return alterations(node).flatMap(({ table: altered, command: { subtype, name = "" } }) =>
    subtype === "AT_DropColumn" ? [{ what: `column ${altered}.${name}`, table: altered, column: name }] : [],
  );
}

/** Rows of a table, or those whose column holds more than its default. */
async function countRows({ table, column }: Target, session: SqlSession): Promise<number> {
  const [found] = await session.query<{ relation: string; filled: string | null }>(
    `select c.oid::regclass::text as relation,
       case when $2::text is null then 'true' else (
         select case when d.adbin is null or pg_get_expr(d.adbin, d.adrelid) ~ '\\(' then format('%I is not null', a.attname)
           else format('%I is distinct from (%s)', a.attname, pg_get_expr(d.adbin, d.adrelid)) end
         from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attrelid = c.oid and a.attname = $2 and not a.attisdropped) end as filled
     from pg_class c where c.oid = to_regclass($1)`,
    [table, column ?? null],
  );
  if (found === undefined || found.filled === null) return 0; // the statement itself says that it is not there
  const [count] = await session.query<{ rows: number }>(
    `select count(*) as rows from (select from ${found.relation} where ${found.filled} limit ${MOST_COUNTED}) counted`,
  );
  return count?.rows ?? 0;
}

/** One loss in words. */
export function lossInWords({ what, rows }: Loss): string {
  const count = rows >= MOST_COUNTED ? `${MOST_COUNTED.toLocaleString("en")} or more` : rows.toLocaleString("en");
  return `${what} (${count} ${rows === 1 ? "row" : "rows"})`;
}
