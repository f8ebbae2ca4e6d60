import { chownSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findFreePort } from "../../dev/stack/database/free-port.ts";
import { osUserFor } from "../../dev/stack/database/os-user.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { type AdminPool, openAdmin, type Parameter, type Sql, signUpBySql } from "./admin.ts";
import { startTestCluster, type TestCluster } from "./cluster.ts";
import { Runbook } from "./runbook.ts";
import { changeSettings, dailyLimits } from "./settings.ts";

/** A server that must not lose anything, a place for its backups, and the reader of the pages that say how. */
export interface DurableServer extends TestCluster {
  /** SQL as the superuser. It connects anew when the server was another one meanwhile. */
  sql: Sql;
  /** SQL as the superuser on the other server, which a page has made. */
  otherSql: Sql;
  /** For clients that look for the one of both that takes commands. */
  bothUrl: string;
  runbook: Runbook;
  /** Pairs of neighbours who may do as much as they like. */
  members: string[];
}

/** Starts one, with everything that the pages tell the reader to set. */
export async function startDurableServer(name: string, pairs = 4): Promise<DurableServer> {
  const started = await startTestCluster({ name, isThrowaway: false });
  const { cluster, urls } = started;
  const folder = cluster.directory;
  const tools = join(folder, "tools");
  mkdirSync(tools);
  const user = osUserFor(folder);
  if (user) chownSync(tools, user.uid, user.gid);
  const other = { data: join(folder, "other"), log: join(folder, "other.log"), port: String(await findFreePort()) };
  const toOther = (url: string) => url.replace(`:${cluster.port}/`, `:${other.port}/`);
  const password = new URL(urls.superuser).password;
  const runbook = new Runbook(folder, {
    PATH: [cluster.binaries.directory, process.env["PATH"]].join(delimiter),
    ADMIN_URL: urls.superuser,
    REPLICATION_URL: cluster.url("replicator"),
    REPLICATION_PASSWORD: password,
    DATA: join(folder, "data"),
    LOG: join(folder, "server.log"),
    BASES: join(folder, "base"),
    ARCHIVE: join(folder, "wal"),
    TOOLS: tools,
    STORE: join(folder, "dumps"),
    RESTORE_URL: cluster.url(SUPERUSER, "restored"),
    LOST: join(folder, "lost.csv"),
    RECOVERED: other.data,
    RECOVERED_LOG: other.log,
    RECOVERED_PORT: other.port,
    RECOVERED_URL: toOther(urls.superuser),
    STANDBY: other.data,
    STANDBY_LOG: other.log,
    STANDBY_PORT: other.port,
    STANDBY_URL: toOther(urls.superuser),
    STANDBY_REPLICATION_URL: toOther(cluster.url("replicator")),
  });
  const pools = new Map<string, AdminPool>();
  const asAdmin =
    (url: string): Sql =>
    (text, parameters?: readonly Parameter[]) => {
      const pool = pools.get(url) ?? openAdmin(url, 1);
      pools.set(url, pool);
      return pool.sql(text, parameters);
    };
  const sql = asAdmin(urls.superuser);
  await sql("alter system set fsync = off"); // servers are killed here, but nobody takes the power away
  const members = await signUpBySql(sql, pairs * 2);
  await changeSettings(sql, {
    points_limit_per_pair: 1_000_000,
    points_limit_per_creator: 1_000_000,
    points_limit_per_helper: 1_000_000,
    open_task_limit: 1_000,
    ...dailyLimits(100_000),
  });
  return {
    ...started,
    sql,
    otherSql: asAdmin(toOther(urls.superuser)),
    bothUrl: `${urls.authenticator.replace(`:${cluster.port}/`, `:${cluster.port},127.0.0.1:${other.port}/`)}&target_session_attrs=read-write`,
    runbook,
    members,
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      for (const data of ["other", "data"]) {
        await runbook.run(
          `if [ -e ${data}/postmaster.pid ]; then pg_ctl stop --pgdata=${data} --mode=immediate --silent; fi`,
        );
      }
      await started.destroy();
    },
  };
}
