import { App, type Connection } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { readAddress } from "../../../ops/core/address.ts";
import { clientOptions } from "../../../ops/core/client.ts";

/** Creates the Auth server's tables in the schema `auth` of a server, as its superuser. Safe to repeat. */
export async function createAuthTables(adminUrl: string): Promise<void> {
  const connection = createPostgresConnection({
    postgresOptions: clientOptions(readAddress(adminUrl), { applicationName: "neighbourhood auth tables", max: 1 }),
  });
  try {
    await createAuthTablesOn(connection);
  } finally {
    await connection.close();
  }
}

/** The same on an open connection (the embedded database). */
export async function createAuthTablesOn(connection: Connection): Promise<void> {
  const app = new App({
    connection,
    auth: { enabled: true, jwt_secret: "only used to create tables, never to sign" },
    db: { migrations: { enabled: false } },
  });
  await app.init();
  await app.ensureSystemSchema();
}
