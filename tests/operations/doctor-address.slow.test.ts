import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { findFreePort } from "../../dev/stack/database/free-port.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { generateFunctionKeys } from "../../dev/stack/keys.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { openClient, visit } from "../support/doctor.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { soon } from "../support/soon.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

let server: TestCluster;
let admin: SqlSession;
let pooler: PgBouncer;

beforeAll(async () => {
  server = await startTestCluster({ name: "doctor-address", settings: { max_connections: "30" } });
  admin = openClient(server.urls.superuser, "doctor.test");
  await admin.query("select * from ops.run_due_jobs()"); // the server may be a copy of an older one
  await admin.script(`
    create role stranger login password 'secret'; create role reader login password 'secret'; grant app_read to reader;
    create role locked_out password 'secret'; create role narrow login password 'secret' connection limit 0`);
  pooler = await startPgBouncer([server.urls.owner, server.urls.superuser]);
});
afterAll(async () => {
  await pooler?.stop();
  await admin?.close();
  await server?.destroy();
});

/** The owner's address with something else in it. */
const address = (changes: {
  user?: string;
  password?: string;
  database?: string;
  port?: number;
  query?: string;
}): string => {
  const url = new URL(server.urls.owner);
  if (changes.user !== undefined) url.username = changes.user;
  url.password = changes.password ?? (changes.user === undefined ? url.password : "secret");
  if (changes.database !== undefined) url.pathname = `/${changes.database}`;
  if (changes.port !== undefined) url.port = String(changes.port);
  if (changes.query !== undefined) url.search = changes.query;
  return url.href;
};

describe("an address", () => {
  it.each([
    ["", "url_missing"],
    ["127.0.0.1:5432/postgres", "url_malformed"],
    ["mysql://user:secret@host/database", "url_malformed"],
    ["postgresql://user:se#cret@host/database", "url_malformed"],
    ["postgresql://user:[YOUR-PASSWORD]@db.example.org:5432/postgres", "url_malformed"],
    ["postgresql://user:secret@host/database?sslmode=maybe", "url_malformed"],
  ])("%j is %s; nothing is asked of it, and its password not shown", async (url, illness) => {
    const { reports, illnesses } = await visit(url, []);
    expect(illnesses).toEqual([illness]);
    expect(JSON.stringify(reports)).not.toMatch(/:secret|se#cret/u);
    expect(reports.slice(1).map(({ findings }) => findings[0].level)).toEqual(
      Array(reports.length - 1).fill("unasked"),
    );
  });

  it("of a pooler needs a direct one besides; its numbers have to be some", async () => {
    vi.stubEnv("DATABASE_POOL_MIN", "9");
    vi.stubEnv("DATABASE_POOL_MAX", "2");
    expect((await visit(server.urls.owner, ["environment"])).illnesses).toEqual(["settings_malformed"]);
    vi.unstubAllEnvs();
    const url = "postgresql://user:secret@127.0.0.1:6543/postgres";
    expect((await visit(url, ["environment"])).illnesses).toContain("direct_url_missing");
  });
});

describe("the way there", () => {
  it.each([
    ["host_unknown", () => "postgresql://a:b@no-such-host.invalid/postgres"],
    ["host_unreachable", () => address({ port: 1 })],
    ["tls_refused", () => address({ query: "sslmode=require" })],
    ["password_wrong", () => address({ password: "wrong" })],
    ["password_wrong", () => address({ user: "nobody_at_all" })],
    ["login_refused", () => address({ user: "locked_out" })],
    ["database_missing", () => address({ database: "nothing" })],
    ["connections_used_up", () => address({ user: "narrow" })],
    ["rights_missing", () => address({ user: "stranger" })],
  ])("%s is found, and the rest not taken for fine", async (illness, url) => {
    const { illnesses, findings } = await visit(url(), ["jobs", "audits"]);
    expect(illnesses).toEqual([illness]);
    const levels = findings.map(({ level }) => level);
    expect(levels.filter((level) => level === "unasked").length).toBeGreaterThanOrEqual(2);
    expect(levels).not.toContain("fine");
  });

  it("what listens but is no PostgreSQL is unreachable", async () => {
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as { port: number };
    expect((await visit(address({ port }), ["reachability"])).illnesses).toEqual(["host_unreachable"]);
    web.close();
  });

  it("a server that takes encrypted connections alone says so", async () => {
    const file = join(server.cluster.directory, "data/pg_hba.conf");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, `hostnossl all reader 127.0.0.1/32 reject\n${before}`);
    await admin.script("select pg_reload_conf()");
    await soon(async () => {
      expect((await visit(address({ user: "reader" }), ["reachability"])).illnesses).toEqual(["tls_demanded"]);
    });
    writeFileSync(file, before);
    await admin.script("select pg_reload_conf()");
  });

  it("a role for reading sees what is not about sessions", async () => {
    await soon(async () => {
      const { reports, illnesses } = await visit(address({ user: "reader" }), [
        "credentials",
        "jobs",
        "audits",
        "migrations",
      ]);
      expect(illnesses).toEqual(["sessions_hidden"]);
      const levels = Object.fromEntries(reports.map(({ subject, findings }) => [subject, findings[0].level]));
      expect(levels).toEqual({ credentials: "warning", migrations: "unasked", jobs: "fine", audits: "fine" });
    });
  });
});

