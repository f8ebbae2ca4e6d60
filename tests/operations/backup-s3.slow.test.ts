import { existsSync, globSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, emptyDatabase, type Folder, programsWith, temporaryFolder } from "../support/backups.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runOps, startCommand } from "../support/ops-command.ts";
import { type S3Server, startS3Server } from "../support/s3-server.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

const BACKUP = "ops/backup/main.ts";

let server: TestCluster;
let s3: S3Server;
let folder: Folder;
beforeAll(async () => {
  [server, s3] = await Promise.all([startTestCluster({ name: "backup-s3" }), startS3Server("backups")]);
  folder = temporaryFolder("backup-s3");
  // more than one part of an upload
  await ask(
    server.urls.owner,
    "create table private.ballast as select md5(i::text) || md5((-i)::text) as text from generate_series(1, 400000) i",
  );
});
afterAll(async () => {
  folder?.remove();
  await s3?.stop();
  await server?.destroy();
});

const settings = (environment: Readonly<Record<string, string>> = {}) => ({
  ...s3.environment,
  DATABASE_URL: server.urls.owner,
  BACKUP_STORE: "s3://backups/neighbourhood",
  ...environment,
});
const stored = () => globSync("backups/neighbourhood/*/*_object", { cwd: s3.folder });

it("a backup goes into a bucket in parts, and comes back from there", async () => {
  const { code, out, err } = await runOps(BACKUP, ["--json"], settings());
  expect([code, err]).toEqual([0, ""]);
  const { name, dump, store } = JSON.parse(out) as { name: string; dump: { bytes: number }; store: string };
  expect(dump.bytes).toBeGreaterThan(16 * 1024 * 1024);
  expect(store).toBe("s3://backups/neighbourhood");
  expect(stored().length).toBe(3);
  const listed = await runOps(BACKUP, ["--list", "--json"], settings());
  expect(JSON.parse(listed.out)).toMatchObject([{ name, is_good: true, kind: "manual" }]);

  const target = await emptyDatabase(server.urls.superuser, "target");
  const restored = await runOps("ops/restore/main.ts", [], settings({ DATABASE_URL: target }));
  expect([restored.code, restored.err]).toEqual([0, ""]);
  expect(await ask(target, "select count(*) from private.ballast")).toEqual([{ count: 400_000 }]);
});

it("killed in the middle nothing looks like a backup, and the next run takes the rest away", async () => {
  const slow = programsWith(
    folder.path,
    "pg_dumpall",
    'case "$*" in *--version*) real "$@";; *) echo begun; sleep 60;; esac',
  );
  const before = stored().length;
  const { child, done } = startCommand(BACKUP, [], settings({ PG_BIN: slow }));
  await expect.poll(() => stored().length, { timeout: 120_000 }).toBe(before + 1);
  child.kill("SIGKILL");
  await done;
  const left = stored();
  const listed = await runOps(BACKUP, ["--list", "--json"], settings());
  expect(JSON.parse(listed.out)).toHaveLength(1);
  await expect
    .poll(async () => (await runOps(BACKUP, [], settings())).code, { timeout: 120_000, interval: 500 })
    .toBe(0);
  expect(left.filter((path) => existsSync(`${s3.folder}/${path}`))).toHaveLength(before);
});

describe("one clear line", () => {
  it.each([
    ["for a wrong secret", { AWS_SECRET_ACCESS_KEY: "wrong" }, /refuses the secret key: mend AWS_SECRET_ACCESS_KEY/u],
    ["for an unknown key", { AWS_ACCESS_KEY_ID: "wrong" }, /does not know this access key: mend AWS_ACCESS_KEY_ID/u],
    ["for no bucket", { BACKUP_STORE: "s3://none" }, /there is no bucket for s3:\/\/none: create it/u],
    ["where nothing listens", { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" }, /127\.0\.0\.1:1 cannot be reached/u],
    ["without keys", { AWS_ACCESS_KEY_ID: "", AWS_EC2_METADATA_DISABLED: "true" }, /there are no keys for s3:/u],
  ])("%s", async (_what, environment, line) => {
    const { code, err } = await runOps(BACKUP, [], settings(environment));
    expect(code).toBe(1);
    expect(err).toMatch(line);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("for a server that is overloaded", async () => {
    const overloaded = createServer((_request, response) => {
      response.writeHead(503, { "content-type": "application/xml" });
      response.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => overloaded.once("listening", resolve));
    const { port } = overloaded.address() as AddressInfo;
    const { code, err } = await runOps(BACKUP, [], settings({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` }));
    overloaded.close();
    expect(code).toBe(1);
    expect(err).toBe("✖ s3://backups/neighbourhood does not work at the moment (503 SlowDown): try again later\n");
  });
});
