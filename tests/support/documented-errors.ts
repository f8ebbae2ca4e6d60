import type { Sql } from "./admin.ts";

/**
 * The slugs that each function of the API documents: the words after "Errors:" in its comment, where
 * "as create_task, and …" includes another function's.
 */
export async function readDocumentedErrors(sql: Sql): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await sql<{ name: string; comment: string | null }>(
    `select p.proname as name, obj_description(p.oid, 'pg_proc') as comment
     from pg_proc p where p.pronamespace in ('public'::regnamespace, 'ops'::regnamespace)`,
  );
  const comments = new Map(rows.map(({ name, comment }) => [name, comment ?? ""]));
  return new Map(rows.map(({ name }) => [name, new Set(slugsIn(name, comments))]));
}

function slugsIn(name: string, comments: ReadonlyMap<string, string>): string[] {
  const list = /Errors: (.*)/.exec(comments.get(name) ?? "")?.[1] ?? "";
  const other = /\bas ([a-z_]+), and\b/.exec(list)?.[1];
  const own = list.replace(/\bas [a-z_]+, and\b/, "").match(/[a-z]+(?:_[a-z]+)+/g) ?? [];
  return other === undefined ? own : [...own, ...slugsIn(other, comments)];
}
