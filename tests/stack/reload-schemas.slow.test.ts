import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Stack, StackOptions } from "../../dev/stack/start-stack.ts";
import { databases } from "./support/databases.ts";
import { clientOf } from "./support/fixture-stack.ts";
import { CATS, Project } from "./support/project.ts";

const FILE = "supabase/schemas/cats/cats.sql";

async function running(options: StackOptions): Promise<{ project: Project; stack: Stack }> {
  const project = await Project.create();
  const stack = await project.start(options);
  onTestFinished(() => stack.stop());
  return { project, stack };
}

const says = async (stack: Stack): Promise<unknown> => (await clientOf(stack).rpc("greeting")).data;
const saying = (word: string): string => CATS.replace("miau", word);

describe.each(databases)("on the %s database", (database) => {
  it("changes functions, policies, rights and views in place, says so, and REST sees it", async () => {
    const { project, stack } = await running({ database });
    const client = clientOf(stack);
    await client.from("cats").insert({ id: 1, name: "Minka" });

    project.replace(FILE, saying("purr"));
    expect(await project.hears(/greeting/)).toMatch(
      /^✔ schemas\/cats\/cats\.sql: public\.greeting replaced \(\d\.\d s\)$/,
    );
    expect(await says(stack)).toBe("purr");

    const added =
      "create function public.count_cats() returns bigint language sql stable as $$ select count(*) from public.cats $$;\n";
    project.write(FILE, `${saying("purr")}${added}grant execute on function public.count_cats() to anon;\n`);
    expect(await project.hears(/count_cats/)).toContain("public.count_cats created");
    expect((await client.rpc("count_cats")).data).toBe(1);

    project.write(
      "supabase/schemas/cats/views.sql",
      "create view public.names with (security_invoker = true) as select name from public.cats;\ngrant select on public.names to anon;\n",
    );
    await project.hears(/public\.names created/);
    expect((await client.from("names").select()).data).toEqual([{ name: "Minka" }]);

    project.replace(FILE, CATS.replace("using (true)", "using (id > 1)").replace("select, insert on", "select on"));
    const line = await project.hears(/policy/);
    expect(line).toContain("rights on public.cats changed");
    expect(line).toContain("policy cats_are_readable on public.cats created again");
    expect((await client.from("cats").select()).data).toEqual([]);
    expect((await client.from("cats").insert({ id: 2, name: "Mohrle" })).error?.code).toBe("42501");
    expect((await client.rpc("count_cats")).error?.code).toBe("PGRST202");
    expect(await says(stack)).toBe("miau");

    rmSync(join(project.supabase, "schemas/cats/views.sql"));
    await project.hears(/public\.names dropped/);
    expect((await client.from("names").select()).error?.code).toBe("PGRST205");
  });

  it("says where a mistake is, and changes nothing", async () => {
    const { project, stack } = await running({ database });
    project.replace(FILE, CATS.replace("create function", "create fonction"));
    expect(await project.hears(/✖/)).toBe(
      '✖ supabase/schemas/cats/cats.sql is not valid SQL: line 8: syntax error at or near "fonction"; the database stays as it was',
    );
    project.replace(
      FILE,
      saying("purr").replace("comment on", "create policy other on public.cats using (nothing());\ncomment on"),
    );
    expect(await project.hears(/✖/)).toMatch(
      /^✖ supabase\/schemas\/cats\/cats\.sql, line 9: function nothing\(\) does not exist .*; the database stays as it was$/,
    );
    expect(await says(stack)).toBe("miau");
    project.replace(FILE, saying("purr"));
    await project.hears(/✔/);
    expect(await says(stack)).toBe("purr");
  });

  it("changes nothing when a table changes, until it is as it was", async () => {
    const { project, stack } = await running({ database });
    project.replace(FILE, saying("purr").replace("name text not null", "name text"));
    expect(await project.hears(/✖/)).toBe(
      "✖ schemas/cats/cats.sql: create table public.cats (id int primary key, name text): needs a new database, nothing was changed; npm start -- --fresh makes one",
    );
    expect(await says(stack)).toBe("miau");
    project.replace(FILE, saying("purr"));
    await project.hears(/✔/);
    expect(await says(stack)).toBe("purr");
  });

  it("keeps the migrations and the next start in step, with the data", async () => {
    const project = await Project.create();
    const first = await project.start({ database });
    await clientOf(first).from("cats").insert({ id: 1, name: "Minka" });
    project.replace(FILE, saying("purr"));
    await project.hears(/✔/);
    await expect
      .poll(() => readFileSync(join(project.supabase, "migrations/20261121000100_cats.sql"), "utf8"))
      .toContain("purr");
    await first.stop();

    const second = await project.start({ database });
    expect(project.lines).toEqual([]);
    expect(await says(second)).toBe("purr");
    await second.stop();

    project.replace(FILE, saying("mau"));
    const third = await project.start({ database });
    expect(project.lines).toEqual([
      "✔ migrations written from supabase/schemas",
      "✔ schemas/cats/cats.sql: public.greeting replaced",
    ]);
    expect(await says(third)).toBe("mau");
    expect((await clientOf(third).from("cats").select()).data).toEqual([{ id: 1, name: "Minka" }]);
    project.lines.length = 0;
    project.replace(FILE, saying("miau"));
    await project.hears(/✔/);
    expect(await says(third)).toBe("miau");
    await third.stop();

    project.replace(FILE, saying("mau").replace("name text not null", "name text"));
    await expect(project.start({ database })).rejects.toThrow(
      "migration 20261121000100_cats.sql changed since it was applied: start with --fresh, or npm run db:reset for a DATABASE_URL (because of schemas/cats/cats.sql: create table public.cats (id int primary key, name text))",
    );
    const fresh = await project.start({ database, fresh: true });
    expect((await clientOf(fresh).from("cats").select()).data).toEqual([]);
    expect(await says(fresh)).toBe("mau");
    await fresh.stop();
  });

  it("ends with the last of several saves, and loses no request meanwhile", async () => {
    const { project, stack } = await running({ database });
    const client = clientOf(stack);
    const answers: Promise<{ error: unknown; data: unknown }>[] = [];
    const asking = setInterval(() => answers.push(Promise.resolve(client.rpc("greeting"))), 20);
    for (const word of ["one", "two", "three"]) {
      project.replace(FILE, saying(word));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    project.replace(FILE, saying("four"));
    await expect.poll(() => says(stack), { timeout: 20_000 }).toBe("four");
    clearInterval(asking);
    const errors = (await Promise.all(answers)).filter(({ error }) => error !== null);
    expect(errors).toEqual([]);
    expect(answers.length).toBeGreaterThan(10);
  });

  it("waits for a transaction that is open, says so once, and stops without waiting on", async () => {
    const { project, stack } = await running({ database });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const open = stack.database.asOwner(async (session) => {
      await session.script("begin; lock table public.cats");
      await held;
      await session.script("rollback");
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    project.replace(FILE, CATS.replace("using (true)", "using (id > 1)"));
    await project.hears(/… waiting for a transaction/);
    release();
    await open;
    await project.hears(/policy cats_are_readable/);
    expect(project.lines).toEqual([]);

    const blocking = stack.database.asOwner(async (session) => {
      await session.script("begin; lock table public.cats");
      await stopping;
    });
    let stop = (): void => undefined;
    const stopping = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    project.replace(FILE, CATS);
    await project.hears(/… waiting for a transaction/);
    const stopped = stack.stop();
    stop();
    await Promise.allSettled([blocking, stopped]);
    // It may still have been done, the lock being free now; it has not failed.
    expect(project.lines.filter((line) => line.startsWith("✖"))).toEqual([]);
  });

  it("stops while it reloads, and the next start ends the work", async () => {
    const project = await Project.create();
    const stack = await project.start({ database });
    project.replace(FILE, saying("purr"));
    await new Promise((resolve) => setTimeout(resolve, 80));
    const began = Date.now();
    await stack.stop();
    expect(Date.now() - began).toBeLessThan(10_000);
    const next = await project.start({ database });
    expect(await says(next)).toBe("purr");
    await next.stop();
  });
});

it("says what to do when the configuration, the seed or the packages change", async () => {
  const { project } = await running({});
  const config = readFileSync(join(project.supabase, "config.toml"), "utf8");
  project.replace("supabase/config.toml", `${config}\n[functions.other]\nverify_jwt = false\n`);
  project.replace("supabase/seed.sql", "select 2;\n");
  expect(await project.hears(/seed/)).toBe(
    "the seed changed: it fills new databases only, npm start -- --fresh makes one",
  );
  expect(project.lines).toEqual([]);
  project.replace("supabase/config.toml", `${config}\n[auth]\njwt_expiry = 60\n`);
  expect(await project.hears(/config/)).toBe("supabase/config.toml changed: npm start again to use it");
  project.replace("package.json", '{ "scripts": {}, "dependencies": { "zod": "1" } }');
  project.replace("package.json", '{ "dependencies": { "zod": "2" } }');
  expect(await project.hears(/package/)).toBe("package.json changed: stop, npm install, and npm start again");
  expect(project.lines).toEqual([]);
});

it("takes a new room that stands between others, and says when a folder is in no room", async () => {
  const { project, stack } = await running({});
  project.write(
    "supabase/schemas/birds/birds.sql",
    "create function public.tweet() returns text language sql stable return 'piep';\ngrant execute on function public.tweet() to anon;\n",
  );
  expect(await project.hears(/birds/)).toContain("add the folder to schema_paths in supabase/config.toml");
  const config = readFileSync(join(project.supabase, "config.toml"), "utf8");
  project.replace("supabase/config.toml", config.replace('"schemas/dogs', '"schemas/birds/*.sql", "schemas/dogs'));
  await project.hears(/public\.tweet created/);
  expect((await clientOf(stack).rpc("tweet")).data).toBe("piep");
  await stack.stop();
  const next = await project.start();
  expect(project.lines).toEqual([]);
  expect(
    await next.sql("select version || name as file from supabase_migrations.schema_migrations order by 1"),
  ).toEqual(["20261121000100cats", "20261121000200birds", "20261121000300dogs"].map((file) => ({ file })));
  await next.stop();
});
