import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { paths } from "../dev/base/paths.ts";
import { StackError } from "../dev/base/stack-error.ts";
import { runCommand } from "../dev/commands/command.ts";
import { createFunction } from "../dev/commands/create-function.ts";
import { type Stack, startStack } from "../dev/stack/start-stack.ts";

const ROUNDS = 5;
const VERSION = "supabase/schemas/foundation/version.sql";
const HEALTH = "supabase/functions/health/index.ts";
const SHARED = "supabase/functions/_shared/serve.ts";
const MAX_WAIT_MS = 30_000;
/** A function that tells what the shared file says. */
const IMPORTING = `import * as shared from "../_shared/serve.ts";
export default { fetch: () => new Response("", { headers: { "x-round": String(shared.ROUND) } }) };\n`;

await runCommand({
  usage: `Usage: node bench/reload.ts

Measures from saving a file to its effect, on a copy of the product with the embedded database: of ${ROUNDS} rounds the median.`,
  options: {},
  async run() {
    const project = copyOfProject();
    console.log("Starting a copy of the product …");
    const stack = await startStack({
      supabase: join(project, "supabase"),
      dataDir: "memory",
      port: 0,
      jobs: false,
      reload: true,
    });
    try {
      for (const [what, save] of savesIn(project, stack)) console.log(`${what}: ${await median(save)} ms`);
    } finally {
      await stack.stop();
      rmSync(project, { recursive: true });
    }
  },
});

function copyOfProject(): string {
  const project = mkdtempSync(join(tmpdir(), "nh-reload-"));
  for (const path of ["supabase", "package.json", "src/client/database.types.ts"]) {
    cpSync(join(paths.root, path), join(project, path), { recursive: true });
  }
  return project;
}

/** Each saves something and waits until it is to be seen. */
function savesIn(project: string, stack: Stack): [string, (round: number) => Promise<void>][] {
  const client = createClient(stack.url, stack.publishableKey);
  const edit = (file: string, change: (text: string) => string) => {
    writeFileSync(join(project, `${file}.new`), change(readFileSync(join(project, file), "utf8")));
    renameSync(join(project, `${file}.new`), join(project, file));
  };
  const health = (round: string) => async () => {
    const response = await fetch(`${stack.url}/functions/v1/health`);
    return response.headers.get("x-round") === round;
  };
  return [
    [
      "a function's body, over REST",
      async (round) => {
        edit(VERSION, (text) => text.replace(/'0\.1\.\d+'::text/u, `'0.1.${round + 1}'::text`));
        await until(async () => (await client.rpc("get_api_version")).data === `0.1.${round + 1}`);
      },
    ],
    [
      "a new function, over REST",
      async (round) => {
        const name = `public.added_${round}`;
        const sql = `create function ${name}() returns integer language sql stable return ${round};`;
        edit(VERSION, (text) => `${text}${sql}\ngrant execute on function ${name}() to anon;\n`);
        await until(async () => (await client.rpc(`added_${round}`)).data === round);
      },
    ],
    [
      "an edge function's file",
      async (round) => {
        const answer = `export default { fetch: () => new Response("", { headers: { "x-round": "${round}" } }) };`;
        edit(HEALTH, (text) => text.replace(/export default [\s\S]*$/u, answer));
        await until(health(String(round)));
      },
    ],
    [
      "a file that edge functions share",
      async (round) => {
        if (round === 1) {
          edit(HEALTH, () => IMPORTING);
          await until(health("undefined"));
        }
        edit(SHARED, (text) => `${text.replace(/\nexport const ROUND = .*/gu, "")}\nexport const ROUND = ${round};\n`);
        await until(health(String(round)));
      },
    ],
    [
      "a new edge function",
      async (round) => {
        createFunction(`added-${round}`, "none", project);
        const url = `${stack.url}/functions/v1/added-${round}`;
        await until(async () => (await fetch(url)).status === 405);
      },
    ],
  ];
}

async function until(isSeen: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  while (!(await isSeen())) {
    if (Date.now() > deadline) throw new StackError("a change was not seen within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function median(save: (round: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const began = performance.now();
    await save(round);
    times.push(performance.now() - began);
  }
  return Math.round(times.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}
