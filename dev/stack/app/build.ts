import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { packageProgram } from "../../base/programs.ts";
import { sourcesKey } from "./sources.ts";

/** How far the app is. */
export type AppState =
  | { readonly kind: "building" }
  | { readonly kind: "ready"; readonly folder: string }
  | { readonly kind: "failed"; readonly output: string };

/** A build under way, or one from before. */
export interface AppBuild {
  readonly state: AppState;
  /** Waits for the end of it. */
  readonly done: Promise<AppState>;
  /** Ends it, if it is still under way. */
  stop(): void;
}

/** Other checkouts' stacks may still serve these. */
const KEPT_BUILDS = 3;

/** Builds the app beside everything else, unless its sources are those of a build that is there. */
export function buildApp(folder: string = join(paths.cache, "app")): AppBuild {
  const target = join(folder, sourcesKey());
  if (existsSync(target)) {
    utimesSync(target, new Date(), new Date());
    const state: AppState = { kind: "ready", folder: target };
    return { state, done: Promise.resolve(state), stop: () => undefined };
  }
  const unfinished = `${target}.${process.pid}`;
  const child = startVite(unfinished);
  const build = {
    state: { kind: "building" } as AppState,
    done: outcomeOf(child).then((problem): AppState => {
      build.state = problem === undefined ? keep(unfinished, target) : { kind: "failed", output: problem };
      if (problem !== undefined) rmSync(unfinished, { recursive: true, force: true });
      else removeOldBuilds(folder);
      return build.state;
    }),
    stop: () => void child.kill(),
  };
  return build;
}

/** In a process of its own: a broken app, or one that needs too much memory, must not take the backend along. */
function startVite(outDir: string): ChildProcess {
  const args = ["build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"];
  return spawn(process.execPath, [packageProgram("vite"), ...args], {
    cwd: paths.app,
    stdio: ["ignore", "pipe", "pipe"],
    // whoever starts the stack, a test too, the app is the one for people
    env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: undefined },
  });
}

/** Undefined when it went well, otherwise what was printed. */
async function outcomeOf(child: ChildProcess): Promise<string | undefined> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? undefined : output.trim() || `vite ended with ${code}`));
  });
}

/** The line that says what is wrong. */
export function reasonIn(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  return lines.find((line) => /error/iu.test(line) && !/^error during build/iu.test(line)) ?? lines[0] ?? "";
}

/** Two stacks may have built the same; the first one's stays. */
function keep(unfinished: string, target: string): AppState {
  if (existsSync(target)) rmSync(unfinished, { recursive: true, force: true });
  else renameSync(unfinished, target);
  return { kind: "ready", folder: target };
}

function removeOldBuilds(folder: string): void {
  const age = (name: string) => statSync(join(folder, name)).mtimeMs;
  const newestFirst = readdirSync(folder).sort((one, other) => age(other) - age(one));
  for (const name of newestFirst.slice(KEPT_BUILDS)) rmSync(join(folder, name), { recursive: true, force: true });
}
