import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { signUpBySql } from "../support/admin.ts";
import { API_APPLICATION, ApiConnection, codeOf } from "../support/api-connection.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { blocksOf } from "../support/guide.ts";
import { ProjectCopy } from "../support/project-copy.ts";
import { requireCluster } from "../support/target.ts";

/** The walk-through of docs/operations/releases-of-the-database.md, while clients write. */

requireCluster("tests/operations");

const TASKS = Number(process.env["RELEASE_TASKS"] ?? 50_000);
const CLIENTS = 4;
/** The column comes, goes, and comes again. */
const CHANGES_OF_SHAPE = 3;

/** What PostgreSQL answers to a request that was planned for columns which came or went before it had ended. */
function isOfOldShape(error: unknown): boolean {
  if (codeOf(error) === "XX000")
    return error instanceof Error && error.message.startsWith("cache lookup failed for type");
  return codeOf(error) === "42804" || codeOf(error) === "0A000";
}
const PAGE = join(paths.root, "docs/operations/releases-of-the-database.md");

let project: ProjectCopy;
let server: TestCluster;
let owner: SqlSession;
let members: string[];
beforeAll(async () => {
  project = new ProjectCopy("release");
  server = await startTestCluster({
    name: "release",
    // whoever waits for a lock longer than this stands in the log of the server, which a busy machine does not delay
    settings: { log_lock_waits: "on", deadlock_timeout: "1s", log_line_prefix: "[%a] " },
  });
  owner = openServerSession(server.urls.owner);
  members = await signUpBySql((text, values) => owner.query(text, values), CLIENTS);
  await owner.script(`update private.settings set open_task_limit = 1000000, task_limit_per_day = 10000,
    task_change_limit_per_day = 10000, points_limit_per_creator = 1000000000`);
  const superuser = openServerSession(server.urls.superuser);
  await superuser.script("set session_replication_role = replica");
  // as many people as tasks ask for: a member with thousands of them would be read by every command
  await superuser.query(
    `insert into public.users (id, name, created_at)
     select md5('neighbour ' || n)::uuid, 'Neighbour ' || n, now() - interval '1 year'
     from generate_series(0, ${TASKS / 10 - 1}) n`,
  );
  await superuser.query(
    `insert into public.tasks (creator_id, title, description, category, latitude, longitude, points_reward, reward_funding,
       status, closed_at, created_at)
     select md5('neighbour ' || n % ${TASKS / 10})::uuid, 'Task ' || n, 'Of long ago', 'garten', 52.5, 13.4, 1 + n % 100, 'community',
       'cancelled', now() - interval '1 year', now() - interval '1 year'
     from generate_series(1, ${TASKS}) n`,
  );
  await superuser.script("vacuum analyze public.tasks, public.users");
  await superuser.close();
}, 900_000);
afterAll(async () => {
  await owner.close();
  await server.destroy();
  project.destroy();
});

/** What members wrote and heard that it was done. */
interface Writing {
  /** Title by id of the task. */
  readonly titles: Map<string, string>;
  /** How many requests were under way when the shape of their answer changed, and were sent again. */
  again(): number;
  stop(): Promise<void>;
}

/** Members who post tasks and change them, one request after the other, until they are told to stop. */
function write(): Writing {
  const titles = new Map<string, string>();
  let goesOn = true;
  let again = 0;
  /** The page says so: nothing of such a request has happened, and the same one is answered. */
  const sent = async <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await request();
    } catch (error) {
      if (!isOfOldShape(error)) throw error;
      again += 1;
      return await sent(request);
    }
  };
  const clients = Array.from({ length: CLIENTS }, async (_, number) => {
    const connection = new ApiConnection(server.urls.authenticator);
    const member = members[number] ?? "";
    try {
      for (let round = 0; goesOn; round += 1) {
        const posted = {
          title: `Mow ${number} ${round}`,
          description: "The lawn",
          category: "garten",
          latitude: 52.5,
          longitude: 13.4,
          points_reward: 10,
        };
        const task = await sent(() => connection.call(member, "create_task", posted));
        titles.set(task.id, task.title);
        const title = `Rake ${number} ${round}`;
        await sent(() => connection.call(member, "update_task", { task_id: task.id, title }));
        titles.set(task.id, title);
        await wait(50);
      }
    } finally {
      await connection.close();
    }
  });
  const all = Promise.all(clients);
  all.catch(() => undefined); // whoever waits for the end hears it
  return {
    titles,
    again: () => again,
    async stop() {
      goesOn = false;
      await all;
    },
  };
}

