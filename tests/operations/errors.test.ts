import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { osUserFor } from "../../dev/stack/database/os-user.ts";
import { connect, refuseOldVersion } from "../../ops/core/connection.ts";
import { explain } from "../../ops/core/explain.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

// Every line but those at the end is provoked for real: on a server, at a pooler, or on the way there.

requireCluster("tests/operations");

let server: TestCluster;
let certificates = "";
let silent: Server;
const poolers: Record<string, PgBouncer> = {};
beforeAll(async () => {
  server = await startTestCluster({ name: "errors" });
  const superuser = await connect({ url: server.urls.superuser });
  const { password } = new URL(server.urls.owner);
  const sql = [
    "create database empty",
    `create role crowded login connection limit 0 password '${password}'`,
    `create role encrypted login password '${password}'`,
    `create role outside login password '${password}'`,
  ];
  for (const statement of sql) await superuser.query(statement);
  await superuser.close();

  const urls = [server.urls.owner];
  poolers["plain"] = await startPgBouncer(urls, { settings: { default_pool_size: "2" } });
  poolers["full"] = await startPgBouncer(urls, { settings: { max_client_conn: "1" } });
  poolers["waiting"] = await startPgBouncer(urls, {
    mode: "session",
    settings: { default_pool_size: "1", query_wait_timeout: "1" },
  });
  const gone = new URL(server.urls.owner);
  gone.port = "1";
  poolers["orphaned"] = await startPgBouncer([gone.href], {
    settings: { server_login_retry: "1", query_wait_timeout: "3" },
  });
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  certificates = mkdtempSync(join(tmpdir(), "neighbourhood-tls-"));
});
afterAll(async () => {
  silent?.close();
  for (const pooler of Object.values(poolers)) await pooler.stop();
  await server?.destroy();
  if (certificates !== "") rmSync(certificates, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

/** The owner's address with parts replaced. */
function address(change: (url: URL) => void, from: string = server.urls.owner): string {
  const url = new URL(from);
  change(url);
  return url.href;
}
const through = (name: string) => poolers[name]?.through(server.urls.owner) ?? "";

/** The one line of what goes wrong on the way to an address, or with a statement there. */
async function lineOf(url: string, statement = "select 1"): Promise<string> {
  try {
    const database = await connect({ url });
    try {
      await database.query(statement);
    } finally {
      await database.close();
    }
  } catch (error) {
    expect(error).toMatchObject({ name: "StackError" });
    const { message } = error as Error;
    expect(message).not.toMatch(/\n/u);
    expect(message).not.toContain(decodeURIComponent(new URL(server.urls.owner).password));
    return message;
  }
  throw new Error("nothing went wrong");
}

it.each<[what: string, url: () => string, line: RegExp]>([
  [
    "the host is unknown",
    () => address((url) => (url.hostname = "no-such-host.invalid")),
    /^there is no host of no-such-host\.invalid:\d+\/postgres: look for a typing error/u,
  ],
  [
    "nobody listens",
    () => address((url) => (url.port = "1")),
    /^nothing listens at 127\.0\.0\.1:1\/postgres: start the database, or mend/u,
  ],
  [
    "there is no socket",
    () => "postgresql:///postgres?host=/nowhere",
    /^no server has its socket at \/nowhere:5432\/postgres: start/u,
  ],
  [
    "the password is wrong",
    () => address((url) => (url.password = "wrong")),
    /does not take this user and password: mend them in DATABASE_URL/u,
  ],
  [
    "the user is unknown",
    () => address((url) => (url.username = "nobody")),
    /does not take this user and password: mend/u,
  ],
  [
    "the database does not exist",
    () => address((url) => (url.pathname = "/nothing")),
    /^there is no database of the name at 127\.0\.0\.1:\d+\/nothing: mend the name/u,
  ],
  [
    "there are too many connections",
    () => address((url) => (url.username = "crowded")),
    /has too many connections: lower DATABASE_POOL_MAX, close/u,
  ],
  [
    "TLS is asked for and not offered",
    () => address((url) => url.searchParams.set("sslmode", "require")),
    /offers no encryption: take sslmode out of DATABASE_URL/u,
  ],
  [
    "the mode of TLS is unknown",
    () => address((url) => url.searchParams.set("sslmode", "yes")),
    /^sslmode=yes of DATABASE_URL is unknown: write disable/u,
  ],
  ["it is no address", () => "localhost:5432", /^DATABASE_URL is no address: write postgresql:/u],
  ["it is another database's", () => "sqlite:./data.db", /^DATABASE_URL is no address: write postgresql:/u],
  [
    "the password has a % that stands alone",
    () => "postgresql://me:100%@localhost/db",
    /^DATABASE_URL is no address: a % .* is written %25/u,
  ],
  [
    "a pooler is given a role at login",
    () => address((url) => url.searchParams.set("options", "-c role=postgres"), through("plain")),
    /^the pooler at .* refuses the setting (?:options|role|.*): take it out of the address, or set DATABASE_DIRECT_URL/u,
  ],
  [
    "a pooler does not know the user",
    () => address((url) => (url.username = "nobody"), through("plain")),
    /knows no such user, or another password: mend both|does not take this user/u,
  ],
  [
    "a pooler's server has no such database",
    () => address((url) => (url.pathname = "/nothing"), through("plain")),
    /^there is no database of the name at/u,
  ],
  [
    "a pooler does not reach its server",
    () => through("orphaned"),
    /^the pooler at .* does not reach its server|has no connection free/u,
  ],
])("%s", async (_what, url, line) => {
  expect(await lineOf(url())).toMatch(line);
});

it("a host that never answers", async () => {
  vi.stubEnv("DATABASE_CONNECT_TIMEOUT", "1");
  const { port } = silent.address() as { port: number };
  expect(await lineOf(`postgresql://me@127.0.0.1:${port}/db`)).toMatch(
    /did not answer in time: .* raise DATABASE_CONNECT_TIMEOUT/u,
  );
});

it.each<[what: string, url: () => string, statement: string, line: RegExp]>([
  [
    "a table is missing",
    () => address((url) => (url.pathname = "/empty")),
    "select * from public.tasks",
    /^relation "public\.tasks" does not exist in .*\/empty: its migrations are missing or older .* run npm run db:push$/u,
  ],
  [
    "a schema is missing",
    () => address((url) => (url.pathname = "/empty")),
    "create table ops.x ()",
    /^schema "ops" does not exist in .* run npm run db:push$/u,
  ],
  [
    "a function is missing",
    () => server.urls.owner,
    "select ops.no_such_job()",
    /^function ops\.no_such_job\(\) does not exist in .* run npm run db:push$/u,
  ],
  [
    "a right is missing",
    () => address((url) => (url.username = "outside")),
    "select * from private.settings",
    /^permission denied for schema private in .*: DATABASE_URL needs a user with that right/u,
  ],
  [
    "nothing may be written",
    () => address((url) => url.searchParams.set("options", "-c default_transaction_read_only=on")),
    "create table public.x ()",
    /takes no writes here: it is a standby, or this user only reads/u,
  ],
  [
    "somebody holds the lock",
    () => address((url) => url.searchParams.set("options", "-c lock_timeout=1ms")),
    "select * from public.tasks for update nowait",
    /somebody else holds a lock/u,
  ],
])("%s, says the server", async (what, url, statement, line) => {
  if (what !== "somebody holds the lock") return expect(await lineOf(url(), statement)).toMatch(line);
  const other = await connect({ url: server.urls.owner });
  await other.transaction(async (session) => {
    await session.query("lock table public.tasks");
    expect(await lineOf(url(), statement)).toMatch(line);
  });
  await other.close();
});

it("a pooler takes no more clients, or has no server free", async () => {
  const holder = postgres(through("full"), { max: 1, prepare: false });
  await holder`select 1`;
  expect(await lineOf(through("full"))).toMatch(
    /has no connection free: lower DATABASE_POOL_MAX, or raise its pool_size/u,
  );
  await holder.end();
  const waiting = postgres(through("waiting"), { max: 1, prepare: false });
  await waiting`select 1`;
  expect(await lineOf(through("waiting"))).toMatch(
    /closed the connection: .* \(behind a pooler its pool may be exhausted/u,
  );
  await waiting.end();
});

describe("TLS", () => {
  const file = (name: string) => join(certificates, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  beforeAll(async () => {
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
    openssl(
      ...request,
      "-keyout",
      file("key"),
      "-out",
      file("own"),
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
    );
    openssl(...request, "-keyout", file("other-key"), "-out", file("other"), "-subj", "/CN=Another authority");
    chmodSync(certificates, 0o755);
    const user = osUserFor(certificates);
    if (user) for (const name of ["key", "own"]) chownSync(file(name), user.uid, user.gid);
    chmodSync(file("key"), 0o600);
    const superuser = await connect({ url: server.urls.superuser, direct: true });
    for (const [name, value] of [
      ["ssl_cert_file", file("own")],
      ["ssl_key_file", file("key")],
      ["ssl", "on"],
    ]) {
      await superuser.query(`alter system set ${name} = '${value}'`);
    }
    const data = join(server.cluster.directory, "data/pg_hba.conf");
    writeFileSync(data, `hostnossl all encrypted all reject\n${readFileSync(data, "utf8")}`);
    await superuser.query("select pg_reload_conf()");
    await superuser.close();
    await vi.waitFor(() => isEncrypted(at("localhost", "require")), { timeout: 20_000 });
  });

  const at = (hostname: string, mode: string, root?: string): string =>
    address((url) => {
      url.hostname = hostname;
      url.search = `?sslmode=${mode}${root === undefined ? "" : `&sslrootcert=${file(root)}`}`;
    });
  const isEncrypted = async (url: string): Promise<boolean> => {
    const database = await connect({ url });
    const [row] = await database.query<{ ssl: boolean }>("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    await database.close();
    return row?.ssl ?? false;
  };

  it.each([
    ["disable", undefined, false],
    ["prefer", undefined, true],
    ["require", undefined, true],
    ["require", "own", true],
    ["verify-ca", "own", true],
    ["verify-full", "own", true],
  ])("sslmode=%s with the root %s connects, encrypted: %s", async (mode, root, encrypted) => {
    expect(await isEncrypted(at("localhost", mode, root))).toBe(encrypted);
  });

  it("verify-ca takes another name, verify-full does not", async () => {
    expect(await isEncrypted(at("127.0.0.1", "verify-ca", "own"))).toBe(true);
    expect(await lineOf(at("127.0.0.1", "verify-full", "own"))).toMatch(
      /^the certificate of 127\.0\.0\.1:\d+\/postgres is for another name: write that host name/u,
    );
  });

  it.each([
    ["verify-full", undefined],
    ["verify-full", "other"],
    ["verify-ca", "other"],
    ["require", "other"],
  ])("sslmode=%s with the root %s does not trust a stranger", async (mode, root) => {
    expect(await lineOf(at("localhost", mode, root))).toMatch(
      /from an authority that is not trusted here: append sslrootcert=/u,
    );
  });

  it("a root that is not there is named", async () => {
    expect(await lineOf(at("localhost", "verify-full", "nowhere"))).toMatch(
      /^sslrootcert=.*nowhere of DATABASE_URL cannot be read \(ENOENT\): name/u,
    );
  });

  it("who takes only encrypted connections says so", async () => {
    const plain = address((url) => {
      url.username = "encrypted";
      url.search = "?sslmode=disable";
    });
    expect(await lineOf(plain)).toMatch(/takes only encrypted connections: append \?sslmode=require to DATABASE_URL/u);
    expect(
      await isEncrypted(
        address((url) => {
          url.username = "encrypted";
          url.search = "";
        }),
      ),
    ).toBe(true);
  });
});

describe("what this machine cannot provoke", () => {
  it("an old server", () => {
    expect(() => refuseOldVersion("here", 14)).toThrow(/^here is PostgreSQL 14: 15 or newer is needed, upgrade it/u);
    expect(() => refuseOldVersion("here", 15)).not.toThrow();
  });

  it.each([
    [{ code: "ENETUNREACH", message: "connect ENETUNREACH" }, /IPv6 only: its pooler has IPv4/u],
    [{ code: "CERT_HAS_EXPIRED", message: "certificate has expired" }, /not valid today/u],
    [
      { code: "26000", message: 'prepared statement "s1" does not exist' },
      /named prepared statement met another server/u,
    ],
    [{ code: "53100", message: "could not extend file" }, /the disk of here is full/u],
    [
      { code: "57P03", message: "the database system is starting up" },
      /is not ready \(the database system is starting up\): wait/u,
    ],
    [{ code: "XX000", message: "Max client connections reached" }, /has no connection free/u],
  ])("%j", (error, line) => {
    expect(explain(Object.assign(new Error(error.message), error), "here")?.message).toMatch(line);
  });

  it("a defect of ours is none of these", () => {
    expect(explain(new TypeError("x is not a function"), "here")).toBeUndefined();
    expect(explain(Object.assign(new Error("open 'x'"), { code: "ENOENT" }), "here")).toBeUndefined();
  });
});
