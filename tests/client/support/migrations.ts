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
  const handedOver = [
    ...sql.matchAll(
      /create function (private\.\w+)\([^)]*\bslug text\b[\s\S]*?errcode = 'PT(\d{3})',\s*message = slug\b/gu,
    ),
  ].flatMap(([, helper = "", status]) =>
    [...sql.matchAll(new RegExp(`perform ${helper.replace(".", "\\.")}\\([^;]*?'([a-z_]+)'`, "gu"))].map(
      ([, slug]) => ({
        status: Number(status),
        slug: slug ?? "",
      }),
    ),
  );
  return [...direct, ...handedOver];
}

/** How many exceptions the migrations raise with a message of their own, in whatever form. */
export function countRaises(sql: string): number {
  return [...sql.matchAll(/raise exception using[^;]*message = (?:'[a-z_]+'|slug\b)/gu)].length;
}

/**
 * The words a column's comment lists: `one, two (explained), three.` or `one: explained; two: explained.` A sentence with a
 * colon may lead to them.
 */
export function documentedWords(sql: string, column: string): string[] {
  const comment = new RegExp(
    `comment on column public\\.${column.replace(".", "\\.")} is\\s+'((?:[^']|'')*)'`,
    "u",
  ).exec(sql)?.[1];
  if (comment === undefined) throw new Error(`no migration comments on ${column}`);
  const [list = ""] = comment.replace(/\([^)]*\)/gu, "").split(". ");
  return list.split(/[,;]/u).flatMap((entry) => /^\s*(?:[^:]* [^:]*: )?([a-z_]+)\s*(?::|\.?$)/u.exec(entry)?.[1] ?? []);
}

/** The words a named check constraint mentions, sorted. */
export function constraintWords(sql: string, constraint: string): string[] {
  const definition = new RegExp(`constraint ${constraint} check\\s+\\(([\\s\\S]*?)\\)(?:,|\\n\\))`, "u").exec(sql)?.[1];
  if (definition === undefined) throw new Error(`no migration has a constraint ${constraint}`);
  return quotedWords(definition);
}

/** The words a function's body mentions, sorted. */
export function functionWords(sql: string, name: string): string[] {
  const body = new RegExp(`create function ${name}\\([\\s\\S]*?as \\$\\$([\\s\\S]*?)\\$\\$;`, "u").exec(sql)?.[1];
  if (body === undefined) throw new Error(`no migration has a function ${name}`);
  return quotedWords(body);
}

const quotedWords = (text: string): string[] =>
  [...new Set([...text.matchAll(/'([a-z0-9_]+)'/gu)].map(([, word]) => word ?? ""))].sort();
