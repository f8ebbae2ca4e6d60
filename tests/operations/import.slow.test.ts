import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "@supabase/supabase-js";
import Papa from "papaparse";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { runOps, startCommand } from "../support/ops-command.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";

/** `npm run import:sqlite` and `import:csv`, through a pooler into a stack whose Auth then takes the old passwords. */

requireCluster("tests/operations");

let started: ThrowawayStack;
let owner: SqlSession;
let pooler: PgBouncer;
let url: string;
let folder: string;
beforeAll(async () => {
  started = await startThrowawayStack("import", { functions: false });
  pooler = await startPgBouncer([started.stack.databaseUrl]);
  url = pooler.through(started.stack.databaseUrl);
  owner = openServerSession(started.stack.databaseUrl);
});
afterAll(async () => {
  await owner?.close();
  await pooler?.stop();
  await started?.remove();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "neighbourhood-import-"));
  return () => rmSync(folder, { recursive: true });
});

/** Of "correct horse", at cost 4. */
const HASH = "$2b$04$uXet3UP8txxkHHDbAH4xkebYHhXHZItqEhHr0gvOUqMg6k.X8wJNm";
const LAYOUT = `create table users (id text primary key, email text, password_hash text, name text, phone_number text,
  points_balance integer, email_verified, phone_verified, is_active, is_banned, banned_reason text, created_at,
  oauth_provider text, oauth_id text, trust_score real)`;

function sqlite(name: string, sql: string): string {
  const path = join(folder, name);
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

const bring = (file: string, ...flags: string[]) =>
  runOps(`ops/import/${file.endsWith(".csv") ? "csv" : "sqlite"}.ts`, [file, "--json", ...flags], {
    DATABASE_URL: url,
  });
const problemsOf = (file: string) =>
  Papa.parse<Record<string, string>>(readFileSync(`${file}.problems.csv`, "utf8"), {
    header: true,
    skipEmptyLines: true,
  }).data;
const state = () =>
  owner.query(`select (select count(*) from public.users) as members, (select count(*) from auth.users) as logins,
    (select count(*) from auth.identities) as identities, (select sum(amount) from public.point_transactions) as points,
    (select count(*) from public.tasks) as tasks, (select count(*) from public.ratings) as ratings,
    (select count(*) from private.audit_log) as audit`);

test("members come with password, balance and what the source says of them, once", async () => {
  const file = sqlite(
    "old.db",
    `${LAYOUT};
     insert into users (id, email, password_hash, name, phone_number, points_balance, email_verified, phone_verified, created_at)
     values ('1', 'Anna@Example.test', '${HASH}', 'Anna', '+49 (0)30 1234567', 120, 'ja', 't', 1700000000),
       ('2', 'ben@example.test', null, 'Ben', null, 0, 1, 0, '2024-02-03 04:05:06');
     update users set oauth_provider = 'google', oauth_id = 'g-2' where id = '2';
     insert into users (id, email, name, is_banned, banned_reason) values ('3', 'cem@example.test', 'Cem', 'yes', 'Spam')`,
  );
  const tried = await bring(file, "--dry-run");
  expect(tried, tried.err).toMatchObject({ code: 0 });
  expect(await state()).toMatchObject([{ members: 0, logins: 0, points: null }]);
  const outcome = await bring(file);
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  expect(JSON.parse(outcome.out)).toMatchObject({
    counts: { members: { read: 3, imported: 3, refused: 0 } },
    points: { imported: 120 },
    differences: [],
  });
  expect(
    await owner.query(`select u.name, l.email, c.phone_number, a.balance, u.is_email_verified, u.is_phone_verified, u.is_banned,
        extract(epoch from l.created_at)::integer as created
      from public.users u join auth.users l using (id) join public.user_contacts c on c.user_id = u.id
      join public.user_settings s on s.user_id = u.id join public.point_accounts a on a.user_id = u.id order by u.name limit 2`),
  ).toMatchObject([
    {
      name: "Anna",
      email: "anna@example.test",
      phone_number: "+49301234567",
      balance: 120,
      is_email_verified: true,
      is_phone_verified: true,
      created: 1_700_000_000,
    },
    { name: "Ben", balance: 0, is_email_verified: true, is_phone_verified: false, created: 1_706_933_106 },
  ]);
  expect(await owner.query("select provider, provider_id from auth.identities where provider = 'google'")).toEqual([
    { provider: "google", provider_id: "g-2" },
  ]);
  expect(await owner.query("select reason from public.user_bans")).toEqual([{ reason: "Spam" }]);

  const client = createClient(started.stack.url, started.stack.publishableKey);
  const login = { email: "anna@example.test", password: "correct horse" };
  const { data, error } = await client.auth.signInWithPassword(login);
  expect(error).toBeNull();
  const mine = await client.from("point_accounts").select("balance").single();
  expect(mine.data).toEqual({ balance: 120 });
  expect(data.user?.email).toBe("anna@example.test");
  expect((await client.auth.signInWithPassword({ ...login, password: "wrong horse" })).error).not.toBeNull();

  const before = await state();
  const again = await bring(file);
  expect(again, again.err).toMatchObject({ code: 0 });
  expect(JSON.parse(again.out).counts.members).toMatchObject({ imported: 0, known: 3 });
  expect(await state()).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.includes(".import-"))).toHaveLength(1);
});

