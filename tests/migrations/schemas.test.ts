import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { refuseDifferences } from "../../dev/commands/refuse-differences.ts";
import { type DatabaseFactory, startDatabaseFactory } from "../../dev/stack/database/database-factory.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/migrations");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
});
afterAll(() => factory.destroy());

test("the schemas and the migrations make the same database", async () => {
  await expect(refuseDifferences(factory, paths.supabase)).resolves.toBeUndefined();
});
