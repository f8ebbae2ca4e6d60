import { createPostgresConnection } from "@supabase/lite/postgres";
import { type Address, readAddress } from "../../../ops/core/address.ts";
import { clientOptions } from "../../../ops/core/client.ts";
import { refuseStandby } from "../../../ops/core/connection.ts";
import { explained } from "../../../ops/core/explain.ts";
import { inspect } from "../../../ops/core/inspect.ts";
import { StackError } from "../../base/stack-error.ts";
import { apiTypes, TYPE_OID } from "./api-values.ts";
import { createAuthTables } from "./auth-tables.ts";
import type { Cluster } from "./cluster.ts";
import { finishAuthSchema, prepareDatabase } from "./prepare.ts";
import { AUTH_ROLE, REST_ROLE, SEARCH_PATH_BY_ROLE, SUPERUSER } from "./roles.ts";
import { actAs, sessionAs } from "./roles-behind-pooler.ts";
import { openServerSession, type SqlSession } from "./session.ts";
import type { StackDatabase } from "./stack-database.ts";

/**
 * Opens the database of a DATABASE_URL, which may be a pooler's.
 *
 * @param directUrl the server's own, for everything that is done as admin or owner.
 */
export async function openServerDatabase(url: string, directUrl = url): Promise<StackDatabase> {
  const apiAddress = readAddress(url);
  const found = await inspect(apiAddress);
  refuseStandby(apiAddress.name, found);
  const directAddress = readAddress(directUrl);
  const foundDirect = directUrl === url ? found : await inspect(directAddress);
  refuseStandby(directAddress.name, foundDirect);
  const admin = openServerSession(directUrl);
  try {
    const ownerRole = await prepareServer(admin, directUrl);
    return serverDatabase({
      admin,
      adminUrl: directUrl,
      ownerRole,
      url,
      apiAddress,
      isPooled: found.pooling !== "none",
      isAdminPooled: foundDirect.pooling !== "none",
    });
  } catch (error) {
    await admin.close();
    throw error;
  }
}

/** Opens the database of a cluster of our own, starting it first; closing the database stops the cluster. */
export async function openClusterDatabase(cluster: Cluster, password: string): Promise<StackDatabase> {
  await cluster.start();
  const adminUrl = cluster.url(SUPERUSER);
  const admin = openServerSession(adminUrl);
  try {
    const ownerRole = await prepareServer(admin, adminUrl);
    for (const role of [ownerRole, REST_ROLE, AUTH_ROLE]) {
      await admin.script(`alter role ${role} password '${password.replaceAll("'", "''")}'`);
    }
    const database = serverDatabase({
      admin,
      adminUrl,
      ownerRole,
      url: cluster.url(ownerRole),
      apiAddress: readAddress(adminUrl),
      isPooled: false,
      isAdminPooled: false,
    });
    return {
      ...database,
      superuserUrl: adminUrl,
      authenticatorUrl: cluster.url(REST_ROLE),
      async close() {
        await database.close();
        await cluster.stop();
      },
    };
  } catch (error) {
    await admin.close();
    await cluster.stop();
    throw error;
  }
}

async function prepareServer(admin: SqlSession, url: string): Promise<string> {
  const [auth] = await explained(readAddress(url).name, () =>
    admin.query<{ managed: boolean; tables: boolean }>(
      "select to_regclass('auth.schema_migrations') is not null as managed, to_regclass('auth.users') is not null as tables",
    ),
  );
  if (auth?.managed) {
    throw new StackError(
      "this database belongs to a real Supabase project with its own Auth: use the project's URL and keys, and npm run db:push for migrations",
    );
  }
  const { ownerRole } = await prepareDatabase(admin);
  if (!auth?.tables) {
    await createAuthTables(url);
    await finishAuthSchema(admin, ownerRole);
  }
  return ownerRole;
}

export interface ServerParts {
  admin: SqlSession;
  adminUrl: string;
  ownerRole: string;
  url: string;
  /** What REST, Auth, Storage and Studio connect to, and whether that is a pooler. */
  apiAddress: Address;
  isPooled: boolean;
  isAdminPooled: boolean;
}

/** The database of a server that has everything it needs. */
export function serverDatabase(parts: ServerParts): StackDatabase {
  const { admin, adminUrl, ownerRole, url, apiAddress, isPooled, isAdminPooled } = parts;
  const connections: { close(): Promise<void> }[] = [admin];
  return {
    kind: "server",
    url,
    admin,
    ownerRole,
    async asOwner(work) {
      const session = isAdminPooled
        ? sessionAs(openServerSession(adminUrl), ownerRole)
        : openServerSession(adminUrl, { role: ownerRole });
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    },
    async introspect() {
      const connection = createPostgresConnection({
        postgresOptions: clientOptions(readAddress(adminUrl), { applicationName: "neighbourhood catalogue", max: 1 }),
      });
      try {
        return await connection.introspect();
      } finally {
        await connection.close();
      }
    },
    connect(role) {
      const searchPath = SEARCH_PATH_BY_ROLE.get(role);
      const session = { role, ...(searchPath === undefined ? {} : { search_path: searchPath }) };
      const connection = createPostgresConnection({
        postgresOptions: {
          ...clientOptions(apiAddress, {
            applicationName: `neighbourhood ${role}`,
            prepare: !isPooled,
            ...(isPooled ? {} : { session }),
          }),
          types: { ...apiTypes, jsonb },
        },
      });
      if (isPooled) actAs(connection.driver, role);
      connections.push(connection);
      return connection;
    },
    asRole: (_role, work) => work(),
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** The Auth server hands over jsonb as text that already is JSON; encoding it again would store a string. */
const jsonb = {
  to: TYPE_OID.jsonb,
  from: [TYPE_OID.jsonb],
  parse: (text: string): unknown => JSON.parse(text),
  serialize: (value: unknown): string =>
    typeof value === "string" && /^[[{]/.test(value) ? value : JSON.stringify(value),
};