it("connections that run out are counted, by whom", async () => {
  const many = Array.from({ length: 21 }, () => openClient(server.urls.owner, "app"));
  try {
    for (const one of many) await one.query("select 1");
    await soon(async () => {
      const { findings, illnesses } = await visit(server.urls.owner, ["connections"]);
      expect(illnesses).toEqual(["connections_many"]);
      expect(findings[0]?.says).toMatch(/of 27 connections are used, \d+ of them by postgres/u);
    });
    for (let more = 0; more < 3; more += 1) many.push(openClient(server.urls.owner, "app"));
    for (const one of many) await one.query("select 1");
    expect((await visit(server.urls.superuser, ["connections"])).illnesses).toEqual(["connections_nearly_full"]);
  } finally {
    await Promise.all(many.map((one) => one.close()));
  }
  await soon(async () => expect((await visit(server.urls.owner, ["connections"])).illnesses).toEqual([]));
});

it("through a pooler in transaction mode all is asked and cured", async () => {
  const url = pooler.through(server.urls.owner);
  const { reports, illnesses } = await visit(url, []);
  expect(illnesses.filter((name) => !["backup_missing", "statements_not_recorded"].includes(name))).toEqual([]);
  expect(reports.filter(({ findings }) => findings[0].level === "unasked").map(({ subject }) => subject)).toEqual([
    "secrets",
    "smtp",
    "vapid",
  ]);
  const forgotten = openClient(pooler.through(server.urls.owner), "till");
  await forgotten.script("begin; select 1").catch(() => undefined);
  await soon(async () => {
    const { repaired } = await visit(url, ["sessions"], { limitSeconds: 1 }, "yes");
    expect(repaired).toEqual([expect.objectContaining({ outcome: "ended" })]);
  });
  await forgotten.close();
  expect((await visit(url, ["sessions"], { limitSeconds: 1 })).illnesses).toEqual([]);
});

describe("mail and push", () => {
  const keys = generateFunctionKeys();
  const secrets = { SEALING_KEYS: keys.sealingKeys };
  const mail = (port: number) => ({
    ...secrets,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(port),
    SMTP_SECURITY: "none",
    SMTP_FROM: "a@example.org",
  });
  const seen = async (subject: string, variables: Record<string, string>) =>
    (await visit("", [subject], { secrets: variables })).illnesses.filter((name) => name !== "url_missing");

  it("a mail server greets, or not; nothing is sent", async () => {
    let sent = 0;
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData: (stream, _session, done) => {
        sent += 1;
        stream.resume().on("end", () => done());
      },
    });
    const port = await findFreePort();
    await new Promise<void>((resolve) => smtp.listen(port, "127.0.0.1", resolve));
    expect(await seen("smtp", mail(port))).toEqual([]);
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    expect(await seen("smtp", mail(port))).toEqual(["smtp_unreachable"]);
    expect(await seen("smtp", secrets)).toEqual(["smtp_off"]);
    expect(await seen("smtp", { ...mail(port), SMTP_FROM: "nobody" })).toEqual(["smtp_malformed"]);
    expect(sent).toBe(0);
  });

  it("VAPID keys are read, and compared with each other", async () => {
    const push = {
      ...secrets,
      VAPID_PUBLIC_KEY: keys.vapidKeys.publicKey,
      VAPID_PRIVATE_KEY: keys.vapidKeys.privateKey,
      VAPID_SUBJECT: "mailto:a@example.org",
    };
    expect(await seen("vapid", push)).toEqual([]);
    expect(await seen("vapid", { ...push, VAPID_PRIVATE_KEY: generateFunctionKeys().vapidKeys.privateKey })).toEqual([
      "vapid_pair_differs",
    ]);
    expect(await seen("vapid", { ...push, VAPID_PRIVATE_KEY: "short" })).toEqual(["vapid_malformed"]);
    expect(await seen("vapid", secrets)).toEqual(["push_off"]);
  });
});

describe("npm run doctor", () => {
  const run = (args: string[], url: string): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, DATABASE_URL: url };
      execFile(process.execPath, [join(paths.root, "ops/doctor/main.ts"), ...args], { env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });

  it("exits with 0 when nothing is ill, with 1 when something is, and prints JSON", async () => {
    const well = await run(["--only", "jobs", "--json"], server.urls.owner);
    expect(well.code).toBe(0);
    expect(JSON.parse(well.out)).toMatchObject({ counts: { fine: 1, problem: 0 }, subjects: [{ subject: "jobs" }] });
    const away = await run(["--only", "jobs"], address({ port: 1 }));
    expect(away.code).toBe(1);
    expect(away.out).toMatch(/^✗ reachability /mu);
    expect(away.out).toMatch(/^\? jobs /mu);
    expect(away.err).toBe("");
  });

  it.each([
    [["--only", "nothing"], "there is no subject nothing"],
    [["--yes"], "--yes and --dry-run go with --fix"],
    [["--fix"], "--fix asks at a terminal: add --yes or --dry-run"],
    [["--over", "soon"], "--over soon is no number of minutes"],
  ])("%j is wrong usage", async (args, line) => {
    const { code, err } = await run(args, "");
    expect({ code, line: err.split("\n")[0] }).toEqual({ code: 2, line });
  });
});
