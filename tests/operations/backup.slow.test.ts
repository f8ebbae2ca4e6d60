import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { requirePostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { refuseEmbedded } from "../../ops/backup/take-backup.ts";
import { ageBackup, ask, type Folder, manifestIn, namesIn, programsWith, temporaryFolder } from "../support/backups.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runOps, startCommand } from "../support/ops-command.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

const BACKUP = "ops/backup/main.ts";

let server: TestCluster;
let folder: Folder;
beforeAll(async () => {
  server = await startTestCluster({ name: "backup" });
  folder = temporaryFolder("backup");
  const owner = openServerSession(server.urls.owner);
  await owner.script(readFileSync(join(paths.supabase, "seed.sql"), "utf8"));
  await owner.close();
});
afterAll(async () => {
  folder?.remove();
  await server?.destroy();
});

/** A new store, and the command on it. */
function newStore(environment: Readonly<Record<string, string>> = {}) {
  const store = join(folder.path, `store-${Math.random().toString(36).slice(2)}`);
  const settings = { DATABASE_URL: server.urls.owner, BACKUP_STORE: store, ...environment };
  return { store, settings, backup: (...args: string[]) => runOps(BACKUP, args, settings) };
}

describe("a backup in a folder", () => {
  it("is whole, for its owner's eyes, read back and in the list", async () => {
    const { store, backup } = newStore();
    const { code, err, out } = await backup("--json", "--kind", "deploy");
    expect([code, err]).toEqual([0, ""]);
    const { name } = JSON.parse(out) as { name: string };
    expect(namesIn(store)).toEqual([name]);
    expect(namesIn(join(store, name))).toEqual(["database.dump", "manifest.json", "roles.sql"]);
    expect(statSync(join(store, name, "database.dump")).mode & 0o777).toBe(0o600);
    const rows = await ask(
      server.urls.owner,
      `select name, kind, is_verified from ops.backups where store = '${store}'`,
    );
    expect(rows).toEqual([{ name, kind: "deploy", is_verified: true }]);
    const roles = readFileSync(join(store, name, "roles.sql"), "utf8");
    expect(roles).toContain("CREATE ROLE app_read;");
    expect(roles).not.toMatch(/PASSWORD|SCRAM/u);
    const { rows: counts, ledger, audits, migrations } = manifestIn(store, name);
    expect(counts).toMatchObject({ "public.users": 6, "auth.users": 6, "storage.buckets": 2 });
    expect(ledger).toHaveProperty("balance");
    expect(audits).toEqual({});
    expect(migrations.length).toBeGreaterThan(20);
  });

  it("is made with as few connections as a pool may have", async () => {
    const pool = (most: string) => newStore({ DATABASE_POOL_MAX: most }).backup();
    expect(await pool("2")).toMatchObject({ code: 0 });
    expect((await pool("1")).err).toContain("DATABASE_POOL_MAX=1 is not possible: write a whole number from 2");
  });

  it("counts what it dumps, while others write", async () => {
    const { store, backup } = newStore();
    await ask(server.urls.owner, "create table private.noise (id bigint generated always as identity, twin bigint)");
    const writer = openServerSession(server.urls.owner);
    let isWriting = true;
    const writing = (async () => {
      while (isWriting) await writer.query("insert into private.noise (twin) select 1 from generate_series(1, 7)");
    })();
    const { code, out } = await backup("--json");
    isWriting = false;
    await writing;
    await writer.close();
    await ask(server.urls.owner, "drop table private.noise");
    expect(code).toBe(0);
    const { name, rows } = JSON.parse(out) as { name: string; rows: Record<string, number> };
    expect(rows["private.noise"]).toBeGreaterThan(0);
    const { directory } = requirePostgresBinaries();
    const dump = join(store, name, "database.dump");
    const copied = execFileSync(join(directory, "pg_restore"), ["--data-only", "--table=noise", "--file=-", dump], {
      encoding: "utf8",
    });
    expect(copied.match(/^\d+\t1$/gmu)?.length).toBe(rows["private.noise"]);
  });

  it("that age encrypts is opened by Debian's age, and has no key in its manifest", async () => {
    const key = join(folder.path, "age.key");
    const printed = execFileSync("age-keygen", ["-o", key], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    const recipient = /age1\w+/u.exec(`${printed}${readFileSync(key, "utf8")}`)?.[0] ?? "";
    const { store, backup } = newStore({ BACKUP_AGE_RECIPIENTS: recipient });
    const { code, out } = await backup("--json");
    expect(code).toBe(0);
    const { name } = JSON.parse(out) as { name: string };
    expect(namesIn(join(store, name))).toEqual(["database.dump.age", "manifest.json", "roles.sql.age"]);
    const file = join(store, name, "database.dump.age");
    expect(readFileSync(file, "latin1")).not.toContain("PGDMP");
    const opened = execFileSync("age", ["--decrypt", "--identity", key, file], { maxBuffer: 1024 ** 3 });
    expect(opened.subarray(0, 5).toString()).toBe("PGDMP");
    expect(readFileSync(join(store, name, "manifest.json"), "utf8")).not.toContain("AGE-SECRET");
  });

  it("names the keys under which something is sealed, and no sealed text", async () => {
    const { store, backup } = newStore();
    await ask(
      server.urls.owner,
      `insert into private.partner_connections (partner_id, url, secret)
       select id, 'https://bakery.example', 'k7.nonce.ciphertext' from public.partners limit 1
       on conflict (partner_id) do update set secret = excluded.secret`,
    );
    await backup();
    const [name = ""] = namesIn(store);
    expect(manifestIn(store, name).sealing_keys).toEqual({ k7: 1 });
    expect(readFileSync(join(store, name, "manifest.json"), "utf8")).not.toContain("ciphertext");
  });

  it("removes those past their time, and shows before what it would remove", async () => {
    const { store, backup } = newStore();
    await backup();
    const [name = ""] = namesIn(store);
    const [spare, kept] = [ageBackup(store, name, 800), ageBackup(store, name, 3)];
    const dry = await backup("--dry-run");
    expect(dry.out).toContain(`would remove ${spare}: past its time`);
    expect(namesIn(store)).toContain(spare);
    await ask(
      server.urls.owner,
      `insert into private.backups (taken_at, store, name, bytes, kind, is_verified)
       values (now(), '${store}', '${spare}', 1, 'manual', true)`,
    );
    expect((await backup()).out).toContain(`removed ${spare}`);
    expect(namesIn(store)).not.toContain(spare);
    expect(namesIn(store)).toContain(kept);
    expect(await ask(server.urls.owner, `select from ops.backups where name = '${spare}'`)).toEqual([]);
  });
});

describe("nothing that looks like a backup is left", () => {
  const unlessAsked = (script: string) => `case "$*" in *--version*) real "$@";; *) ${script};; esac`;
  const slow = () =>
    programsWith(folder.path, "pg_dump", unlessAsked('real "$@" | { head -c 100000; sleep 60; cat; }'));

  async function untilWriting(store: string): Promise<void> {
    await expect.poll(() => (existsSync(store) ? namesIn(store) : []).length, { timeout: 60_000 }).toBe(1);
  }

  it("when it is killed in the middle, and the next run takes the rest away", async () => {
    const { store, settings, backup } = newStore();
    const { child, done } = startCommand(BACKUP, [], { ...settings, PG_BIN: slow() });
    await untilWriting(store);
    child.kill("SIGKILL");
    await done;
    expect(namesIn(store)).toEqual([expect.stringMatching(/^\.unfinished-/u)]);
    expect((await backup("--list")).out).toContain("there are no backups");
    // PostgreSQL notices a moment later that its client is gone
    await expect.poll(async () => (await backup()).code, { timeout: 120_000, interval: 500 }).toBe(0);
    expect(namesIn(store)).toEqual([expect.stringMatching(/^backup-/u)]);
  });

  it("when it is stopped", async () => {
    const { store, settings } = newStore();
    const { child, done } = startCommand(BACKUP, [], { ...settings, PG_BIN: slow() });
    await untilWriting(store);
    child.kill("SIGTERM");
    const { code, err } = await done;
    expect([code, err]).toEqual([1, "✖ stopped by SIGTERM: nothing is left of it, it can be run again\n"]);
    expect(namesIn(store)).toEqual([]);
  });

  it("when pg_dump fails at the end", async () => {
    const { store, settings } = newStore();
    const failing = programsWith(folder.path, "pg_dump", unlessAsked('real "$@"; exit 1'));
    const { code, err } = await runOps(BACKUP, [], { ...settings, PG_BIN: failing });
    expect([code, err]).toEqual([1, "✖ pg_dump says ended with exit code 1\n"]);
    expect(namesIn(store)).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)("when the disk is full", async () => {
    const small = join(folder.path, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]);
    try {
      const { settings } = newStore();
      const { code, err } = await runOps(BACKUP, [], { ...settings, BACKUP_STORE: small });
      const line = `✖ the disk of ${small} is full, no backup was made: make room there, or choose another store\n`;
      expect([code, err]).toEqual([1, line]);
      expect(namesIn(small)).toEqual([]);
    } finally {
      execFileSync("umount", [small]);
    }
  });
});

describe("one clear line", () => {
  it("for a pooler that keeps no sessions, and DATABASE_DIRECT_URL leads past it", async () => {
    const pooler = await startPgBouncer([server.urls.owner], { settings: { default_pool_size: "4" } });
    try {
      const { settings } = newStore({ DATABASE_URL: pooler.through(server.urls.owner) });
      const { code, err } = await runOps(BACKUP, [], settings);
      expect(code).toBe(1);
      expect(err).toMatch(/^✖ this needs sessions, which the pooler at .* set DATABASE_DIRECT_URL .*\n$/u);
      expect((await runOps(BACKUP, [], { ...settings, DATABASE_DIRECT_URL: server.urls.owner })).code).toBe(0);
    } finally {
      await pooler.stop();
    }
  });

  it.each([
    ["without a store", { BACKUP_STORE: "" }, /where are backups kept\? Set BACKUP_STORE/u],
    ["for a wrong store", { BACKUP_STORE: "s3://" }, /s3:\/\/ is no store: write s3:\/\/bucket\/prefix/u],
    ["for a store that is a file", { BACKUP_STORE: "/etc/passwd" }, /\/etc\/passwd is no folder/u],
    ["for wrong recipients", { BACKUP_AGE_RECIPIENTS: "bob" }, /BACKUP_AGE_RECIPIENTS holds no public keys/u],
    [
      "where nothing listens",
      { DATABASE_URL: "postgresql://postgres@127.0.0.1:1/postgres" },
      /nothing listens at 127/u,
    ],
  ])("%s", async (_what, environment, line) => {
    const { backup } = newStore(environment);
    const { code, err } = await backup();
    expect(code).toBe(1);
    expect(err).toMatch(line);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("for a user who may not read everything", async () => {
    const { store, backup } = newStore({ DATABASE_URL: server.urls.authenticator });
    const { code, err } = await backup();
    expect(code).toBe(1);
    expect(err).toMatch(/^✖ .*permission denied .*\n$/u);
    expect(namesIn(store)).toEqual([]);
  });

  it("for a pg_dump that is older than the server", async () => {
    const { settings } = newStore();
    const old = programsWith(folder.path, "pg_dump", "echo 'pg_dump (PostgreSQL) 14.9'");
    const { code, err } = await runOps(BACKUP, [], { ...settings, PG_BIN: old });
    const { major } = requirePostgresBinaries();
    expect([code, err]).toEqual([
      1,
      `✖ the server is PostgreSQL ${major}, pg_dump here is 14, which cannot dump it: install postgresql-client-${major}, or set PG_BIN to the folder of a newer pg_dump\n`,
    ]);
  });

  it("for the embedded database", () => {
    expect(() => refuseEmbedded({ kind: "embedded" })).toThrow("stop npm start and copy the folder .local");
  });
});
