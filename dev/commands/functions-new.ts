import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { runCommand, wrongUsage } from "./command.ts";
import { AUTH_MODES, functionFiles } from "./function-template.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

const USAGE = `Usage: npm run functions:new -- NAME [options]

Creates the edge function supabase/functions/NAME through the Supabase CLI and gives it the house form: handler.ts
does the work, index.ts only serves it, handler.test.ts tests it, deno.json pins its packages.

  --auth user|apikey|none   who may call it: signed-in members, holders of an API key, everyone (default: user)
  --help                    show this text`;

await runCommand({
  usage: USAGE,
  options: { auth: { type: "string", default: "user" } },
  positionals: ["NAME"],
  async run({ auth }, [name = ""]) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      return wrongUsage(`${name} is no function name: use small letters, digits and hyphens`, USAGE);
    }
    const mode = AUTH_MODES.find((known) => known === auth);
    if (mode === undefined) return wrongUsage(`--auth ${auth} is unknown`, USAGE);

    const directory = join(paths.functions, name);
    if (existsSync(directory)) throw new StackError(`supabase/functions/${name} already exists`);
    const hadEditorSettings = existsSync(join(paths.root, ".vscode"));
    await runSupabaseCli(["functions", "new", name, "--auth", mode, "--yes"], { capture: true, task: "functions new" });
    if (!hadEditorSettings) rmSync(join(paths.root, ".vscode"), { recursive: true, force: true });

    rmSync(join(directory, ".npmrc"), { force: true });
    for (const [file, content] of Object.entries(functionFiles(name, mode, serverVersion()))) {
      writeFileSync(join(directory, file), content);
    }
    console.log(`supabase/functions/${name} was created. Next: write its test in handler.test.ts, then npm start.`);
  },
});

/** The version in package.json: functions and Node code use the same. */
function serverVersion(): string {
  const file = join(paths.nodeModules, "@supabase/server/package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
