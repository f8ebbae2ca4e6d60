import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { paths } from "../../base/paths.ts";
import { readSettings } from "../settings.ts";
import { listFunctions } from "./catalogue.ts";
import { lockedVersions, packageProblems } from "./packages.ts";

const functions = listFunctions(paths.functions);

it.each(["_shared", ...functions.map(({ name }) => name)])(
  "%s pins what it imports, at the versions of package-lock.json",
  (name) => {
    const locked = lockedVersions(join(paths.root, "package-lock.json"));
    expect(packageProblems(join(paths.functions, name), locked)).toEqual([]);
  },
);

it("config.toml names every function, and no other", () => {
  expect(Object.keys(readSettings().functions).sort()).toEqual(functions.map(({ name }) => name));
});

it("finds wrong, missing and unused entries, also through shared files", () => {
  const root = mkdtempSync(join(tmpdir(), "nh-packages-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("_shared/used.ts", 'import "node:fs"; import type { A } from "typed"; export * from "again";');
  write(
    "one/index.ts",
    'import { x } from "../_shared/used.ts"; import "scoped/sub"; await import("https://x.test/y.ts");',
  );
  write(
    "one/deno.json",
    JSON.stringify({
      imports: {
        typed: "npm:typed@1.0.0",
        scoped: "npm:@s/scoped@^2.0.0",
        odd: "jsr:@s/odd@1",
        unused: "npm:unused@1.0.0",
      },
    }),
  );
  const locked = new Map(Object.entries({ typed: "1.0.0", "@s/scoped": "2.0.1", unused: "1.0.0" }));

  expect(packageProblems(join(root, "one"), locked).sort()).toEqual([
    "again, imported by _shared/used.ts, has no entry",
    "https://x.test/y.ts, imported by one/index.ts, has no entry",
    "odd is imported nowhere",
    "odd: jsr:@s/odd@1 is no package of package-lock.json",
    "scoped: npm:@s/scoped@^2.0.0 must be npm:@s/scoped@2.0.1",
    "unused is imported nowhere",
  ]);
});