test("what is wrong is told row by row, and costs nobody else anything", async () => {
  const file = sqlite(
    "wrong.db",
    `${LAYOUT};
     insert into users (id, email, name, points_balance) values ('w1', 'one@wrong.test', 'One', 10), ('w2', 'ONE@wrong.test', 'Two', 10),
       ('w3', 'no address', 'Three', 0), ('w4', 'four@wrong.test', '${"x".repeat(300)}', 0), ('w5', 'five@wrong.test', 'Five', -3),
       ('w6', 'six@wrong.test', cast(x'4dfc6c' as text), 0), ('w7', 'seven@wrong.test', '=HYPERLINK("a")', 0);
     insert into users (id, email, name, is_active) values ('w8', 'eight@wrong.test', 'Eight', 'off');
     insert into users (id, email, name, created_at) values ('w9', 'nine@wrong.test', 'Nine' || char(0x202e), -2147483648);
     insert into users (id, email, name, password_hash, email_verified) values ('w10', 'ten@wrong.test', 'Ten', 'plain', 'perhaps')`,
  );
  const outcome = await bring(file);
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  expect(JSON.parse(outcome.out).counts.members).toMatchObject({ read: 10, imported: 6, refused: 3, left_out: 1 });
  const found = problemsOf(file)
    .filter(({ problem }) => problem !== "password_missing")
    .map(({ id, outcome: what, problem, value }) =>
      `${id} ${what} ${problem} ${what === "refused" ? value : ""}`.trim(),
    );
  expect(found).toEqual([
    "w2 refused email_twice one@wrong.test",
    "w3 refused email_invalid no address",
    "w4 mended text_cut",
    "w5 refused points_balance_invalid '-3",
    "w6 mended text_not_utf8",
    "w8 left_out member_inactive",
    "w9 mended moment_unlikely",
    "w9 mended text_cleaned",
    "w10 mended password_hash_unknown",
    "w10 mended boolean_unknown",
  ]);
  expect(readFileSync(`${file}.problems.csv`, "utf8")).not.toContain("plain");
  expect(
    await owner.query(
      "select u.name from public.users u join auth.users l using (id) where l.email = 'six@wrong.test'",
    ),
  ).toEqual([{ name: "Mül" }]);
});

test("killed in the middle and started again, by two people at once, it brings everybody once", async () => {
  const file = sqlite(
    "many.db",
    `${LAYOUT};
     with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
     insert into users (id, email, name, password_hash, points_balance)
     select 'k' || i, 'k' || i || '@many.test', 'K ' || i, '${HASH}', 7 from n`,
  );
  const { child, done } = startCommand("ops/import/sqlite.ts", [file, "--batch", "50"], {
    DATABASE_URL: url,
  });
  const count = async () =>
    (await owner.query<{ count: number }>("select count(*) from auth.users where email like '%@many.test'"))[0]
      ?.count ?? 0;
  await expect.poll(count, { timeout: 60_000, interval: 20 }).toBeGreaterThan(100);
  child.kill("SIGKILL");
  await done;
  const half = await count();
  expect(half).toBeLessThan(2000);
  const copy = join(folder, "copy.db");
  copyFileSync(file, copy);
  const outcomes = await Promise.all([bring(file, "--batch", "50"), bring(copy, "--batch", "50")]);
  let imported = half;
  for (const { code, out, err } of outcomes) {
    expect(code, err + out).toBe(0);
    const members = JSON.parse(out).counts.members as { known: number; imported: number };
    expect(members.known + members.imported).toBe(2000);
    imported += members.imported;
  }
  expect(imported).toBe(2000);
  expect(
    await owner.query(`select count(*), sum(p.amount) from auth.users l join public.point_transactions p on p.user_id = l.id
      where l.email like '%@many.test'`),
  ).toEqual([{ count: 2000, sum: 14_000 }]);
});

