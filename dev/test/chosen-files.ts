import { existsSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";

/** What runs a file or folder of tests. */
export type ChosenFiles =
  /** `pattern` is below `supabase/tests`. */
  | { readonly runner: "pgtap"; readonly pattern: string }
  /** `path` is relative to the repository. */
  | { readonly runner: "deno"; readonly path: string }
  | { readonly runner: "vitest"; readonly path: string; readonly project: string };

/** Folders whose tests need many connections, or a server to crash. */
const NEED_SERVER: readonly string[] = ["concurrency", "faults", "migrations", "operations"];
/** Folders whose tests have a database. */
const HAVE_DATABASE: readonly string[] = [...NEED_SERVER, "attacks", "browser", "journeys", "package", "stack"];

/** Whether a word of the command line is a path; anything else is looked for in the titles of the steps. */
export const isPath = (word: string): boolean => /[/\\]|\.(?:ts|sql)$/u.test(word);

/** Whether tests run on a server and on nothing else. */
export const needsServer = (files: ChosenFiles): boolean =>
  files.runner === "vitest" && NEED_SERVER.includes(files.project);

/** Whether what the schemas say matters to tests. */
export const hasDatabase = (files: ChosenFiles): boolean =>
  files.runner === "pgtap" || (files.runner === "vitest" && HAVE_DATABASE.includes(files.project));

/**
 * Finds out what runs the tests of a file or folder.
 *
 * @param from the folder that the path is relative to; a path from the top of the repository is understood everywhere.
 * @throws StackError when there is no such file, or it is no test.
 */
export function chosenFiles(path: string, from: string = process.env["INIT_CWD"] ?? paths.root): ChosenFiles {
  const found = [resolve(from, path), join(paths.root, path)].find((file) => existsSync(file));
  if (found === undefined) throw new StackError(`there is no file or folder ${path}`);
  const isFolder = statSync(found).isDirectory();
  const name = relative(paths.root, found).split(sep).join("/");
  const [top = "", second = "", ...rest] = name.split("/");
  if (top === "supabase" && second === "tests" && (isFolder || name.endsWith(".sql"))) {
    return { runner: "pgtap", pattern: rest.join("/") + (isFolder && rest.length > 0 ? "/" : "") };
  }
  const isTest = isFolder || /\.test(?:-d)?\.ts$/u.test(name);
  if (top === "supabase" && second === "functions" && isTest) return { runner: "deno", path: name };
  if (top === "tests" && !["", "support"].includes(second) && isTest)
    return { runner: "vitest", path: name, project: second };
  if (top === "dev" && isTest) return { runner: "vitest", path: name, project: "dev" };
  throw new StackError(`${path} is no test: ${whereTestsAre(name)}`);
}

function whereTestsAre(name: string): string {
  const room = /^(?:supabase\/schemas|docs\/rooms)\/(\w+)/u.exec(name)?.[1];
  if (room !== undefined) return `the tests of this room are in supabase/tests/${room}`;
  if (name.startsWith("src/client/")) return "the tests of the client are in tests/client";
  return "tests are in supabase/tests, supabase/functions, a folder of tests, and beside the sources in dev";
}
