import { describe, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import type { ApiConnection, Task } from "../support/api-connection.ts";
import { balanceOf, bookingsOf } from "../support/read.ts";
import { playTask } from "../support/scenario.ts";
import { type Heard, pause, useFaultyServer } from "./use-faulty-server.ts";

const CLIENTS = 20;
const server = useFaultyServer("crashes", CLIENTS);
const { sql } = server;

/** Tasks of as many creators, all waiting for confirmation and all paying the same helper 10 points. */
async function finishedTasks(count: number): Promise<{ tasks: Task[]; helper: string }> {
  const [helper = "", ...creators] = await signUpBySql(sql, count + 1);
  const tasks: Task[] = [];
  for (const creator of creators) {
    tasks.push((await playTask(server.call, creator, helper, "pending_confirmation")).task);
  }
  return { tasks, helper };
}

function confirm(client: ApiConnection, task: Task): Promise<Task> {
  return client.call(task.creator_id, "confirm_task", { task_id: task.id });
}

function confirmAll(tasks: readonly Task[]): Promise<Heard<Task>[]> {
  return server.insistOnAll(tasks, confirm);
}

async function expectEachPaidOnce(
  tasks: readonly Task[],
  helper: string,
  heard: readonly Heard<Task>[],
): Promise<void> {
  const again = await confirmAll(tasks);
  expect(again.map(({ answer }) => answer)).toEqual(heard.map(({ answer }) => answer));
  for (const task of tasks) expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
  expect(await balanceOf(sql, helper)).toBe(tasks.length * 10);
}

/** Strikes while every confirmation is half-way: task completed, event written, points not paid. */
function confirmAllAndStrike(
  tasks: readonly Task[],
  helper: string,
  strike: () => Promise<unknown>,
): Promise<Heard<Task>[]> {
  return server.strikeHalfWay(
    ["select from public.point_accounts where user_id = $1 for update", helper],
    () => confirmAll(tasks),
    strike,
  );
}

describe("connections that are killed", () => {
  test("half-way through their confirmation: nothing of it remains, and the retry pays", async () => {
    const { tasks, helper } = await finishedTasks(CLIENTS / 2);

    const answers = await confirmAllAndStrike(tasks, helper, () => server.killConnections());

    expect(answers.every(({ retries }) => retries > 0)).toBe(true);
    await expectEachPaidOnce(tasks, helper, answers);
  });

  test("at random, while many clients confirm many tasks", async () => {
    const { tasks, helper } = await finishedTasks(100);
    let isOver = false;
    const answering = confirmAll(tasks).finally(() => {
      isOver = true;
    });
    let killed = 0;
    while (!isOver && killed < 50) {
      killed += await server.killConnections(2);
      await pause(10);
    }

    expect(killed).toBeGreaterThan(0);
    await expectEachPaidOnce(tasks, helper, await answering);
  });
});

describe("a server that crashes", () => {
  test("half-way through confirmations: recovers, and the retries pay each task once", async () => {
    const { tasks, helper } = await finishedTasks(CLIENTS / 2);

    const answers = await confirmAllAndStrike(tasks, helper, () => server.crash());

    expect(answers.every(({ retries }) => retries > 0)).toBe(true);
    await expectEachPaidOnce(tasks, helper, answers);
  });

  test("twice in a stream of confirmations: what was answered stays, what was not is answered later", async () => {
    const { tasks, helper } = await finishedTasks(120);
    const answering = confirmAll(tasks);
    await pause(60);
    await server.crash();
    await pause(60);
    await server.crash();

    const answers = await answering;
    expect(answers.some(({ retries }) => retries > 0)).toBe(true);
    expect(answers.some(({ retries }) => retries === 0)).toBe(true);
    await expectEachPaidOnce(tasks, helper, answers);
  });

  test("loses no answered post and leaves no half of one", async () => {
    const [creator = ""] = await signUpBySql(sql, 1);
    const posts = Array.from({ length: 15 }, (_, index) =>
      server.client(index % CLIENTS).call(creator, "create_task", {
        title: `Task ${index}`,
        description: "Before the crash.",
        category: "garten",
        points_reward: 1,
        latitude: 52.5,
        longitude: 13.4,
      }),
    );
    await Promise.race(posts);
    await server.crash();
    const answered = (await Promise.allSettled(posts)).flatMap((post) =>
      post.status === "fulfilled" ? [post.value.id] : [],
    );

    const rows = await sql<{ id: string; parts: number }>(
      `select t.id, (select count(*) from private.task_locations l where l.task_id = t.id)::int
         + (select count(*) from private.open_tasks o where o.task_id = t.id)::int
         + (select count(*) from public.task_events e where e.task_id = t.id)::int as parts
       from public.tasks t where t.creator_id = $1`,
      [creator],
    );
    expect(answered.length).toBeGreaterThan(0);
    expect(rows.map((row) => row.id)).toEqual(expect.arrayContaining(answered));
    expect(rows.every((row) => row.parts === 3)).toBe(true);
  });
});
