import { parse } from "libpg-query";

/** How a query takes data from its client: not at all, as text or binary, or in a way that the door cannot serve. */
export type CopyIn = "none" | "text" | "binary" | "unsupported";

interface CopyStatement {
  is_from?: boolean;
  filename?: string;
  is_program?: boolean;
  options?: { DefElem?: { defname?: string; arg?: { String?: { sval?: string } } } }[];
}

/** Looks for `copy … from stdin`, which the embedded database must get together with its data. */
export async function copyInOf(sql: string): Promise<CopyIn> {
  if (!/\bcopy\b/i.test(sql) || !/\bstdin\b/i.test(sql)) return "none";
  const statements = await statementsOf(sql);
  const copies = statements.flatMap(({ stmt }) => stmt?.CopyStmt ?? []).filter(takesData);
  const [copy] = copies;
  if (copy === undefined) return "none";
  if (statements.length > 1) return "unsupported";
  return copy.options?.some(({ DefElem }) => DefElem?.defname === "format" && DefElem.arg?.String?.sval === "binary")
    ? "binary"
    : "text";
}

async function statementsOf(sql: string): Promise<{ stmt?: { CopyStmt?: CopyStatement } }[]> {
  try {
    return ((await parse(sql)) as { stmts?: { stmt?: { CopyStmt?: CopyStatement } }[] }).stmts ?? [];
  } catch {
    return []; // the database says what is wrong with it
  }
}

function takesData({ is_from, filename, is_program }: CopyStatement): boolean {
  return is_from === true && filename === undefined && is_program !== true;
}