test("the example map brings tasks, ratings and balances of another schema", async () => {
  const file = sqlite(
    "example.db",
    `create table people (pid integer primary key, mail, pw, first_name, last_name, tel, verified, joined, newsletter);
     create table wallets (person, coins);
     create table jobs (jid integer primary key, asked_by, done_by, headline, body, kind, lat, lng, coins, state, posted, done);
     create table stars (sid integer primary key, job, by_person, stars, words, given);
     insert into people values (1, 'ada@old.test', '${HASH}', 'Ada', 'Alt', '030 123456', 'y', '2024-07-01 12:00', 1),
       (2, 'bo@old.test', '${HASH}', 'Bo', 'Alt', null, 'y', 1719828000000, 0);
     insert into wallets values (1, 5), (2, 40);
     insert into jobs values (1, 1, 2, 'Mow the lawn', 'Small garden', 'garden', 52.5, 13.4, 20, 'done', '2024-08-01', '2024-08-02'),
       (2, 2, null, 'Printer', 'It does not print', 'pc', 52.5, 13.4, 10, 'new', 1722470400, null),
       (3, 9, null, 'Of nobody', 'Nobody', 'pc', 52.5, 13.4, 10, 'new', null, null);
     insert into stars values (1, 1, 1, 5, 'Great', '2024-08-03'), (2, 2, 1, 4, 'Not done', null)`,
  );
  const map = join(paths.root, "ops/import/maps/example.yaml");
  const outcome = await bring(file, "--map", map);
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  expect(JSON.parse(outcome.out)).toMatchObject({
    counts: {
      members: { imported: 2 },
      tasks: { imported: 2, refused: 1 },
      ratings: { imported: 1, refused: 1 },
    },
    differences: [],
  });
  expect(
    await owner.query(`select u.name, a.balance, a.earned, u.rating_count, extract(epoch from u.created_at)::integer as created
      from public.users u join public.point_accounts a on a.user_id = u.id where u.name like '% Alt' order by 1`),
  ).toEqual([
    { name: "Ada Alt", balance: 5, earned: 0, rating_count: 0, created: 1_719_828_000 },
    { name: "Bo Alt", balance: 40, earned: 20, rating_count: 1, created: 1_719_828_000 },
  ]);
  expect(await owner.query("select count(*) from public.notifications")).toEqual([{ count: 0 }]);
  const before = await state();
  const again = await bring(file, "--map", map);
  expect(again, again.err).toMatchObject({ code: 0 });
  expect(await state()).toEqual(before);
});

test("CSV of a spreadsheet, with its separator and its old signs", async () => {
  const file = join(folder, "members.csv");
  writeFileSync(
    file,
    Buffer.from(
      `email;name;points_balance\r\njörg@csv.test;J;1\r\nkai@csv.test;"Käthe; K";12\r\nlea@csv.test;Lea;1;2\r\n`,
      "latin1",
    ),
  );
  const outcome = await bring(file);
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  expect(JSON.parse(outcome.out).counts.members).toMatchObject({ read: 3, imported: 1, refused: 2 });
  expect(
    await owner.query("select u.name from public.users u join auth.users l using (id) where l.email = 'kai@csv.test'"),
  ).toEqual([{ name: "Käthe; K" }]);
});

describe("one line says what is wrong with", () => {
  const ofDatabase = (sql: string) => () => sqlite("bad.db", sql);
  test.each<[string, () => string, string[], RegExp]>([
    ["a column nobody named", ofDatabase("create table users (id, email, shoe_size)"), [], /becomes of shoe_size/u],
    ["no table", ofDatabase("create table members (id, email)"), [], /no table users: it has members/u],
    ["no e-mail", ofDatabase("create table users (id, mail)"), [], /no column email/u],
    ["another file", () => join(paths.root, "package.json"), [], /no SQLite database/u],
    ["no file", () => "/nowhere/old.db", [], /no file/u],
    ["no map", ofDatabase("create table users (id, email)"), ["--map", "/nowhere/map.yaml"], /cannot be read/u],
  ])("%s", async (_what, file, flags, message) => {
    const outcome = await bring(file(), ...flags);
    expect(outcome.code).toBe(1);
    expect(outcome.err).toMatch(message);
    expect(outcome.err.trim().split("\n")).toHaveLength(1);
  });

  test("a file that another program holds, or that is damaged", async () => {
    const fill = `${LAYOUT}; with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
      insert into users (id, email) select i, i || '@bad.test' from n`;
    const file = sqlite("damaged.db", fill);
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 8192, 40_000);
    writeFileSync(file, bytes);
    const outcome = await bring(file);
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining("damaged") });
    const held = sqlite("held.db", fill);
    const holder = new DatabaseSync(held);
    holder.exec("begin exclusive");
    const refused = await bring(held);
    holder.close();
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("locked") });
    expect(existsSync(`${held}.problems.csv`)).toBe(false);
  });
});
