import { createPostgresConnection } from "@supabase/lite/postgres";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { apiTypes, TYPE_OID } from "./api-values.ts";
import { createAuthTables } from "./auth-tables.ts";
import type { Cluster } from "./cluster.ts";
import { finishAuthSchema, prepareDatabase } from "./prepare.ts";
import { AUTH_ROLE, REST_ROLE, SEARCH_PATH_BY_ROLE, SUPERUSER } from "./roles.ts";
import { openServerSession, type SqlSession } from "./session.ts";
import type { StackDatabase } from "./stack-database.ts";

/** Opens the database of a DATABASE_URL. */
export async function openServerDatabase(url: string): Promise<StackDatabase> {
  const admin = openServerSession(url);
  try {
    const ownerRole = await prepareServer(admin, url);
    return serverDatabase({ admin, adminUrl: url, ownerRole, url });
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
    const database = serverDatabase({ admin, adminUrl, ownerRole, url: cluster.url(ownerRole) });
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
  await connectOrExplain(admin, url);
  const [auth] = await admin.query<{ managed: boolean; tables: boolean }>(
    "select to_regclass('auth.schema_migrations') is not null as managed, to_regclass('auth.users') is not null as tables",
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

async function connectOrExplain(admin: SqlSession, url: string): Promise<void> {
  try {
    await admin.query("select 1");
  } catch (error) {
    const { host, pathname } = new URL(url);
    throw new StackError(`cannot connect to the database ${host}${pathname}: ${messageOf(error)}`);
  }
}

interface ServerParts {
  admin: SqlSession;
  adminUrl: string;
  ownerRole: string;
  url: string;
}

function serverDatabase({ admin, adminUrl, ownerRole, url }: ServerParts): StackDatabase {
  const connections: { close(): Promise<void> }[] = [admin];
  return {
    kind: "server",
    url,
    admin,
    ownerRole,
    async asOwner(work) {
      const session = openServerSession(adminUrl, { role: ownerRole });
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    },
    async introspect() {
      const connection = createPostgresConnection({ url: adminUrl, postgresOptions: { max: 1 } });
      try {
        return await connection.introspect();
      } finally {
        await connection.close();
      }
    },
    connect(role) {
      const searchPath = SEARCH_PATH_BY_ROLE.get(role);
      const connection = createPostgresConnection({
        url: adminUrl,
        postgresOptions: {
          max: 10,
          onnotice: () => undefined,
          connection: {
            role,
            application_name: `neighbourhood ${role}`,
            ...(searchPath === undefined ? {} : { search_path: searchPath }),
          },
          types: { ...apiTypes, jsonb },
        },
      });
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
