import { afterEach, expect, test } from "vitest";
import { IN_MEMORY, openEmbeddedDatabase } from "./embedded.ts";

const { exitCode } = process;
afterEach(() => {
  process.exitCode = exitCode;
});

test("the exit code stays what it was, whatever the database says: a run whose tests failed has failed", {
  timeout: 300_000,
}, async () => {
  process.exitCode = 3;
  const database = await openEmbeddedDatabase(IN_MEMORY);
  expect(process.exitCode).toBe(3);
  await expect(database.admin.query("select 1 / 0")).rejects.toThrow("division by zero");
  expect(process.exitCode).toBe(3);
  await database.close();
  expect(process.exitCode).toBe(3);
});
