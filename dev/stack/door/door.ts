import { createServer, type Socket } from "node:net";
import { messageOf, StackError } from "../../base/stack-error.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { portInUse } from "../start/ports.mjs";
import { DoorClient, type DoorRules } from "./client.ts";

/** The port at which psql and other tools reach the embedded database. */
export interface Door {
  readonly port: number;
  /** Connection string of the owner role. */
  readonly url: string;
  close(): Promise<void>;
}

export interface DoorOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  port: number;
  password: string;
  /** How long a transaction may keep the session from everybody else. Default: 30 s. */
  limitMs?: number;
  /** Gets one line when something is wrong with the database itself. */
  log?: (line: string) => void;
}

const LIMIT_MS = 30_000;

const LOGIN_SETTINGS = `
  select split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as setting
  from pg_db_role_setting cross join unnest(setconfig) setting
  where setdatabase in (0, (select oid from pg_database where datname = current_database()))
    and setrole in (0, (select oid from pg_roles where rolname = $1))
  order by setrole, setdatabase`;

/**
 * Opens a PostgreSQL port to the embedded database, on this machine only. Its one session is shared: a client has it
 * for the whole of its transaction, as the owner and with its own settings; the API and other clients wait their turn.
 *
 * @throws StackError naming the port when it is taken.
 */
export async function openDoor(database: StackDatabase, options: DoorOptions): Promise<Door> {
  const { port, password, limitMs = LIMIT_MS, log = console.error } = options;
  const clients = new Map<DoorClient, Promise<void>>();
  const [version] = await database.admin.query<{ server_version: string }>("show server_version");
  const settings = await database.admin.query<{ name: string; setting: string }>(LOGIN_SETTINGS, [database.ownerRole]);
  const rules: DoorRules = {
    database,
    password,
    limitMs,
    log,
    settings: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
    serverVersion: version?.server_version ?? "",
    cancel(id, secret) {
      for (const client of clients.keys()) if (client.id === id && client.secret === secret) client.cancel();
    },
  };
  let lastId = 0;
  const server = createServer((socket: Socket) => {
    lastId += 1;
    const client = new DoorClient(lastId, socket, rules);
    const served = client
      .serve()
      .catch((error) => log(`the database port could not end a transaction: ${messageOf(error)}`))
      .finally(() => clients.delete(client));
    clients.set(client, served);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject("code" in error && error.code === "EADDRINUSE" ? new StackError(portInUse("database", port)) : error),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const login = `${database.ownerRole}:${encodeURIComponent(password)}`;
  const address = server.address();
  const ownPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    port: ownPort,
    url: `postgresql://${login}@127.0.0.1:${ownPort}/postgres?sslmode=disable`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of clients.keys()) client.close("57P01", "the stack stops");
      await Promise.all(clients.values());
      await closed;
    },
  };
}
