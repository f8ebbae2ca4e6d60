import { resolve } from "node:path";
import { paths } from "../../base/paths.ts";
import { StackError } from "../../base/stack-error.ts";
import { portOf, runCommand } from "../../commands/command.ts";
import { addressOfRunningStack } from "../addresses.ts";
import { loadKeys } from "../keys.ts";

const USAGE = `Usage: npm run app -- [options]

Serves the app of examples/web while you edit it: what is saved shows at once. It talks to the stack that npm start
runs in another terminal, and waits for it; with VITE_SUPABASE_URL and VITE_SUPABASE_PUBLISHABLE_KEY to that project.

  --port N          port of the app (default: 5173; one further when it is taken)
  --data-dir DIR    data of the stack (default: .local)
  --help            show this text`;

const LOOK_EVERY_MS = 1_000;

await runCommand({
  usage: USAGE,
  options: { port: { type: "string", default: "5173" }, "data-dir": { type: "string", default: paths.local } },
  async run({ port, "data-dir": dataDir }) {
    const wanted = portOf("--port", port, USAGE);
    if (process.env["VITE_SUPABASE_URL"] === undefined) Object.assign(process.env, await stackOn(resolve(dataDir)));
    // loaded when it is needed: --help and mistakes are answered at once
    const { createServer } = await import("vite");
    const server = await createServer({ root: paths.app, server: { host: "127.0.0.1", port: wanted } });
    await server.listen();
    server.printUrls();
    console.log(`  Project: ${process.env["VITE_SUPABASE_URL"]}. Ctrl-C stops it.`);
  },
});

/** What the app needs to know of the stack that runs on this data. */
async function stackOn(dataDir: string): Promise<Record<string, string>> {
  for (let waited = 0; ; waited += 1) {
    const url = runningApi(dataDir);
    if (url !== undefined) {
      const { publishableKey, vapidKeys } = loadKeys(`${dataDir}/keys.json`);
      return {
        VITE_SUPABASE_URL: url,
        VITE_SUPABASE_PUBLISHABLE_KEY: publishableKey,
        VITE_VAPID_PUBLIC_KEY: vapidKeys.publicKey,
      };
    }
    if (waited === 0)
      console.log(`No stack runs on ${dataDir} yet: start it with npm start in another terminal. Waiting …`);
    await new Promise((resolveLater) => setTimeout(resolveLater, LOOK_EVERY_MS));
  }
}

/** Undefined also while it is still starting. */
function runningApi(dataDir: string): string | undefined {
  try {
    return addressOfRunningStack(dataDir, "api");
  } catch (error) {
    if (error instanceof StackError) return undefined;
    throw error;
  }
}
