import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { loadKeys, type StackKeys } from "../../dev/stack/keys.ts";
import { type Stack, type StackOptions, startStack } from "../../dev/stack/start-stack.ts";
import { testDatabase } from "./target.ts";

/** A stack without data, jobs and Studio that leaves nothing behind. */
export interface ThrowawayStack {
  stack: Stack;
  keys: StackKeys;
  /** Stops the stack and deletes its files. */
  remove(): Promise<void>;
}

/** Starts such a stack on a free port, on the database that the test run uses. */
export async function startThrowawayStack(name: string, options: StackOptions = {}): Promise<ThrowawayStack> {
  const dataDir = join(tmpdir(), `neighbourhood-test-${name}-${randomUUID()}`);
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const stack = await startStack({
      database: testDatabase(),
      dataDir,
      copyMigrated: process.env["TEST_COPY"] === "adapted" ? "adapted" : "exact",
      clusterSettings: THROWAWAY_SETTINGS,
      port: 0,
      seed: false,
      jobs: false,
      studio: false,
      ...options,
    });
    return {
      stack,
      keys: loadKeys(join(dataDir, "keys.json")),
      async remove() {
        await stack.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
