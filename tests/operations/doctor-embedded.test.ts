import { afterAll, beforeAll, expect, it } from "vitest";
import { visit } from "../support/doctor.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";

let running: ThrowawayStack;
beforeAll(async () => {
  running = await startThrowawayStack("doctor", { database: "embedded", functions: false });
});
afterAll(async () => {
  await running?.remove();
});

it("says of the embedded database what it has no answer to, and nothing is ill", async () => {
  await running.stack.sql("select * from ops.run_due_jobs()");
  const { reports, illnesses } = await visit(running.stack.databaseUrl, []);
  expect(illnesses).toEqual([]);
  const level = (name: string) => reports.find(({ subject }) => subject === name)?.findings[0].level;
  for (const name of ["connections", "queries", "sessions", "disk", "backups"])
    expect(level(name), name).toBe("unasked");
  for (const name of ["server", "migrations", "indexes", "jobs", "outbox", "audits"])
    expect(level(name), name).toBe("fine");
});
