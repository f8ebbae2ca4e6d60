import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { requirePostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { roleStatements } from "../../ops/restore/target.ts";
import { compare } from "../../ops/restore/verify.ts";
import { ageBackup, ask, emptyDatabase, type Folder, namesIn, temporaryFolder } from "../support/backups.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runOps, startCommand } from "../support/ops-command.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

const RESTORE = "ops/restore/main.ts";
const DRILL = "ops/drill/main.ts";

let server: TestCluster;
let folder: Folder;
let store: string;
let backup: string;
let key: string;
beforeAll(async () => {
  server = await startTestCluster({ name: "restore" });
  folder = temporaryFolder("restore");
  store = join(folder.path, "store");
  key = join(folder.path, "age.key");
  execFileSync("age-keygen", ["-o", key], { stdio: "ignore" });
  const owner = openServerSession(server.urls.owner);
  await owner.script(readFileSync(join(paths.supabase, "seed.sql"), "utf8"));
  await owner.script(`
    update private.partner_connections set secret = 'k7.nonce.ciphertext';
    insert into private.partner_connections (partner_id, url, secret)
    select id, 'https://bakery.example', 'k7.nonce.ciphertext' from public.partners limit 1 on conflict do nothing;
    insert into storage.buckets (id, name) values ('elsewhere', 'elsewhere');
    insert into storage.objects (bucket_id, name) values ('elsewhere', 'notes.txt');`);
  await owner.close();
  const recipient = /age1\w+/u.exec(readFileSync(key, "utf8"))?.[0] ?? "";
  const made = await runOps("ops/backup/main.ts", [], {
    DATABASE_URL: server.urls.owner,
    BACKUP_STORE: store,
    BACKUP_AGE_RECIPIENTS: recipient,
  });
  expect(made.err).toBe("");
  [backup = ""] = namesIn(store);
});
afterAll(async () => {
  folder?.remove();
  await server?.destroy();
});

const restoreInto = (url: string, args: string[] = [], environment: Readonly<Record<string, string>> = {}) =>
  runOps(RESTORE, args, { DATABASE_URL: url, BACKUP_STORE: store, BACKUP_AGE_IDENTITY_FILE: key, ...environment });

/** What a database is made of, without rows; PostgreSQL leaves out brackets when it reads its own text again. */
function schemaOf(url: string): string[] {
  const { directory } = requirePostgresBinaries();
  const text = execFileSync(join(directory, "pg_dump"), ["--schema-only", url], {
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
  });
  const isComment = /^--|^\\(?:un)?restrict /u;
  return text
    .split("\n")
    .filter((line) => !isComment.test(line))
    .map((line) => line.replaceAll(/[()]/gu, ""))
    .toSorted();
}

describe("an encrypted backup", () => {
  let target: string;
  beforeAll(async () => {
    target = await emptyDatabase(server.urls.superuser, "target");
  });

  it("is not opened without its key, or with another, and nothing is changed", async () => {
    const before = schemaOf(target);
    const without = await restoreInto(target, [], { BACKUP_AGE_IDENTITY_FILE: "" });
    expect([without.code, without.err]).toEqual([
      1,
      "✖ the backup is encrypted: set BACKUP_AGE_IDENTITY_FILE to the file with its private key\n",
    ]);
    const other = join(folder.path, "other.key");
    execFileSync("age-keygen", ["-o", other], { stdio: "ignore" });
    const wrong = await restoreInto(target, [], { BACKUP_AGE_IDENTITY_FILE: other });
    expect([wrong.code, wrong.err]).toEqual([
      1,
      "✖ the backup is encrypted for other keys than those of BACKUP_AGE_IDENTITY_FILE: name theirs\n",
    ]);
    expect(schemaOf(target)).toEqual(before);
  });

  it("makes an empty database the same, says what is missing, and the next restore refuses", async () => {
    const dry = await restoreInto(target, ["--dry-run"]);
    expect(dry.out).toContain("which is empty");
    const { code, out, err } = await restoreInto(target, ["--json"], { SEALING_KEYS: `k8:${"A".repeat(43)}` });
    expect([code, err]).toEqual([0, ""]);
    const { remaining } = JSON.parse(out) as { remaining: string[] };
    expect(remaining).toContain(
      "sealing keys: k7 is missing in SEALING_KEYS, 1 codes or secrets cannot be opened without it",
    );
    expect(remaining.join("\n")).toMatch(/^functions: .*^files: 1 rows of storage\.objects/msu);
    expect(schemaOf(target)).toEqual(schemaOf(server.urls.superuser));
    expect(await ask(target, "select from ops.audit_all()")).toEqual([]);
    expect(await ask(target, "select to_regnamespace('restore_not_finished') as mark")).toEqual([{ mark: null }]);
    expect(await ask(target, "select name from ops.backups")).toEqual([{ name: backup }]);

    const again = await restoreInto(target);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^✖ .*\/target is not empty \(schema public with \d+ .* members.*--force\n$/u);
  });

  it("goes on where the old one stopped: members sign up, and are erased with their login", async () => {
    await ask(
      target,
      `insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
      values ('00000000-0000-4000-8000-00000000aaaa', 'new@example.test', now(), '{"name": "New"}')`,
    );
    expect(await ask(target, "select is_active from public.users where id::text like '%aaaa'")).toEqual([
      { is_active: true },
    ]);
    await ask(target, "delete from auth.users where id::text like '%aaaa'");
    expect(await ask(target, "select is_active from public.users where id::text like '%aaaa'")).toEqual([
      { is_active: false },
    ]);
  });

  it("overwrites with --force what is there, after naming it", async () => {
    const { code, out, err } = await restoreInto(target, ["--force"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/! overwriting schema public with \d+ tables and views, .*7 members, 6 rows in auth\.users/u);
    expect(await ask(target, "select count(*) from public.users")).toEqual([{ count: 6 }]);
    expect(schemaOf(target)).toEqual(schemaOf(server.urls.superuser));
  });
});

describe("a damaged backup", () => {
  it("is found by its checksum before anything is changed", async () => {
    const target = await emptyDatabase(server.urls.superuser, "untouched");
    const damaged = ageBackup(store, backup, 1);
    const file = join(store, damaged, "database.dump.age");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { code, err } = await restoreInto(target, ["--name", damaged]);
    expect([code, err]).toEqual([
      1,
      `✖ database.dump.age of ${damaged} is damaged: its checksum is another; choose another backup\n`,
    ]);
    expect(await ask(target, "select to_regnamespace('private') as there")).toEqual([{ there: null }]);
  });

  it("that is too short is no good one, and not chosen", async () => {
    const target = await emptyDatabase(server.urls.superuser, "also_untouched");
    const short = ageBackup(store, backup, -1);
    truncateSync(join(store, short, "database.dump.age"), 1000);
    expect((await restoreInto(target, ["--dry-run"])).out).toContain(`would restore ${backup} `);
    expect((await restoreInto(target, ["--name", short])).err).toContain(`${short} is damaged`);
    expect((await restoreInto(target, ["--name", "backup-x"])).err).toContain("there is no backup-x in");
  });
});

it("a restore that is stopped leaves an empty database, and can be run again", async () => {
  const target = await emptyDatabase(server.urls.superuser, "stopped");
  const holder = openServerSession(target);
  await holder.script("begin; create schema private"); // which pg_restore waits for
  const { child, done } = startCommand(RESTORE, [], {
    DATABASE_URL: target,
    BACKUP_STORE: store,
    BACKUP_AGE_IDENTITY_FILE: key,
  });
  const restoring = "select from pg_stat_activity where application_name like '%pg_restore' and datname = 'stopped'";
  const waiting = { timeout: 60_000, interval: 300 };
  await expect
    .poll(() => ask(server.urls.superuser, `${restoring} and wait_event_type = 'Lock'`), waiting)
    .toEqual([{}]);
  const mark = "select obj_description(to_regnamespace('restore_not_finished'), 'pg_namespace') as mark";
  expect(await ask(target, mark)).toEqual([{ mark: `Restored from ${backup} and not verified` }]);
  child.kill("SIGTERM");
  expect((await done).err).toContain("✖ stopped by SIGTERM");
  await holder.script("rollback");
  await holder.close();
  await expect.poll(() => ask(server.urls.superuser, restoring), waiting).toEqual([]);
  expect(await ask(target, "select to_regnamespace('private') as there")).toEqual([{ there: null }]);
  const { code, err } = await restoreInto(target);
  expect([code, err]).toEqual([0, ""]);
});

describe("the drill", () => {
  const drill = (...args: string[]) =>
    runOps(DRILL, args, { DATABASE_URL: server.urls.superuser, BACKUP_STORE: store });

  it("does the whole way, and takes its database away", async () => {
    const { code, out } = await drill("--json");
    expect(JSON.parse(out)).toMatchObject({ is_verified: true, is_rto_kept: true, is_rpo_kept: true, differences: [] });
    expect(code).toBe(0);
    expect(await ask(server.urls.superuser, "select from pg_database where datname like 'drill%'")).toEqual([]);
  });

  it("says so with exit code 1 when more would have been lost than is promised", async () => {
    const empty = join(folder.path, "no-backups");
    const { code, out } = await runOps(DRILL, ["--environment", "production", "--own-server"], {
      DATABASE_URL: server.urls.owner,
      BACKUP_STORE: empty,
    });
    expect(out).toMatch(/✓ verified .*\n✓ RTO .* of 15 min 0 s \(production\)\n✗ RPO +everything of 5 min 0 s/u);
    expect(code).toBe(1);
  });
});

it("the roles that are missing are created, without what only a superuser may say", () => {
  const sql = [
    "CREATE ROLE anon;",
    "CREATE ROLE app_read;",
    "ALTER ROLE app_read WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;",
    "CREATE ROLE boss;",
    "ALTER ROLE boss WITH SUPERUSER LOGIN;",
    "ALTER ROLE app_read SET statement_timeout TO '5s';",
    "GRANT app_read TO authenticator GRANTED BY supabase_admin;",
  ].join("\n");
  expect(roleStatements(sql, ["app_read"], false)).toEqual([
    "CREATE ROLE app_read",
    "ALTER ROLE app_read WITH INHERIT NOCREATEROLE NOCREATEDB NOLOGIN",
    "ALTER ROLE app_read SET statement_timeout TO '5s'",
    "GRANT app_read TO authenticator",
  ]);
  expect(roleStatements(sql, ["boss"], true)).toEqual(["CREATE ROLE boss", "ALTER ROLE boss WITH NOSUPERUSER LOGIN"]);
});

it("every difference is named, and what was wrong before is told apart", () => {
  const wanted = {
    rows: { "public.users": 6 },
    ledger: { balance: 10 },
    audits: { "audit_tasks: old": 2 },
    migrations: ["1", "2"],
    sealing_keys: { k7: 1 },
  };
  expect(compare(wanted, wanted)).toEqual({ differences: [], knownProblems: ["audit_tasks: old (2)"] });
  const found = {
    rows: { "public.users": 5 },
    ledger: { balance: 9, earned: 1 },
    audits: { "audit_tasks: old": 3, "audit_books: new": 1 },
    migrations: ["1"],
    sealing_keys: {},
  };
  expect(compare(wanted, found)).toEqual({
    differences: [
      "rows of public.users: 5 instead of 6",
      "ledger, balance: 9 instead of 10",
      "ledger, earned: 1 instead of 0",
      "texts sealed under k7: 0 instead of 1",
      "migrations: 1 instead of 2",
      "audit audit_tasks: old (3)",
      "audit audit_books: new (1)",
    ],
    knownProblems: [],
  });
});
