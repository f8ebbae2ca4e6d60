import { expect, it } from "vitest";
import { startScheduler } from "../../dev/stack/scheduler.ts";
import { startFixtureStack } from "./support/fixture-stack.ts";

it("runs the due jobs again and again, logs a failure and goes on", async () => {
  const stack = await startFixtureStack();
  const log: string[] = [];
  const stop = startScheduler(stack.database, (line) => log.push(line), 30);
  await new Promise((resolve) => setTimeout(resolve, 100)); // no such function yet: nothing happens

  await stack.database.asOwner((session) =>
    session.script(`
      create schema ops;
      create table ops.runs (id int generated always as identity);
      create function ops.run_due_jobs(as_of timestamptz default now()) returns void language plpgsql as $$
      begin
        if (select count(*) from ops.runs) = 0 then
          raise 'not today' using hint = nextval('ops.runs_id_seq')::text;
        end if;
        insert into ops.runs default values;
      end $$;`),
  );
  await expect.poll(() => log).toContain("scheduled jobs failed: not today");
  await stack.sql("insert into ops.runs default values");
  await expect
    .poll(async () => (await stack.sql<{ count: number }>("select count(*) from ops.runs"))[0]?.count)
    .toBeGreaterThan(3);

  await stop();
  const count = () => stack.sql("select count(*) from ops.runs");
  const after = await count();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await count()).toEqual(after);
  await stack.stop();
});
