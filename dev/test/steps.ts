import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";

/** How a step's output tells what it checked: one result for the whole command, or the counts its runner prints. */
export type Counting = "command" | "vitest" | "deno" | "plain";

/** A PostgreSQL server with PostGIS, pgTAP and plpgsql_check; a Chromium. */
export type Need = "server" | "browser";

/** One child process of the test run. */
export interface Step {
  readonly title: string;
  /** Executable and arguments; `node`, `deno` and package binaries are resolved inside the repository. */
  readonly command: readonly string[];
  readonly counting: Counting;
  readonly env?: Readonly<Record<string, string>>;
  /** What this machine may not have; see `missing` in main.ts. */
  readonly needs?: Need;
}

const vitest = (title: string, projects: readonly string[], env: Record<string, string> = {}): Step => ({
  title,
  command: ["vitest", "run", ...projects.flatMap((project) => ["--project", project])],
  counting: "vitest",
  env,
});

const denoSteps = (): Step[] => {
  return readdirSync(paths.functions, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(paths.functions, entry.name, "deno.json")))
    .flatMap(({ name }) => {
      const title = name === "_shared" ? "Shared function code" : `Function ${name}`;
      const folder = join("supabase", "functions", name);
      // package-lock.json is the one lock file; a test holds deno.json to it
      const options = ["--quiet", "--no-lock", "--config", join(folder, "deno.json"), folder];
      return [
        { title: `${title}: types`, command: ["deno", "check", ...options], counting: "command" },
        {
          title: `${title}: tests`,
          command: ["deno", "test", "--no-prompt", "--allow-env", "--allow-net", ...options],
          counting: "deno",
        },
      ] satisfies Step[];
    });
};

const embedded = { TEST_DATABASE: "embedded" };
const cluster = { TEST_DATABASE: "cluster" };

/** Everything `npm test` runs, in order: quick checks first, then the embedded database; beside it a real server. */
export const steps = (): Step[] => [
  { title: "Format and lint", command: ["biome", "ci", "--colors=off", "."], counting: "command" },
  { title: "Types", command: ["npm", "run", "--silent", "typecheck"], counting: "command" },
  {
    title: "Generated test matrix is current",
    command: ["node", "dev/matrix/main.ts", "--check"],
    counting: "command",
  },
  { title: "Migrations are current", command: ["node", "dev/commands/db-build.ts", "--check"], counting: "command" },
  { title: "Client package", command: ["npm", "run", "--silent", "check:package"], counting: "command" },
  ...denoSteps(),
  vitest("Client, contracts and test tools", ["client", "dev"]),
  {
    title: "pgTAP, embedded",
    command: ["node", "dev/stack/pgtap/main.ts", "--database", "embedded"],
    counting: "plain",
  },
  vitest("Local stack", ["stack"]),
  vitest("Client package in apps", ["package"], embedded),
  vitest("Journeys and attacks, embedded", ["journeys", "attacks"], embedded),
  { ...vitest("Browser", ["browser"], embedded), needs: "browser" },
  ...[
    {
      title: "Generated database types are current",
      command: ["node", "dev/commands/db-types.ts", "--check"],
      counting: "command",
    },
    { title: "Database lint and advisors", command: ["node", "dev/commands/db-lint.ts"], counting: "command" },
    {
      // seeded, as on the official stack: no test may count on being alone
      title: "pgTAP, server with demo data",
      command: ["node", "dev/stack/pgtap/main.ts", "--database", "cluster", "--seeded"],
      counting: "plain",
    },
    vitest("Migrations and rollbacks", ["migrations"], cluster),
    vitest("Journeys and attacks, server", ["journeys", "attacks"], cluster),
    vitest("Races", ["concurrency"], cluster),
    vitest("Crashes", ["faults"], cluster),
  ].map((step) => ({ ...step, needs: "server" }) as Step),
];
