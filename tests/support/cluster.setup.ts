import type { TestProject } from "vitest/node";
import { type ServerUrls, startTestCluster } from "./cluster.ts";
import { requireCluster } from "./target.ts";

declare module "vitest" {
  export interface ProvidedContext {
    server: ServerUrls;
  }
}

/** Vitest global setup of tests/concurrency: one migrated server for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  requireCluster("tests/concurrency");
  const server = await startTestCluster({ name: "concurrency" });
  project.provide("server", server.urls);
  return () => server.destroy();
}
