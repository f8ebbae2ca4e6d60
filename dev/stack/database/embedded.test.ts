import { afterEach, expect, test } from "vitest";
import { IN_MEMORY, openEmbeddedDatabase } from "./embedded.ts";

const { exitCode } = process;
afterEach(() => {
  process.exitCode = exitCode;
});

test("whoever opens and closes the database keeps the exit code, so that a run whose tests failed has failed", async () => {
  process.exitCode = 3;
  const database = await openEmbeddedDatabase(IN_MEMORY);
  expect(process.exitCode).toBe(3);
  await database.close();
  expect(process.exitCode).toBe(3);
});
