import type { Catalogue } from "../database/stack-database.ts";
import { json } from "../gateway/json.ts";

/** One embedding in `select`: `alias:target!hint!inner(`. */
const EMBEDDING = /(?:^|[,(])\s*(?:\.\.\.)?(?:[^:,()!]+:)?\s*([^:,()!\s]+)((?:![^!,()\s]+)*)\s*(?=\()/gu;

/**
 * The refusal of a request that embeds a table in itself by the name of the constraint. PostgREST knows a reference of a
 * table to itself by its column alone; the REST server would answer.
 */
export function refuseSelfReferenceByName(request: Request, catalogue: Catalogue): Response | undefined {
  const select = new URL(request.url).searchParams.get("select");
  if (select === null || !select.includes("(")) return undefined;
  const tables = tablesByOwnConstraint(catalogue);
  for (const [, target = "", hints = ""] of select.matchAll(EMBEDDING)) {
    const name = [target, ...hints.split("!")].find((word) => tables.has(word));
    if (name !== undefined) return notFound(tables.get(name) ?? target, target, name === target ? undefined : name);
  }
  return undefined;
}

function tablesByOwnConstraint({ foreign_keys: keys }: Catalogue): Map<string, string> {
  const own = keys.filter(({ table, ref_table }) => table === ref_table);
  return new Map(own.map(({ foreign_key_name, table }) => [foreign_key_name, table]));
}

function notFound(origin: string, target: string, hint: string | undefined): Response {
  const between = `between '${origin}' and '${target}'`;
  const using = hint === undefined ? "" : ` using the hint '${hint}'`;
  return json(400, {
    code: "PGRST200",
    message: `Could not find a relationship ${between} in the schema cache`,
    details: `Searched for a foreign key relationship ${between}${using} in the schema 'public', but no matches were found.`,
    hint: null,
  });
}
