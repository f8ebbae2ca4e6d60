import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { readCatalogue } from "../support/catalogue.ts";
import { codeIn, restOf } from "../support/rest.ts";
import { playTask } from "../support/scenario.ts";
import { type Member, useStack } from "../support/use-stack.ts";

/** Read replicas answer GET only, so everything that reads works by GET and HEAD. */

const stack = useStack();
const rest = restOf(stack.address);

let member: Member;
let offerId: string;
let taskId: string;
let reads: string[];
beforeAll(async () => {
  const [first, helper] = await stack.members(2);
  member = first;
  const { task, offer } = await playTask(stack.call, member.id, helper.id, "open");
  offerId = offer.id;
  taskId = task.id;
  const stable = await stack.sql<{ name: string }>(
    "select proname as name from pg_proc where pronamespace = 'public'::regnamespace and provolatile <> 'v'",
  );
  const names = new Set(stable.map(({ name }) => name));
  const { rpcs } = await readCatalogue(stack.sql);
  reads = rpcs.filter((rpc) => rpc.isForMembers && !rpc.isComputedField && names.has(rpc.name)).map(({ name }) => name);
});

const HERE = { latitude: "52.52", longitude: "13.405" };

/** Honest arguments for each of them. */
const ARGUMENTS: Readonly<Record<string, () => Record<string, string>>> = {
  count_unread_messages: () => ({}),
  count_unread_notifications: () => ({}),
  list_notification_addresses: () => ({}),
  explain_trust: () => ({ user_id: member.id }),
  get_api_version: () => ({}),
  get_task_location: () => ({ task_id: taskId }),
  leaderboard: () => ({ period: "month" }),
  list_conversations: () => ({ page_size: "5" }),
  list_messages: () => ({ offer_id: offerId, page_size: "5", oldest_first: "true" }),
  list_notifications: () => ({ page_size: "5" }),
  list_ratings: () => ({ user_id: member.id, page_size: "5" }),
  map_tasks: () => ({ west: "13.3", south: "52.4", east: "13.5", north: "52.6", zoom: "12" }),
  monthly_statistics: () => ({}),
  my_contact_reveals: () => ({ page_size: "5" }),
  nearby_tasks: () => ({ ...HERE, radius_m: "2000", sort: "distance" }),
  recommended_places: () => ({ ...HERE, radius_m: "2000" }),
  recommended_tasks: () => ({ ...HERE, radius_m: "2000" }),
  search_places: () => ({ query: "Bäckerei & Café", ...HERE }),
  search_tasks: () => ({ query: "Löcher, 50 % fertig?", ...HERE }),
  task_rules: () => ({}),
  user_statistics: () => ({ user_id: member.id }),
};

test("every read of members answers GET, and HEAD without a body", async () => {
  expect(reads.toSorted()).toEqual(Object.keys(ARGUMENTS).toSorted());
  for (const name of reads) {
    const path = `rpc/${name}?${new URLSearchParams(ARGUMENTS[name]?.())}`;
    const got = await rest(path, { token: member.token });
    expect([name, got.status, codeIn(got)]).toEqual([name, 200, undefined]);
    const head = await rest(path, { token: member.token, method: "HEAD" });
    expect([name, head.status, head.text]).toEqual([name, 200, ""]);
  }
});

test("HEAD counts, and is refused as GET is", async () => {
  const path = `rpc/nearby_tasks?${new URLSearchParams({ ...HERE, radius_m: "2000" })}`;
  const counted = await rest(path, { token: member.token, method: "HEAD", headers: { prefer: "count=exact" } });
  expect([200, 206]).toContain(counted.status);
  expect(counted.headers.get("content-range")).toMatch(/^(\*|\d+-\d+)\/\d+$/);
  const { error, count } = await member.api.rpc(
    "nearby_tasks",
    { latitude: 52.52, longitude: 13.405, radius_m: 2000 },
    { head: true, count: "exact" },
  );
  expect([error, typeof count]).toEqual([null, "number"]);
  for (const [wrong, status] of [
    ["rpc/nearby_tasks?latitude=100&longitude=0&radius_m=1", 400],
    ["rpc/no_such_function?x=1", 404],
    ["rpc/create_task?title=x", 404],
  ] as const) {
    const head = await rest(wrong, { token: member.token, method: "HEAD" });
    expect([wrong, head.status, head.text]).toEqual([wrong, status, ""]);
  }
  expect((await rest(path, { method: "HEAD" })).status).toBe((await rest(path)).status);
});

describe("the client", () => {
  const folder = join(paths.root, "src", "client");
  const source = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const calledBy = (way: "read" | "readNear" | "readWithin" | "rpc") =>
    [...source.matchAll(new RegExp(`\\b${way}\\(\\s*(?:supabase|server),\\s*"(\\w+)"`, "g"))].map(
      ([, name = ""]) => name,
    );

  test("sends reads by GET, unless their arguments tell where somebody is or what they look for, and nothing else so", () => {
    const takes = (name: string, argument: string) => argument in (ARGUMENTS[name]?.() ?? {});
    const near = reads.filter((name) => takes(name, "latitude")).toSorted();
    const within = reads.filter((name) => takes(name, "west")).toSorted();
    expect(calledBy("readNear").toSorted()).toEqual(near);
    expect(calledBy("readWithin").toSorted()).toEqual(within);
    expect(calledBy("read").toSorted()).toEqual(
      reads.filter((name) => ![...near, ...within].includes(name)).toSorted(),
    );
    // what may write, and is noted as such
    expect(calledBy("rpc").filter((name) => reads.includes(name))).toEqual([]);
    expect(calledBy("rpc")).toContain("confirm_task");
  });
});
