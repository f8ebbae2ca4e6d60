import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AdminPool, openAdmin, type Sql, signUpBySql } from "../support/admin.ts";
import { API_APPLICATION, ApiConnection, isConnectionLost, type Task } from "../support/api-connection.ts";
import { expectBooksRight } from "../support/books.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { expectLegalHistories } from "../support/history.ts";
import { balanceOf, bookingsOf } from "../support/read.ts";
import { playTask } from "../support/scenario.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/faults");

const CLIENTS = 20;
let server: TestCluster;
let admin: AdminPool;
let clients: ApiConnection[];
const sql: Sql = (text, parameters) => admin.sql(text, parameters);

beforeAll(async () => {
  server = await startTestCluster({ name: "crashes", isThrowaway: false });
  connect();
});

afterEach(async () => {
  await expectBooksRight(sql);
  await expectLegalHistories(sql);
});

afterAll(async () => {
  await disconnect();
  await server.destroy();
});

function connect(): void {
  admin = openAdmin(server.urls.superuser);
  clients = Array.from({ length: CLIENTS }, () => new ApiConnection(server.urls.authenticator));
}

async function disconnect(): Promise<void> {
  await Promise.all([admin.close(), ...clients.map((client) => client.close())]);
}

/** Tasks of as many creators, all waiting for confirmation and all paying the same helper 10 points. */
async function finishedTasks(count: number): Promise<{ tasks: Task[]; helper: string }> {
  const [helper = "", ...creators] = await signUpBySql(sql, count + 1);
  const client = clientAt(0);
  const tasks: Task[] = [];
  for (const creator of creators) {
    tasks.push((await playTask(client.call.bind(client), creator, helper, "pending_confirmation")).task);
  }
  return { tasks, helper };
}

function clientAt(index: number): ApiConnection {
  const client = clients[index % CLIENTS];
  if (!client) throw new Error("there are no clients");
  return client;
}

interface Answer {
  row: Task;
  /** How often the connection was lost before the answer came. */
  retries: number;
}

/** A phone: asks again, over a new connection, until it gets an answer. Only lost connections are retried. */
async function confirmWithRetry(place: number, task: Task): Promise<Answer> {
  for (let retries = 0; ; retries++) {
    try {
      return { row: await clientAt(place).call(task.creator_id, "confirm_task", { task_id: task.id }), retries };
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await clientAt(place).close();
      clients[place] = new ApiConnection(server.urls.authenticator);
      await pause(20);
    }
  }
}

/** Every task twice, each time by another client, as two phones would; each client asks for one thing at a time. */
async function confirmAll(tasks: readonly Task[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const work = [...tasks, ...tasks].entries();
  await Promise.all(
    clients.map(async (_, place) => {
      for (const [index, task] of work) answers[index] = await confirmWithRetry(place, task);
    }),
  );
  return answers;
}

async function expectEachPaidOnce(tasks: readonly Task[], helper: string, answers: readonly Answer[]): Promise<void> {
  const again = await confirmAll(tasks);
  expect(again.map(({ row }) => row)).toEqual(answers.map(({ row }) => row));
  for (const task of tasks) expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
  expect(await balanceOf(sql, helper)).toBe(tasks.length * 10);
}

/**
 * Holds the helper's account while all tasks are confirmed, so that every confirmation stops half-way (task
 * completed, event written, points not paid), and strikes then. Returns the answers that came in the end.
 */
async function confirmAllAndStrike(
  tasks: readonly Task[],
  helper: string,
  strike: () => Promise<void>,
): Promise<Answer[]> {
  const holder = openAdmin(server.urls.superuser, 1);
  await holder.sql("begin");
  await holder.sql("select from public.point_accounts where user_id = $1 for update", [helper]);
  const answering = confirmAll(tasks);
  while ((await waitingClients()) < CLIENTS) await pause(5);
  await strike();
  await holder.close(); // and with it the hold, if it survived the strike
  return answering;
}

async function waitingClients(): Promise<number> {
  const rows = await sql("select 1 from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'", [
    API_APPLICATION,
  ]);
  return rows.length;
}

async function crash(): Promise<void> {
  await server.cluster.stop("immediate");
  await server.cluster.start();
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe("connections that are killed", () => {
  test("half-way through their confirmation: nothing of it remains, and the retry pays", async () => {
    const { tasks, helper } = await finishedTasks(CLIENTS / 2);

    const answers = await confirmAllAndStrike(tasks, helper, async () => {
      await sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
        API_APPLICATION,
      ]);
    });

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
      const rows = await sql(
        `select pg_terminate_backend(pid) from
           (select pid from pg_stat_activity where application_name = $1 and state <> 'idle' order by random() limit 2) victims`,
        [API_APPLICATION],
      );
      killed += rows.length;
      await pause(10);
    }

    expect(killed).toBeGreaterThan(0);
    await expectEachPaidOnce(tasks, helper, await answering);
  });
});

describe("a server that crashes", () => {
  test("half-way through confirmations: recovers, and the retries pay each task once", async () => {
    const { tasks, helper } = await finishedTasks(CLIENTS / 2);

    const answers = await confirmAllAndStrike(tasks, helper, crash);

    expect(answers.every(({ retries }) => retries > 0)).toBe(true);
    await expectEachPaidOnce(tasks, helper, answers);
  });

  test("twice in a stream of confirmations: what was answered stays, what was not is answered later", async () => {
    const { tasks, helper } = await finishedTasks(120);
    const answering = confirmAll(tasks);
    await pause(60);
    await crash();
    await pause(60);
    await crash();

    const answers = await answering;
    expect(answers.some(({ retries }) => retries > 0)).toBe(true);
    expect(answers.some(({ retries }) => retries === 0)).toBe(true);
    await expectEachPaidOnce(tasks, helper, answers);
  });

  test("loses no answered post and leaves no half of one", async () => {
    const [creator = ""] = await signUpBySql(sql, 1);
    const posts = Array.from({ length: 15 }, (_, index) =>
      clientAt(index).call(creator, "create_task", {
        title: `Task ${index}`,
        description: "Before the crash.",
        category: "garten",
        points_reward: 1,
        latitude: 52.5,
        longitude: 13.4,
      }),
    );
    await Promise.race(posts);
    await crash();
    const answered = (await Promise.allSettled(posts)).flatMap((post) =>
      post.status === "fulfilled" ? [post.value.id] : [],
    );

    const rows = await sql<{ id: string; parts: number }>(
      `select t.id, (select count(*) from public.task_locations l where l.task_id = t.id)::int
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
