import { relative } from "node:path";
import { paths } from "../base/paths.ts";
import type { DatabaseKind } from "../stack/pgtap/throwaway.ts";
import { allImports } from "./all-imports.ts";

/** How a step's output tells what it checked: one result for the whole command, or the counts its runner prints. */
export type Counting = "command" | "vitest" | "deno" | "plain";

/** A PostgreSQL server with PostGIS, pgTAP and plpgsql_check; a Chromium. */
export type Need = "server" | "browser";

/** One child process of the test run. */
export interface Step {
  readonly title: string;
  /** Executable and arguments; `node`, `deno` and programs of packages are resolved inside the repository. */
  readonly command: readonly string[];
  readonly counting: Counting;
  readonly env?: Readonly<Record<string, string>>;
  /** Others would fail in ways that do not tell why: they are not begun when this one has failed. */
  readonly isFoundation?: boolean;
  /** What this machine may not have; see `missing` in main.ts. */
  readonly needs?: Need;
  /**
   * Another step asks the same on the other database, or it takes long for what it finds: where there is a server, this one runs
   * in CI, or only with `--all`.
   */
  readonly leftTo?: "CI" | "--all";
}

/** @param ends runs only files with one of these in their names. */
const vitest = (
  title: string,
  projects: readonly string[],
  env: Record<string, string> = {},
  ends: readonly string[] = [],
): Step => ({
  title,
  command: ["vitest", "run", ...projects.flatMap((project) => ["--project", project]), ...ends],
  counting: "vitest",
  env,
});

/** Arguments of Deno for the tests of a file or folder. */
export const denoTest = (path: string): string[] => [
  "test",
  "--no-prompt",
  "--allow-env",
  "--allow-net",
  ...deno(path),
];

// package-lock.json is the one lock file; a test holds every deno.json to it
const deno = (path: string): string[] => ["--quiet", "--no-lock", "--config", allImports(), path];

const functions = relative(paths.root, paths.functions);

const pgTap = (database: DatabaseKind, ...options: string[]): Step => ({
  title: `pgTAP, ${database === "cluster" ? "server" : database}`,
  command: ["node", "dev/stack/pgtap/main.ts", "--database", database, ...options],
  counting: "plain",
});

const embedded = { TEST_DATABASE: "embedded" };
const cluster = { TEST_DATABASE: "cluster" };

const onServer = (step: Step): Step => ({ ...step, needs: "server" });
const leftToCi = (step: Step): Step => ({ ...step, leftTo: "CI" });
const leftToAll = (step: Step): Step => ({ ...step, leftTo: "--all" });

/**
 * Attacks that take long, and for which the database makes no difference: thousands of requests for each argument, column and
 * row, on tokens and places, refused by the same SQL or the same gateway, and those on edge functions, which every journey on
 * the embedded database meets as well. By the ends of their files' names.
 */
const ASKED_ONCE = [".slow.test.ts", "exact-places.test.ts", "reading.test.ts"];
/** Written files that everything else stands on. */
const foundations: readonly Step[] = [
  {
    title: "Generated test matrix is current",
    command: ["node", "dev/matrix/main.ts", "--check"],
    counting: "command",
  },
  { title: "Migrations are current", command: ["node", "dev/commands/db-build.ts", "--check"], counting: "command" },
  { title: "Comments are complete", command: ["node", "dev/test/comments.ts"], counting: "command" },
  {
    title: "Generated database types are current",
    command: ["node", "dev/commands/db-types.ts", "--check"],
    counting: "command",
  },
];

/** Everything `npm test` runs: first what others stand on, then quick checks, then what takes long. */
export const steps = (): Step[] => [
  ...foundations.map((step) => ({ ...step, isFoundation: true })),
  { title: "Format and lint", command: ["node", "dev/commands/tools.ts", "lint"], counting: "command" },
  { title: "Types", command: ["node", "dev/commands/tools.ts", "typecheck"], counting: "command" },
  { title: "Functions: types", command: ["deno", "check", ...deno(functions)], counting: "command" },
  // the step before has checked the types
  { title: "Functions: tests", command: ["deno", ...denoTest(functions), "--no-check"], counting: "deno" },
  leftToCi(
    onServer({
      title: "Generated database types are the same from a server",
      command: ["node", "dev/commands/db-types.ts", "--check", "--postgres"],
      counting: "command",
    }),
  ),
  onServer({
    title: "Database lint and advisors",
    command: ["node", "dev/commands/db-lint.ts"],
    counting: "command",
  }),
  { title: "Client package", command: ["node", "dev/commands/tools.ts", "check:package"], counting: "command" },
  // the longest in CI first, and what is short everywhere last, so that all lanes end together
  onServer(vitest("Operations", ["operations"], cluster)),
  vitest("Local stack", ["stack"]),
  onServer(vitest("Races", ["concurrency"], cluster)),
  onServer(vitest("Migrations and rollbacks", ["migrations"], cluster)),
  onServer(vitest("Attacks, server", ["attacks"], cluster)),
  vitest("Journeys, embedded", ["journeys"], embedded),
  leftToCi(onServer(vitest("Journeys, server", ["journeys"], cluster))),
  leftToCi(pgTap("embedded")),
  leftToCi(
    vitest("Attacks, embedded", ["attacks"], {
      ...embedded,
      TEST_EXCEPT: ASKED_ONCE.map((end) => `**/*${end}`).join(),
    }),
  ),
  leftToAll(vitest("Attacks that take long, embedded", ["attacks"], embedded, ASKED_ONCE)),
  vitest("Client, contracts and test tools", ["client", "dev"]),
  // seeded, as on the official stack: no test may count on being alone
  onServer(pgTap("cluster", "--seeded")),
  onServer(vitest("Crashes", ["faults"], cluster)),
  // beside few others: people wait for screens, and so do these tests
  { ...vitest("Browser", ["browser"], embedded), needs: "browser" },
  leftToCi(vitest("Client package in apps", ["package"], embedded)),
  // installs its tools at the first run
  leftToCi({ title: "Docs site", command: ["node", "dev/docs/main.ts"], counting: "command" }),
];
