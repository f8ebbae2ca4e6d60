import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Modules of this repository, and packages, that end up in an app containing just this code. */
async function bundled(code: string): Promise<string[]> {
  const bundle = await rolldown({
    input: "app",
    cwd: ROOT,
    external: [/^@supabase\//u],
    plugins: [
      {
        name: "app",
        resolveId: (id) => (id === "app" ? `${ROOT}app.ts` : null),
        load: (id) => (id === `${ROOT}app.ts` ? code : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? Object.entries(chunk.modules) : []));
  return modules
    .filter(([, module]) => (module.code ?? "").trim() !== "")
    .map(([id]) =>
      id.includes("node_modules") ? (/node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(id)?.[1] ?? id) : id.replace(ROOT, ""),
    )
    .filter((id, index, all) => all.indexOf(id) === index && id !== "app.ts")
    .sort();
}

const ERROR_LIST = ["errors.ts", "errors/members.ts", "errors/outside.ts", "errors/partners.ts"].map(
  (file) => `supabase/functions/_shared/contracts/${file}`,
);

test("an app that only shows error texts ships the error list alone, without zod", async () => {
  expect(
    await bundled(`import { errorText } from "./src/client/index.ts"; console.log(errorText("task_not_open", "de"));`),
  ).toEqual(ERROR_LIST);
  expect(
    await bundled(`import { ERRORS } from "./supabase/functions/_shared/contracts/index.ts"; console.log(ERRORS);`),
  ).toEqual(ERROR_LIST);
});

test("an app that only validates a profile ships no other room", async () => {
  const modules = await bundled(
    `import { checkInput, updateProfileInput } from "./supabase/functions/_shared/contracts/index.ts"; console.log(checkInput(updateProfileInput, {}));`,
  );
  expect(modules).toContain("supabase/functions/_shared/contracts/users.ts");
  expect(modules.filter((id) => /contracts\/(?:tasks|points|redemptions|partners)\.ts|src\/client/u.test(id))).toEqual(
    [],
  );
});

test("an app that only reads the point account ships no other room", async () => {
  const modules = await bundled(
    `import { getPointAccount } from "./src/client/index.ts"; console.log(getPointAccount);`,
  );
  expect(modules).toContain("src/client/points.ts");
  expect(modules.filter((id) => /users\.ts|tasks|client\/client\.ts|paging\.ts/u.test(id))).toEqual([]);
});

test("an app that only redeems ships no other room", async () => {
  const modules = await bundled(`import { redeemReward } from "./src/client/index.ts"; console.log(redeemReward);`);
  expect(modules).toContain("src/client/redemptions.ts");
  const rooms = modules.filter((id) => !ERROR_LIST.includes(id));
  expect(
    rooms.filter((id) => /users\.ts|tasks|points\.ts|partner|rewards\.ts|client\/client\.ts|paging\.ts/u.test(id)),
  ).toEqual([]);
});

test("the whole client ships no second copy of supabase-js and nothing but zod besides", async () => {
  const modules = await bundled(
    `import { createNeighbourhoodClient } from "./src/client/index.ts"; console.log(createNeighbourhoodClient);`,
  );
  expect(modules).toContain("src/client/client.ts");
  expect(modules).not.toContain("src/client/version.ts");
  expect(
    modules.filter((id) => !id.startsWith("src/client/") && !id.startsWith("supabase/functions/_shared/")),
  ).toEqual(["zod"]);
});