/** Runs a block of the page as its reader would; what it printed, both streams. */
function run(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "bash",
      ["-euo", "pipefail", "-c", script],
      { cwd: project.root, env: { ...process.env, DATABASE_URL: server.urls.owner, DATABASE_DIRECT_URL: "" } },
      (error, stdout, stderr) => {
        if (error === null) resolve(`${stdout}\n${stderr}`);
        else reject(new Error(`${script}\n${stdout}\n${stderr}`));
      },
    );
  });
}

/** Expects lines to be among those that were printed, in this order. */
function expectLines(printed: string, expected: string): void {
  const patterns = expected
    .trim()
    .split("\n")
    .map((line) => line.replace(/[.*+?^{}()|[\]\\$]/gu, "\\$&").replaceAll("…", ".*"));
  // the two streams are not in order to each other
  for (const pattern of patterns) expect(printed).toMatch(new RegExp(`^${pattern}$`, "mu"));
}

test("a release in three phases goes up, down and up again, and nobody waits or loses a write", {
  timeout: 1_800_000,
}, async () => {
  const blocks = blocksOf(readFileSync(PAGE, "utf8"));
  const writing = write();
  for (const [index, block] of blocks.entries()) {
    if (block.language === "text") continue;
    expect(block.language, `line ${block.line}`).toBe("sh");
    const printed = await run(block.text);
    const outcome = blocks[index + 1];
    if (outcome?.language === "text") expectLines(printed, outcome.text);
  }
  await writing.stop();

  expect(writing.titles.size).toBeGreaterThan(CLIENTS);
  expect(writing.again()).toBeLessThanOrEqual(CLIENTS * CHANGES_OF_SHAPE);
  const tasks = await owner.query<{ id: string; title: string }>(
    "select id, title from public.tasks where description = 'The lawn'",
  );
  expect(new Map(tasks.map(({ id, title }) => [id, title]))).toEqual(writing.titles);
  expect(
    await owner.query(`select count(*) as tasks, count(*) filter (where expected_minutes = points_reward * 6) as filled,
      (select attnotnull from pg_attribute where attrelid = 'public.tasks'::regclass and attname = 'expected_minutes') as is_required,
      (select indisvalid from pg_index where indexrelid = 'public.tasks_by_expected_minutes'::regclass) as is_indexed
      from public.tasks`),
  ).toEqual([
    { tasks: TASKS + writing.titles.size, filled: TASKS + writing.titles.size, is_required: true, is_indexed: true },
  ]);
  const log = readFileSync(join(server.cluster.directory, "server.log"), "utf8").split("\n");
  expect(log.some((line) => line.includes("validate constraint") || line.includes("expected_minutes"))).toBe(true);
  expect(log.filter((line) => line.includes("deadlock detected"))).toEqual([]);
  expect(log.filter((line) => line.startsWith(`[${API_APPLICATION}]`) && line.includes("still waiting for"))).toEqual(
    [],
  );
});

test("whoever waits longer than a second would have been seen", async () => {
  const blocker = openServerSession(server.urls.owner);
  await blocker.script("begin; lock table public.tasks in access exclusive mode");
  const connection = new ApiConnection(server.urls.authenticator);
  const call = connection.call(members[0] ?? "", "create_task", {
    title: "Wait",
    description: "For the lock",
    category: "garten",
    latitude: 52.5,
    longitude: 13.4,
    points_reward: 10,
  });
  await expect
    .poll(() => readFileSync(join(server.cluster.directory, "server.log"), "utf8"), { timeout: 30_000 })
    .toMatch(new RegExp(`^\\[${API_APPLICATION}\\] .*still waiting for`, "mu"));
  await blocker.script("commit");
  await call;
  await Promise.all([connection.close(), blocker.close()]);
});
