import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { packageProgram } from "../../dev/base/programs.ts";
import { createFunction } from "../../dev/commands/create-function.ts";
import { AUTH_MODES } from "../../dev/commands/function-template.ts";
import { DENO, denoEnvironment } from "../../dev/stack/functions/deno.ts";
import { lockedVersions, packageProblems } from "../../dev/stack/functions/packages.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const run = promisify(execFile);

/** A copy of the project, as far as a function reaches. */
function copyOfProject(): string {
  const project = temporaryDirectory();
  mkdirSync(join(project, "supabase"));
  for (const path of [
    "biome.json",
    "supabase/config.toml",
    "supabase/functions/_shared",
    "src/client/database.types.ts",
  ]) {
    cpSync(join(paths.root, path), join(project, path), { recursive: true });
  }
  return project;
}

it.each(AUTH_MODES)(
  "a new function for callers of the kind %s passes its own tests, types, format and pins",
  async (mode) => {
    const project = copyOfProject();
    const configured = readFileSync(join(project, "supabase/config.toml"), "utf8");
    createFunction("greet", mode, project);

    const directory = join(project, "supabase/functions/greet");
    expect(packageProblems(directory, lockedVersions(join(paths.root, "package-lock.json")))).toEqual([]);
    expect(readFileSync(join(project, "supabase/config.toml"), "utf8")).toBe(
      `${configured}\n[functions.greet]\nverify_jwt = false\n`,
    );
    const options = ["--quiet", "--no-lock", "--config", join(directory, "deno.json"), directory];
    const settings = { env: denoEnvironment(), cwd: project };
    await run(DENO, ["check", ...options], settings);
    const { stdout } = await run(DENO, ["test", "--no-prompt", "--allow-env", ...options], settings);
    expect(stdout).toContain(`${mode === "none" ? 2 : 3} passed`);
    await run(process.execPath, [packageProgram("biome"), "ci", "--vcs-enabled=false", directory], settings);

    expect(() => createFunction("greet", mode, project)).toThrow("already exists");
  },
);
