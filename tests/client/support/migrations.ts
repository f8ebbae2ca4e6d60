import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../../supabase/migrations/", import.meta.url);

/** A text that goes on in the next line: one text for SQL, and for the patterns below. */
const CONTINUED = /(?<=[^'(])'\n\s*'(?=[^'])/gu;

/** The text of all migrations in order, every literal in one piece. */
export function readMigrations(): string {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  if (names.length === 0) throw new Error("supabase/migrations holds no .sql files: nothing to compare with");
  return names.map((name) => readFileSync(new URL(name, FOLDER), "utf8").replace(CONTINUED, "")).join("\n");
}

/** An error as a migration raises it. */
export interface RaisedError {
  readonly status: number;
  readonly slug: string;
}

/**
 * Every slug the migrations raise with its HTTP status. A helper that raises a slug handed to it as an argument
 * (`message = slug`) is followed to its callers.
 */
export function raisedErrors(sql: string): RaisedError[] {
  const direct = [...sql.matchAll(/errcode = 'PT(\d{3})',\s*message = '([a-z_]+)'/gu)].map(([, status, slug]) => ({
    status: Number(status),
    slug: slug ?? "",
  }));
  const handedOver = helpersThatRaise(sql).flatMap(([helper, status]) =>
    [...sql.matchAll(new RegExp(`perform ${helper.replace(".", "\\.")}\\([^;]*?'([a-z_]+)'`, "gu"))].map(
      ([, slug]) => ({
        status: Number(status),
        slug: slug ?? "",
      }),
    ),
  );
  return [...direct, ...handedOver];
}

/** Functions that raise a slug they are handed, or hand it on to one that does, with the status. */
function helpersThatRaise(sql: string): [name: string, status: string][] {
  const bodies = [
    ...sql.matchAll(/create function (private\.\w+)\([^)]*\bslug text\b[^)]*\)[\s\S]*?\$\$([\s\S]*?)\$\$/gu),
  ];
  const found: [string, string][] = bodies.flatMap(([, name = "", body = ""]) => {
    const status = /errcode = 'PT(\d{3})',\s*message = slug\b/u.exec(body)?.[1];
    return status === undefined ? [] : [[name, status]];
  });
  const handingOn = bodies.flatMap(([, name = "", body = ""]): [string, string][] => {
    const used = found.find(([helper]) => new RegExp(`perform ${helper}\\([^;]*\\bslug\\)`, "u").test(body));
    return used ? [[name, used[1]]] : [];
  });
  return [...found, ...handingOn];
}

/** How many exceptions the migrations raise with a message of their own, in whatever form. */
export function countRaises(sql: string): number {
  return [...sql.matchAll(/raise exception using[^;]*message = (?:'[a-z_]+'|slug\b)/gu)].length;
}
