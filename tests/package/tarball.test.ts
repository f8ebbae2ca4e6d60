import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { createApp } from "./support/app.ts";

/** What apps get: the tarball of `npm pack ./src/client`. */

const tarball = inject("tarball");
const read = (file: string) => readFileSync(join(paths.root, file), "utf8");

test("holds the built modules of the client and the contracts, three pages and nothing else", () => {
  const files = tarball.files.map(({ path }) => path);
  const modules = files.filter((path) => path.startsWith("dist/"));
  expect(files.filter((path) => !modules.includes(path)).sort()).toEqual(["LICENSE", "README.md", "package.json"]);
  const places =
    /^dist\/(?:(?:index|contracts)|(?:src\/client|supabase\/functions\/_shared\/contracts)\/[\w/-]+)(\.types)?\.(?:js|d\.ts)$/u;
  expect(modules.filter((path) => !places.test(path))).toEqual([]);
  expect(modules).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "dist/contracts.js"]));
});

test("stays below 105 kB, and weighs what the guide says", () => {
  expect(tarball.size).toBeLessThan(105_000);
  const said = /The tarball has (\d+) kB, (\d+) kB unpacked/u.exec(read("docs/client.md"))?.slice(1).map(Number) ?? [];
  const weights = [tarball.size, tarball.unpackedSize].map((bytes) => bytes / 1000);
  expect(weights.map((weight, index) => Math.abs(weight - (said[index] ?? 0)) < 0.05 * weight)).toEqual([true, true]);
});

test("says how it is published, and brings zod alone", async () => {
  const app = createApp(tarball);
  const inApp = (file: string) => readFileSync(join(app.folder, "node_modules", tarball.name, file), "utf8");
  const manifest = JSON.parse(inApp("package.json"));
  expect(manifest).toMatchObject({
    name: "@neighbourhood-help/client",
    license: "MIT",
    publishConfig: { access: "public", provenance: true },
  });
  expect(manifest.private).toBeUndefined();
  expect(manifest.devDependencies).toBeUndefined();
  const { devDependencies } = JSON.parse(read("package.json"));
  expect(manifest.dependencies).toEqual({ zod: devDependencies.zod });
  expect(Object.keys(manifest.peerDependencies)).toEqual(["@supabase/supabase-js"]);
  expect(inApp("README.md")).toBe(read("docs/client.md"));
  expect(inApp("LICENSE")).toBe(read("LICENSE"));
});

test("has the version of the database's API", () => {
  expect(read("supabase/schemas/foundation/version.sql")).toContain(`select '${tarball.version}'::text`);
});

test("declares types that hold by themselves, without those of Node", async () => {
  const app = createApp(tarball);
  app.write("app.ts", `export * from "${tarball.name}";\nexport * as contracts from "${tarball.name}/contracts";\n`);
  const printed = await app.checkTypes([], { skipLibCheck: false }).then(() => "", String);
  // supabase-js's own declarations do not hold with these options
  const problems = printed.split("\n").filter((line) => /error TS/u.test(line));
  expect(problems.length > 0).toBe(printed !== "");
  expect(problems.filter((line) => !line.includes("/node_modules/@supabase/"))).toEqual([]);
});

test("a checkout without node_modules packs, too: the command that builds installs what is missing", () => {
  const { scripts } = JSON.parse(read("src/client/package.json"));
  expect(scripts).toEqual({ prepack: "node ../../dev/bootstrap.mjs build" });
});
