import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseSync } from "rolldown/utils";

/** Versions by package name. */
export type PackageVersions = ReadonlyMap<string, string>;

const SPECIFIER = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)(?:\/.+)?$/;

/** The version of every package that package.json's tools and the client resolve to. */
export function lockedVersions(lockFile: string): PackageVersions {
  const { packages } = JSON.parse(readFileSync(lockFile, "utf8")) as { packages: Record<string, { version?: string }> };
  const prefix = "node_modules/";
  return new Map(
    Object.entries(packages).flatMap(([path, { version }]) =>
      path.startsWith(prefix) && version !== undefined ? [[path.slice(prefix.length), version]] : [],
    ),
  );
}

/**
 * What is wrong with the packages of one function, one line each: deno.json must pin exactly the versions that Node code
 * uses, name every package that the function's files import, directly or through `_shared`, and no other.
 */
export function packageProblems(directory: string, locked: PackageVersions): string[] {
  const imports = readImports(join(directory, "deno.json"));
  const used = bareImports(directory);
  const mostSpecificFirst = Object.keys(imports).sort((one, other) => other.length - one.length);
  const entryOf = (specifier: string) =>
    mostSpecificFirst.find((entry) => specifier === entry || specifier.startsWith(`${entry.replace(/\/$/, "")}/`));

  return [
    ...Object.entries(imports).flatMap(([entry, target]) => {
      const [, name = "", version = ""] = SPECIFIER.exec(target) ?? [];
      const expected = locked.get(name);
      if (expected === undefined) return [`${entry}: ${target} is no package of package-lock.json`];
      return version === expected ? [] : [`${entry}: ${target} must be npm:${name}@${expected}`];
    }),
    ...[...used].flatMap(([specifier, file]) =>
      entryOf(specifier) === undefined ? [`${specifier}, imported by ${file}, has no entry`] : [],
    ),
    ...Object.keys(imports)
      .filter((entry) => ![...used.keys()].some((specifier) => entryOf(specifier) === entry))
      .map((entry) => `${entry} is imported nowhere`),
  ];
}

/** The entries that deno.json needs for what a function's files import, directly or through `_shared`. */
export function neededImports(directory: string, locked: PackageVersions): Record<string, string> {
  return Object.fromEntries(
    [...bareImports(directory).keys()].sort().map((specifier) => {
      const [, name = "", path = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
      return [specifier, `npm:${name}@${locked.get(name)}${path}`];
    }),
  );
}

function readImports(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  return (JSON.parse(readFileSync(file, "utf8")) as { imports?: Record<string, string> }).imports ?? {};
}

/** How Deno is told where the types of a package are that has none itself. */
const TYPES_OF_NEXT_IMPORT = /^\/\/ @ts-types="([^"]+)"/gmu;

/** Everything imported that is no file and not built in, with a file that imports it. */
function bareImports(directory: string): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const pending = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, name));
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    const { staticImports, staticExports, dynamicImports } = parseSync(file, text).module;
    const imported = [
      ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
      ...dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
    ];
    const types = [...text.matchAll(TYPES_OF_NEXT_IMPORT)].map(([, name = ""]) => name);
    for (const specifier of [...imported, ...types]) {
      if (/^\.{1,2}\//.test(specifier)) pending.push(resolve(dirname(file), specifier));
      else if (!specifier.startsWith("node:")) found.set(specifier, relative(dirname(directory), file));
    }
  }
  return found;
}
