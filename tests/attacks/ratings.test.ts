import { beforeAll, describe, expect, test } from "vitest";
import { runDueJobs } from "../support/admin.ts";
import { inParallel } from "../support/parallel.ts";
import { type RawRequest, type RawResponse, restOf } from "../support/rest.ts";
import { playTask } from "../support/scenario.ts";
import { type Member, useStack } from "../support/use-stack.ts";

/**
 * A rating that waits for the other side, and people who would give a lot to know it: the rated member, a stranger, and
 * whoever holds the secret key. Not only the rating, but whether there is one.
 */

const SCORE = 2;
const COMMENT = "Slow-and-grumpy-3f9c";

const stack = useStack();
const { sql, address, call } = stack;
const rest = restOf(address);
let author: Member;
let rated: Member;
let stranger: Member;
let taskId: string;
let ratingId: string;
let before: Record<string, string>;

/** What everything around the rating looks like in the tables themselves, the marks of writes and locks included. */
async function marks(): Promise<Record<string, string>> {
  const members = [author.id, rated.id, stranger.id];
  const rows: [table: string, column: string, ids: string[]][] = [
    ["tasks", "id", [taskId]],
    ["task_events", "task_id", [taskId]],
    ["task_offers", "task_id", [taskId]],
    ["users", "id", members],
    ["neighbourhoods", "id", []],
    ["categories", "slug", []],
    ...["user_contacts", "user_settings", "point_accounts", "point_transactions", "notifications"].map(
      (table): (typeof rows)[number] => [table, "user_id", members],
    ),
  ];
  const answers = await inParallel(rows, async ([table, column, ids]) => {
    const [row] = await sql<{ marks: string | null }>(
      `select string_agg(concat(t.ctid, t.xmin, t.xmax, t), ' ' order by t.ctid) as marks
       from public.${table} t where $1::text[] = '{}' or t.${column}::text = any ($1::text[])`,
      [ids],
    );
    return [table, row?.marks ?? ""] as const;
  });
  return Object.fromEntries(answers);
}

beforeAll(async () => {
  [author, rated, stranger] = await stack.members(3);
  const { task } = await playTask(call, author.id, rated.id, "completed");
  taskId = task.id;
  before = await marks();
  const rating = await call(author.id, "rate_task", { task_id: taskId, score: SCORE, comment: COMMENT });
  ratingId = rating.id;
});

test("the author reads it, so it is there to be found", async () => {
  const { text } = await rest(`ratings?task_id=eq.${taskId}`, { token: author.token });
  expect(JSON.parse(text)).toMatchObject([{ id: ratingId, score: SCORE, comment: COMMENT, revealed_at: null }]);
});

test("it left no mark on any row around it: no new version, no lock, no moment, no notification", async () => {
  expect(Object.values(before).filter((text) => text.length > 1).length).toBeGreaterThan(7);
  expect(await marks()).toEqual(before);
});

const SNOOPS: readonly [string, () => RawRequest][] = [
  ["the rated member", () => ({ token: rated.token })],
  ["a stranger", () => ({ token: stranger.token })],
  ["the secret key", () => ({ apiKey: address.secretKey })],
  ["nobody", () => ({})],
];

/** An answer without rows, a count of none, or a refusal. */
function isEmpty({ status, text, headers }: RawResponse): boolean {
  const count = headers.get("content-range")?.split("/")[1] ?? "*";
  if (!["*", "0"].includes(count)) return false;
  return status >= 400 ? status < 500 : ["", "[]", '[{"count":0}]', '[{"max":null}]', "null"].includes(text.trim());
}

