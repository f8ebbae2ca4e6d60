import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { connect, type Database } from "../../ops/core/connection.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

/** docs/operations/maintenance.md against the database: whoever adds a table decides how long its rows stay. */
let server: TestCluster;
let database: Database;
beforeAll(async () => {
  server = await startTestCluster({ name: "retention" });
  database = await connect({ url: server.urls.owner });
});
afterAll(async () => {
  await database?.close();
  await server?.destroy();
});

const page = readFileSync(join(paths.root, "docs/operations/maintenance.md"), "utf8");
const rowsOf = (heading: string): string[][] =>
  (page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
const codes = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/gu)].map(([, code = ""]) => code);
const forgotten = rowsOf("What is forgotten");
const kept = rowsOf("What stays");

test("every table stands in one of the two lists, once", async () => {
  const tables = await database.query<{ name: string }>(`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
      and coalesce(obj_description(c.oid), '') not like '%Holds nothing.'
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by 1`);
  const told = [...forgotten, ...kept].flatMap(([cell]) => codes(cell)).toSorted();
  expect(told).toEqual(tables.map(({ name }) => name));
});

test("what is forgotten names its setting, with the days that are the default, and its job", async () => {
  const jobs = (await database.query<{ job: string }>("select job from private.jobs")).map(({ job }) => job);
  const [settings = {}] = await database.query<Record<string, unknown>>("select * from private.settings");
  for (const [, days = "", setting, job] of forgotten) {
    for (const name of codes(job)) expect(jobs).toContain(name);
    expect(codes(job)).toHaveLength(1);
    for (const name of codes(setting)) expect(Number.parseInt(days, 10), name).toBe(settings[name]);
  }
});

test("every setting that says how long something is kept stands there", async () => {
  const settings = await database.query<{ name: string }>(`
    select attname as name from pg_attribute where attrelid = 'private.settings'::regclass and attnum > 0
      and (attname like '%retention_days' or attname in ('exact_place_days', 'contact_reveal_days', 'task_archive_days', 'monitoring_days'))
    order by 1`);
  const told = new Set(forgotten.flatMap(([, , setting]) => codes(setting)));
  expect([...told].toSorted()).toEqual(settings.map(({ name }) => name));
});

test("every job that forgets or purges tables of members stands there", async () => {
  const jobs = await database.query<{ job: string }>(
    "select job from private.jobs where job ~ '^(forget|purge|archive)_' and room <> 'operations' order by 1",
  );
  const told = new Set(forgotten.flatMap(([, , , job]) => codes(job)));
  for (const { job } of jobs) expect(told).toContain(job);
});
