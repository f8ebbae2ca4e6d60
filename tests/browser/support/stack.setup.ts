import type { TestProject } from "vitest/node";
import { expectBooksRight } from "../../support/books.ts";
import { expectLegalHistories } from "../../support/history.ts";
import { openSqlDoor } from "../../support/sql-door.ts";
import type { StackAddress } from "../../support/stack.setup.ts";
import { startThrowawayStack } from "../../support/throwaway-stack.ts";
import { serveBrowser } from "../page.ts";

/** The stack of the run as a browser test needs it. */
export interface BrowserStackAddress extends StackAddress {
  appUrl: string;
  /** Where playwright reaches the browser of the run. */
  browserUrl: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    browserStack: BrowserStackAddress;
  }
}

/** Vitest global setup of tests/browser: one stack with the demo neighbourhood and the app, and one browser, for all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, keys, remove } = await startThrowawayStack("browser", { seed: true, app: true });
  const built = await stack.appBuilt;
  if (stack.appUrl === undefined || built?.kind !== "ready") {
    await remove();
    throw new Error(`there is no app: ${JSON.stringify(built)}`);
  }
  const [door, browser] = await Promise.all([openSqlDoor(stack.sql), serveBrowser()]);
  const { url, publishableKey, secretKey, appUrl } = stack;
  const { signingKey, jwtSecret } = keys;
  project.provide("browserStack", {
    url,
    publishableKey,
    secretKey,
    signingKey,
    jwtSecret,
    sqlDoor: door.address,
    appUrl,
    browserUrl: browser.wsEndpoint(),
  });
  return async () => {
    const exitCode = process.exitCode;
    process.exitCode = 1; // Vitest writes down what a teardown throws, and ends well all the same
    try {
      // once: the audits of thousands of tasks would keep the embedded database from the files beside them
      await expectBooksRight(stack.sql);
      await expectLegalHistories(stack.sql);
      process.exitCode = exitCode;
    } finally {
      await Promise.all([browser.close(), door.close()]);
      await remove();
    }
  };
}
