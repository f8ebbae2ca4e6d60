import { existsSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { addressOfRunningStack } from "./addresses.ts";
import { lockData } from "./data-lock.ts";
import { reachableDirectory } from "./database/os-user.ts";
import { openDoor } from "./door/door.ts";
import { loadKeys } from "./keys.ts";
import { openDatabase } from "./start/open-database.ts";

/**
 * Hands over the address of the local database: that of the running stack, or the stack's data, opened for the work.
 *
 * @throws StackError when there is no data yet.
 */
export async function withLocalDatabase(
  dataDir: string,
  kind: "embedded" | "cluster",
  work: (url: string) => Promise<void>,
): Promise<void> {
  const running = addressOfRunningStack(dataDir);
  if (running !== undefined) return work(running);
  const isCluster = kind === "cluster";
  const data = isCluster ? join(reachableDirectory(join(dataDir, "cluster")), "data") : join(dataDir, "embedded");
  if (!existsSync(join(data, "PG_VERSION"))) {
    const start = isCluster ? "npm start -- --postgres" : "npm start";
    throw new StackError(`there is no data in ${dataDir} yet: run ${start}, or set DATABASE_URL`);
  }
  const release = lockData(join(dataDir, "stack.lock"));
  try {
    const keys = loadKeys(join(dataDir, "keys.json"));
    const database = await openDatabase({ options: { database: kind }, dataDir, ports: { database: 0 } }, keys);
    try {
      if (database.url !== undefined) return await work(database.url);
      const door = await openDoor(database, { port: 0, password: keys.databasePassword });
      await work(door.url).finally(() => door.close());
    } finally {
      await database.close();
    }
  } finally {
    release();
  }
}
