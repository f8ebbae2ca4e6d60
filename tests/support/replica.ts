import { execFile } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openCluster } from "../../dev/stack/database/cluster.ts";
import { osUserFor } from "../../dev/stack/database/os-user.ts";
import { requirePostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { serverDatabase } from "../../dev/stack/database/server.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { createGateway } from "../../dev/stack/gateway/gateway.ts";
import { Tokens } from "../../dev/stack/gateway/tokens.ts";
import { listen } from "../../dev/stack/listen.ts";
import { startRest } from "../../dev/stack/rest/servers.ts";
import { readSettings } from "../../dev/stack/settings.ts";
import { readAddress } from "../../ops/core/address.ts";
import type { Sql } from "./admin.ts";
import type { ThrowawayStack } from "./throwaway-stack.ts";

/** A read replica as a hosted project has one: a streaming standby with REST and an address of its own. */
export interface Replica {
  url: string;
  /** Connection string of the standby's superuser. */
  databaseUrl: string;
  /** SQL on the standby. */
  sql: Sql;
  /** The requests that came, as a log of addresses would hold them. */
  readonly seen: string[];
  /** From now on it repeats what the primary writes so many seconds late. */
  lag(seconds: number): Promise<void>;
  stopServer(): Promise<void>;
  stopGateway(): Promise<void>;
  destroy(): Promise<void>;
}

const NOT_HERE = async (): Promise<Response> => new Response(null, { status: 404 });

/** Makes one of a stack on a cluster of its own. */
export async function startReplica({ stack, keys }: ThrowawayStack): Promise<Replica> {
  const directory = join(tmpdir(), `neighbourhood-test-replica-${process.pid}`);
  mkdirSync(directory, { recursive: true });
  const user = osUserFor(directory);
  if (user) chownSync(directory, user.uid, user.gid);
  const copy = [
    join(requirePostgresBinaries().directory, "pg_basebackup"),
    `--dbname=${stack.superuserUrl}`,
    `--pgdata=${join(directory, "data")}`,
    "--write-recovery-conf",
    "--checkpoint=fast",
    "--no-sync",
  ];
  const [program = "", ...args] = user ? ["runuser", "-u", user.name, "--", ...copy] : copy;
  await promisify(execFile)(program, args, { cwd: "/" });
  const password = keys.databasePassword;
  const cluster = await openCluster({ directory, password, settings: { fsync: "off", cluster_name: "replica" } });
  await cluster.start();

  const databaseUrl = cluster.url(SUPERUSER);
  const admin = openServerSession(databaseUrl);
  const database = serverDatabase({
    admin,
    adminUrl: databaseUrl,
    ownerRole: "postgres",
    url: databaseUrl,
    apiAddress: readAddress(databaseUrl),
    isPooled: false,
    isAdminPooled: false,
  });
  const { rest } = await startRest(database, readSettings(), keys);
  const seen: string[] = [];
  const app = createGateway({
    servers: {
      rest: (request) => {
        const { pathname, search } = new URL(request.url);
        seen.push(`${request.method} ${pathname}${search}`);
        return rest(request);
      },
      auth: NOT_HERE,
      storage: undefined,
      refresh: async () => undefined,
    },
    functions: undefined,
    mailbox: stack.mailbox,
    demoCodeService: undefined,
    keys,
    tokens: new Tokens(keys, () => stack.url),
    log: () => undefined,
  });
  const gateway = await listen(app, 0, "api");
  let isOpen = true;
  const stopGateway = async () => {
    if (isOpen) await gateway.close();
    isOpen = false;
  };
  return {
    url: `http://127.0.0.1:${gateway.port}`,
    databaseUrl,
    sql: (text, parameters) => admin.query(text, parameters),
    seen,
    async lag(seconds) {
      await admin.query(`alter system set recovery_min_apply_delay = '${seconds}s'`);
      await admin.query("select pg_reload_conf()");
    },
    stopServer: () => cluster.stop("immediate"),
    stopGateway,
    async destroy() {
      await stopGateway();
      await database.close().catch(() => undefined); // its server may be gone
      await cluster.destroy();
    },
  };
}
