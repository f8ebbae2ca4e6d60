import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { readRooms } from "../../dev/schemas/rooms.ts";
import { type DatabaseFactory, startDatabaseFactory } from "../../dev/stack/database/database-factory.ts";
import { migrate, runSqlFile } from "../../dev/stack/database/migrate.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/migrations");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
});
afterAll(() => factory.destroy());

test("the schemas and the migrations make the same database", async () => {
  const [fromMigrations, fromSchemas] = [await factory.create("migrations"), await factory.create("schemas")];
  await fromMigrations.asOwner((session) => migrate(session, { directory: paths.migrations }));
  await fromSchemas.asOwner(async (session) => {
    for (const { files } of readRooms()) {
      for (const { path } of files) await runSqlFile(session, join(paths.supabase, path));
    }
  });
  expect(fromSchemas.dump()).toBe(fromMigrations.dump());
});
