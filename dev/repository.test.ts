import { execFileSync } from "node:child_process";
import { globSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { paths } from "./base/paths.ts";
import { configurationCopy } from "./commands/configuration-copy.ts";
import { listFunctions } from "./stack/functions/catalogue.ts";
import { lockedVersions } from "./stack/functions/packages.ts";

const read = (file: string): string => readFileSync(join(paths.root, file), "utf8");
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = ""]) => found);

/** Set by the machine, by npm or by the platform, or by a command or test for its own child. */
const NOT_OURS =
  /^(?:PATH|HOME|CI|INIT_CWD|PINNED|PG(?:HOST|PORT|DATABASE|USER|PASSWORD|PASSFILE|SSLMODE|SSLROOTCERT)|TEST_COPY|TMPDIR|TEMP|TMP|SYSTEMROOT|LOCALAPPDATA|USERPROFILE|\w+_PROXY|(?:DENO|NODE|NPM)_\w+|SUPABASE_(?!(?:URL|SECRET_KEY)$)\w+)$/u;

it(".env.example names every variable that the repository reads, and no other", () => {
  const sources = [
    ...globSync("{dev,bench,ops,src,tests,supabase/functions}/**/*.{ts,mjs}", { cwd: paths.root }),
    "vitest.config.ts",
  ]
    .map((file) => file.replaceAll(sep, "/"))
    .filter((file) => !file.startsWith("supabase/") || !/\.test\.ts$|testing|test-/u.test(file));
  expect(sources.length).toBeGreaterThan(200);
  const used = sources.flatMap((file) => {
    const text = read(file);
    const inFunctions = file.startsWith("supabase/") ? matches(text, /\b(?:get|read)\("([A-Z][A-Z_]+)"\)/gu) : [];
    return [
      ...matches(text, /\benv(?:\["|\.)([A-Z][A-Z_]+)\b/gu),
      ...(file.startsWith("tests/support") ? matches(text, /"(TEST_[A-Z_]+)"/gu) : []),
      ...inFunctions,
    ];
  });
  const named = matches(read(".env.example"), /^# ([A-Z_]+)=/gmu);
  expect(named.toSorted()).toEqual([...new Set(used.filter((name) => !NOT_OURS.test(name)))].toSorted());
});

it("works in a checkout without symbolic links: there are none, and config.toml is the one of supabase/", () => {
  const index = execFileSync("git", ["ls-files", "--stage"], { cwd: paths.root }).toString();
  expect(index).toMatch(/^100644 .*\tconfig\.toml$/mu);
  expect(matches(index, /^120000 .*\t(.+)$/gmu)).toEqual([]);
  const atTheTop = readdirSync(paths.root).filter((name) => name !== "node_modules");
  expect(atTheTop.filter((name) => lstatSync(join(paths.root, name)).isSymbolicLink())).toEqual([]);

  expect(read("config.toml"), "npm run db:build writes it").toBe(configurationCopy(paths.root));
  expect(parse(read("config.toml"))).toEqual(parse(read("supabase/config.toml")));
});

it("package.json, .nvmrc and the dev container name the same Node", () => {
  const major = lockedVersions(join(paths.root, "package-lock.json")).get("node")?.split(".")[0];
  expect(read(".nvmrc").trim()).toBe(major);
  expect(read(".devcontainer/devcontainer.json")).toContain(`typescript-node:${major}-`);
});

it("the dev container has the extensions that the folder recommends", () => {
  const listed = (text: string) => matches(text, /^\s*"([\w-]+\.[\w-]+)",?$/gmu);
  const recommended = listed(read(".vscode/extensions.json"));
  expect(recommended).toContain("denoland.vscode-deno");
  expect(listed(read(".devcontainer/devcontainer.json"))).toEqual(recommended);
});

it("a pull request is asked for the checks of CONTRIBUTING", () => {
  const checks = matches(read("CONTRIBUTING.md"), /^- \[ \] (.+)$/gmu);
  expect(checks.length).toBeGreaterThan(3);
  expect(matches(read(".github/pull_request_template.md"), /^- \[ \] (.+)$/gmu)).toEqual(checks);
});

interface Renovate {
  customManagers: { managerFilePatterns: string[]; matchStrings: string[] }[];
  packageRules: { matchPackageNames?: string[]; allowedVersions?: string }[];
}
const renovate = JSON.parse(read("renovate.json")) as Renovate;

it("Renovate finds every import of every deno.json, by package and version", () => {
  const [manager] = renovate.customManagers;
  const [files = ""] = manager?.managerFilePatterns ?? [];
  const [entry = ""] = manager?.matchStrings ?? [];
  const locked = lockedVersions(join(paths.root, "package-lock.json"));
  for (const name of ["_shared", ...listFunctions(paths.functions).map((source) => source.name)]) {
    const file = `supabase/functions/${name}/deno.json`;
    expect(file).toMatch(new RegExp(files.slice(1, -1)));
    const text = read(file);
    const found = [...text.matchAll(new RegExp(entry, "g"))].map(({ groups }) => groups ?? {});
    expect(found).toHaveLength(text.match(/"npm:/g)?.length ?? 0);
    for (const { depName = "", currentValue } of found) expect(currentValue).toBe(locked.get(depName));
  }
});

it("CONTRIBUTING tells why each package is held back that Renovate leaves alone", () => {
  const held = renovate.packageRules.flatMap(({ matchPackageNames = [], allowedVersions }) =>
    matchPackageNames.map((name) => [name, allowedVersions?.replace("<", "")]),
  );
  const told = [...read("CONTRIBUTING.md").matchAll(/^\| `([^`]+)` \| ([\d.]+) \| .+ \|$/gmu)];
  expect(held.length).toBeGreaterThan(5);
  expect(told.map(([, name, below]) => [name, below])).toEqual(held);
});
