import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, expect, inject, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { type App, createApp } from "./support/app.ts";

/** What of the tarball ends up in an app that imports this and that. */

let app: App;
beforeAll(() => {
  app = createApp(inject("tarball"));
});

/** An app containing just this code, minified, without supabase-js. */
async function build(code: string) {
  app.write("app.js", code);
  const bundle = await rolldown({ input: "./app.js", cwd: app.folder, external: [/^@supabase\//u] });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk] : []));
}

/** Modules of the client, by their source, and packages, that end up in an app containing just this code. */
async function bundled(code: string): Promise<string[]> {
  const modules = (await build(code)).flatMap((chunk) => Object.entries(chunk.modules));
  return modules
    .filter(([, module]) => (module.code ?? "").trim() !== "")
    .map(([id]) => sourceOf(id.replaceAll("\\", "/")))
    .filter((id, index, all) => all.indexOf(id) === index && id !== "app.js")
    .sort();
}

function sourceOf(id: string): string {
  const [, own] = /node_modules\/@neighbourhood-help\/client\/dist\/(.+)\.js$/u.exec(id) ?? [];
  return own === undefined ? (/node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(id)?.[1] ?? "app.js") : `${own}.ts`;
}

const ERROR_LIST = [
  "errors.ts",
  "errors/admins.ts",
  "errors/members.ts",
  "errors/messages.ts",
  "errors/outside.ts",
  "errors/partners.ts",
  "errors/tasks.ts",
].map((file) => `supabase/functions/_shared/contracts/${file}`);

test("an app that only shows error texts ships the error list alone, without zod", async () => {
  expect(
    await bundled(
      `import { errorText } from "@neighbourhood-help/client"; console.log(errorText("task_not_open", "de"));`,
    ),
  ).toEqual(ERROR_LIST);
  expect(await bundled(`import { ERRORS } from "@neighbourhood-help/client/contracts"; console.log(ERRORS);`)).toEqual(
    ERROR_LIST,
  );
});

test("an app that only validates a profile ships no other room", async () => {
  const modules = await bundled(
    `import { checkInput, updateProfileInput } from "@neighbourhood-help/client/contracts"; console.log(checkInput(updateProfileInput, {}));`,
  );
  expect(modules).toContain("supabase/functions/_shared/contracts/users.ts");
  expect(modules.filter((id) => /contracts\/(?:tasks|points|redemptions|partners)\.ts|src\/client/u.test(id))).toEqual(
    [],
  );
});

test("an app that only reads the point account ships no other room", async () => {
  const modules = await bundled(
    `import { getPointAccount } from "@neighbourhood-help/client"; console.log(getPointAccount);`,
  );
  expect(modules).toContain("src/client/points.ts");
  const rooms = modules.filter((id) => !ERROR_LIST.includes(id));
  expect(rooms.filter((id) => /users\.ts|tasks|client\/client\.ts|paging\.ts/u.test(id))).toEqual([]);
});

test("an app that only redeems ships no other room", async () => {
  const modules = await bundled(
    `import { redeemReward } from "@neighbourhood-help/client"; console.log(redeemReward);`,
  );
  expect(modules).toContain("src/client/redemptions.ts");
  const rooms = modules.filter((id) => !ERROR_LIST.includes(id));
  expect(
    rooms.filter((id) => /users\.ts|tasks|points\.ts|partner|rewards\.ts|client\/client\.ts|paging\.ts/u.test(id)),
  ).toEqual([]);
});

test("the whole client ships no second copy of supabase-js and nothing but zod besides", async () => {
  const modules = await bundled(
    `import { createNeighbourhoodClient } from "@neighbourhood-help/client"; console.log(createNeighbourhoodClient);`,
  );
  expect(modules).toContain("src/client/client.ts");
  expect(modules).not.toContain("src/client/version.ts");
  expect(
    modules.filter((id) => !id.startsWith("src/client/") && !id.startsWith("supabase/functions/_shared/")),
  ).toEqual(["zod"]);
});

test("the guide says what each import weighs, and is right to 5 %", async () => {
  const guide = readFileSync(join(paths.root, "docs/client.md"), "utf8");
  const rows = [...guide.matchAll(/^\| `(\w+)`(?: of (contracts))? \| ([\d.]+) kB \| ([\d.]+) kB \|$/gmu)];
  expect(rows.length).toBeGreaterThan(4);
  for (const [, name, contracts, ...said] of rows) {
    const from = `@neighbourhood-help/client${contracts === undefined ? "" : "/contracts"}`;
    const chunks = await build(`import { ${name} } from "${from}"; console.log(${name});`);
    const code = chunks.map((chunk) => chunk.code).join("");
    for (const [index, bytes] of [code.length, gzipSync(code).length].entries()) {
      const off = Math.abs(Number(said[index]) * 1000 - bytes);
      expect.soft(off, `${name} has ${bytes} bytes`).toBeLessThan(Math.max(0.05 * bytes, 100));
    }
  }
});