describe.each(SNOOPS)("%s", (_who, snoop) => {
  const questions = (): string[] => [
    `ratings?task_id=eq.${taskId}`,
    `ratings?id=eq.${ratingId}`,
    `ratings?rater_id=eq.${author.id}`,
    `ratings?ratee_id=eq.${rated.id}&revealed_at=is.null`,
    `ratings?ratee_id=eq.${rated.id}&score=lt.3`,
    `ratings?ratee_id=eq.${rated.id}&comment=like.Slow*`,
    `ratings?ratee_id=eq.${rated.id}&comment=fts.grumpy`,
    `ratings?ratee_id=eq.${rated.id}&order=score.desc,comment`,
    `ratings?ratee_id=eq.${rated.id}&or=(score.eq.2,score.eq.3)`,
    `ratings?ratee_id=eq.${rated.id}&select=count`,
    `ratings?ratee_id=eq.${rated.id}&select=score.max()`,
    `ratings?ratee_id=eq.${rated.id}&select=xmin,xmax,ctid`,
    `ratings?ratee_id=eq.${rated.id}&select=comment::int`,
    `ratings?ratee_id=eq.${rated.id}&select=score&comment::int=gt.0`,
    `tasks?id=eq.${taskId}&select=ratings!inner(*)`,
    `users?id=eq.${rated.id}&select=ratings!inner(*)`,
    `users?id=eq.${rated.id}&select=ratings!ratings_ratee_id_fkey!inner(*)`,
    "rating_totals",
    "revealed_ratings",
  ];

  test("asks every question and learns nothing", async () => {
    await inParallel(questions(), async (path) => {
      const response = await rest(path, { ...snoop(), headers: { prefer: "count=exact" } });
      expect([path, isEmpty(response), response.text]).toEqual([path, true, expect.not.stringContaining(COMMENT)]);
    });
    const csv = await rest(`ratings?select=score,comment&task_id=eq.${taskId}`, {
      ...snoop(),
      headers: { accept: "text/csv" },
    });
    expect(csv.text).not.toMatch(new RegExp(`${COMMENT}|^${SCORE},`, "mu"));
  });

  test("hears from HEAD what a rating that does not exist would say, estimates included", async () => {
    for (const count of ["exact", "planned", "estimated"]) {
      const ask = async (filter: string): Promise<[number, string | null]> => {
        const { status, headers } = await rest(`ratings?${filter}`, {
          ...snoop(),
          method: "HEAD",
          headers: { prefer: `count=${count}` },
        });
        return [status, headers.get("content-range")];
      };
      expect(await ask(`task_id=eq.${taskId}`)).toEqual(await ask(`task_id=eq.${stranger.id}`));
      expect(await ask(`ratee_id=eq.${rated.id}`)).toEqual(await ask(`ratee_id=eq.${stranger.id}`));
    }
  });

  test("cannot make a write fall over it", async () => {
    const row = { id: ratingId, task_id: taskId, rater_id: author.id, ratee_id: rated.id, score: 5 };
    for (const [method, path, headers] of [
      ["POST", "ratings", {}],
      ["POST", "ratings?on_conflict=task_id,rater_id", { prefer: "resolution=merge-duplicates,return=representation" }],
      ["POST", "ratings", { prefer: "resolution=ignore-duplicates,return=headers-only" }],
      ["PATCH", `ratings?id=eq.${ratingId}`, { prefer: "return=representation" }],
      ["DELETE", `ratings?id=eq.${ratingId}`, { prefer: "return=representation" }],
    ] as const) {
      const response = await rest(path, { ...snoop(), method, headers, ...(method === "DELETE" ? {} : { body: row }) });
      expect([method, path, response.status, response.text]).toEqual([
        method,
        path,
        expect.toSatisfy((status: number) => status === 401 || status === 403),
        expect.stringContaining("permission denied for table ratings"),
      ]);
    }
  });
});

test("the rated member's own doors stay shut: list, cursor, trust, statistics", async () => {
  const { api } = rated;
  expect((await api.rpc("list_ratings", { user_id: rated.id })).data).toEqual([]);
  expect((await api.rpc("list_ratings", { user_id: rated.id, after: ratingId })).error?.message).toBe("cursor_invalid");
  const { data: trust } = await api.rpc("explain_trust", { user_id: rated.id });
  expect(trust?.map(({ amount }) => Number(amount))).toEqual([0, 0, 0]);
  const { data: statistics } = await api.rpc("user_statistics", { user_id: author.id }).maybeSingle();
  expect(JSON.stringify(statistics)).not.toMatch(/"ratings[^"]*":[1-9]/u);
});

test("after 7 days everybody reads it, and the marks are there", async () => {
  await runDueJobs(sql, "now() + interval '7 days'");
  for (const reader of [rated, stranger]) {
    const { text } = await rest(`ratings?task_id=eq.${taskId}`, { token: reader.token });
    expect(JSON.parse(text)).toMatchObject([{ id: ratingId, score: SCORE, comment: COMMENT }]);
  }
  expect(await marks()).not.toEqual(before);
});
