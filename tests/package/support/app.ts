import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { paths } from "../../../dev/base/paths.ts";
import type { Block } from "../../support/guide.ts";
import { npm, type Tarball } from "./tarball.setup.ts";

/** An app in a folder of its own, beside the tarball that it has installed; they go together. */
export interface App {
  folder: string;
  /** What npm has put into `node_modules`. */
  installed: string[];
  /** Writes a file, in folders as needed. */
  write(file: string, text: string): void;
  /** Type-checks all files of the app; throws with what TypeScript says. */
  checkTypes(types: readonly string[], options?: { skipLibCheck: boolean }): Promise<void>;
  /** Bundles modules for Node, with packages left out; returns where they are. */
  bundle(modules: readonly string[]): Promise<string>;
}

/** What stands for frameworks that are too large to be installed for a few lines: their own words, and little behind them. */
const FRAMEWORKS = join(paths.root, "tests/package/frameworks");
const STAND_INS: Readonly<Record<string, string>> = {
  next: "next",
  "react-native": "react-native",
  "@react-native-async-storage/async-storage": "async-storage",
  "expo-crypto": "expo-crypto",
};

/**
 * Installs the tarball with npm into a new app, without asking a registry: everything else that the app names, and zod, is
 * linked to what this repository has.
 */
export function createApp(tarball: Tarball, blocks: readonly Block[] = [], packages: readonly string[] = []): App {
  const folder = mkdtempSync(join(dirname(tarball.path), "app-"));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const linkTo = (name: string) =>
    `file:${STAND_INS[name] === undefined ? join(paths.nodeModules, name) : join(FRAMEWORKS, STAND_INS[name])}`;
  const linked = ["@supabase/supabase-js", ...packages];
  write(
    "package.json",
    JSON.stringify({
      private: true,
      type: "module",
      dependencies: {
        [tarball.name]: `file:${tarball.path}`,
        ...Object.fromEntries(linked.map((name) => [name, linkTo(name)])),
      },
      overrides: { zod: linkTo("zod") },
    }),
  );
  npm(folder, ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"]);
  for (const { file, text } of blocks) if (file !== undefined) write(file, text);
  return {
    folder,
    installed: installedIn(folder),
    write,
    async checkTypes(types, options) {
      write("tsconfig.json", JSON.stringify(tsconfig({ types, ...options })));
      await run(folder, [join(paths.nodeModules, "typescript/bin/tsc"), "--noEmit"]);
    },
    async bundle(modules) {
      const out = join(folder, "bundle");
      const input = Object.fromEntries(modules.map((module) => [module.replace(/\.ts$/u, ""), join(folder, module)]));
      const bundle = await rolldown({ input, cwd: folder, platform: "node", external: /^[^./]/u });
      await bundle.write({ dir: out, format: "esm" });
      await bundle.close();
      return out;
    },
  };
}

function installedIn(folder: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"));
  return Object.keys(packages).flatMap((path) => (path.startsWith("node_modules/") ? [path.slice(13)] : []));
}

/** As strict as an app can be. */
const tsconfig = (options: object) => ({
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "ESNext",
    moduleResolution: "bundler",
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    skipLibCheck: true, // supabase-js's own declarations do not hold with the options above
    typeRoots: [join(paths.nodeModules, "@types"), paths.nodeModules],
    ...options,
  },
  exclude: ["bundle", "dist"],
});

/** Runs a program with Node in a folder and returns what it printed; throws with all of it. */
export async function run(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { cwd: folder, env: { PATH: process.env["PATH"] ?? "", ...env } };
  try {
    return (await promisify(execFile)(process.execPath, args, options)).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
