import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { loadKeys } from "../../dev/stack/keys.ts";
import { startStack } from "../../dev/stack/start-stack.ts";
import { openSqlDoor } from "./sql-door.ts";
import { testDatabase } from "./target.ts";

/** What a test needs to know of the running stack. */
export interface StackAddress {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** Signs access tokens; a real project keeps it, the attack tests forge with and without it. */
  jwtSecret: string;
  sqlDoor: { url: string; token: string };
}

declare module "vitest" {
  export interface ProvidedContext {
    stack: StackAddress;
  }
}

/** Vitest global setup of tests/journeys and tests/attacks: one empty stack for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = join(tmpdir(), `neighbourhood-test-stack-${randomUUID()}`);
  const { jwtSecret } = loadKeys(join(dataDir, "keys.json"));
  const stack = await startStack({
    database: testDatabase(),
    dataDir,
    clusterSettings: THROWAWAY_SETTINGS,
    port: 0,
    seed: false,
    jobs: false,
    studio: false,
    functions: false,
  });
  const door = await openSqlDoor((text, parameters) => stack.sql(text, parameters));
  project.provide("stack", {
    url: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    jwtSecret,
    sqlDoor: door.address,
  });
  return async () => {
    await door.close();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
