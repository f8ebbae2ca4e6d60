import { runCommand, wrongUsage } from "./command.ts";
import { createFunction } from "./create-function.ts";
import { AUTH_MODES } from "./function-template.ts";

const USAGE = `Usage: npm run functions:new -- NAME [options]

Creates the edge function supabase/functions/NAME in the house form and names it in config.toml: handler.ts does the work
as a hono app in the shared shell, index.ts only serves it, handler.test.ts tests it, deno.json pins its packages.

  --auth member|secret|none   who may call it: signed-in members, the schedule, everybody (default: member)
  --help                      show this text`;

await runCommand({
  usage: USAGE,
  options: { auth: { type: "string", default: "member" } },
  positionals: ["NAME"],
  async run({ auth }, [name = ""]) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      return wrongUsage(`${name} is no function name: use small letters, digits and hyphens`, USAGE);
    }
    const mode = AUTH_MODES.find((known) => known === auth);
    if (mode === undefined) return wrongUsage(`--auth ${auth} is unknown`, USAGE);
    createFunction(name, mode);
    console.log(`supabase/functions/${name} was created. Next: write its test in handler.test.ts, then npm start.`);
  },
});
