import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { paths } from "../../base/paths.ts";
import { messageOf, StackError } from "../../base/stack-error.ts";
import type { FunctionSource } from "./catalogue.ts";

/** The Deno program from node_modules; the npm wrapper script would add a process between us and it. */
export const DENO = join(paths.nodeModules, "deno", process.platform === "win32" ? "deno.exe" : "deno");

/** The starter that runs a function's index.ts. */
export const BOOT = join(import.meta.dirname, "boot.ts");

/** Environment every Deno process needs. Packages are kept in the repository's cache. */
export function denoEnvironment(): Record<string, string> {
  const { env } = process;
  const inherited: Record<string, string | undefined> = {
    PATH: env["PATH"],
    HOME: env["HOME"],
    TMPDIR: env["TMPDIR"],
    // without these a process on Windows finds neither its network nor its folders
    SYSTEMROOT: env["SYSTEMROOT"],
    TEMP: env["TEMP"],
    LOCALAPPDATA: env["LOCALAPPDATA"],
    USERPROFILE: env["USERPROFILE"],
    // npm passes on what .npmrc says in small letters; Deno reads capitals.
    NPM_CONFIG_REGISTRY: env["NPM_CONFIG_REGISTRY"] ?? env["npm_config_registry"],
    // Deno takes Node's variable, too, but then asks for the right to read the system's certificates.
    DENO_CERT: env["DENO_CERT"] ?? env["NODE_EXTRA_CA_CERTS"],
    HTTPS_PROXY: env["HTTPS_PROXY"],
    NO_PROXY: env["NO_PROXY"],
  };
  return {
    ...Object.fromEntries(
      Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    DENO_DIR: join(paths.cache, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

/** Arguments that say which import map and dependencies a function has. */
export function configurationArguments(source: FunctionSource): string[] {
  return source.configuration === undefined ? ["--no-config"] : ["--config", source.configuration];
}

/** Downloads what a function imports; afterwards it runs without the network. */
export async function cacheFunction(source: FunctionSource, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(
      DENO,
      ["cache", "--quiet", "--no-lock", ...configurationArguments(source), BOOT, source.entry],
      { env: denoEnvironment(), cwd: source.directory, signal },
    );
  } catch (error) {
    throw new StackError(`function ${source.name} cannot be loaded: ${summary(messageOf(error))}`);
  }
}

/** Deno's message without the command line in front of it and the stack behind it. */
function summary(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Command failed"));
  return lines.slice(0, 3).join(" ");
}
