import type { TestProject } from "vitest/node";
import { openAdmin, type Sql } from "./admin.ts";
import { openSqlDoor } from "./sql-door.ts";
import { runningStack } from "./target.ts";
import { startThrowawayStack } from "./throwaway-stack.ts";
import type { TokenKey } from "./use-stack.ts";

/** What a test needs to know of the running stack. */
export interface StackAddress {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** Signs access tokens; a real project keeps it, the attack tests forge with and without it. */
  signingKey: TokenKey;
  /** A secret that opens, too. */
  jwtSecret: string;
  sqlDoor: { url: string; token: string };
}

declare module "vitest" {
  export interface ProvidedContext {
    stack: StackAddress;
  }
}

/** Vitest global setup of tests/journeys and tests/attacks: an empty stack for the whole run, or the one that runs. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { sql, close, ...keys } = await openStack();
  const door = await openSqlDoor(sql);
  project.provide("stack", { ...keys, sqlDoor: door.address });
  return async () => {
    await door.close();
    await close();
  };
}

interface OpenStack extends Omit<StackAddress, "sqlDoor"> {
  sql: Sql;
  close(): Promise<void>;
}

async function openStack(): Promise<OpenStack> {
  const running = runningStack();
  if (running !== undefined) {
    const { databaseUrl, ...keys } = running;
    return { ...keys, signingKey: keys.jwtSecret, ...openAdmin(databaseUrl) };
  }
  const { stack, keys, remove } = await startThrowawayStack("stack", { functions: false });
  const { url, publishableKey, secretKey, sql } = stack;
  const { signingKey, jwtSecret } = keys;
  return { url, publishableKey, secretKey, signingKey, jwtSecret, sql, close: remove };
}
