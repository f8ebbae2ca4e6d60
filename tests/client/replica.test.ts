import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import {
  type ClientOptions,
  createNeighbourhoodClient,
  type Database,
  type NeighbourhoodClient,
} from "../../src/client/index.ts";
import { cellCentre, REPLICA_PATIENCE_MS, REPLICA_REST_MS } from "../../src/client/replica.ts";
import { type Answer, fakeRest, fakeRestSignedIn, json, noConnection, raised } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const HERE = { latitude: 52.5219, longitude: 13.4132 };
const SNAPPED = cellCentre(HERE);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A member's client with a replica; `asked` says who got which request, in order. */
async function withReplica(atReplica: Answer, options: ClientOptions = {}, atPrimary: Answer = () => json([])) {
  const asked: string[] = [];
  const noting =
    (name: string, answer: Answer): Answer =>
    (request) => {
      const args = request.method === "GET" ? ` ${request.query}` : "";
      asked.push(`${name}: ${request.method} ${request.path}${args}`.trimEnd());
      return answer(request);
    };
  const primary = await fakeRestSignedIn(noting("primary", atPrimary));
  const replica = fakeRest(noting("replica", atReplica));
  const token = async () => (await primary.supabase.auth.getSession()).data.session?.access_token ?? null;
  const second = createClient<Database>("http://replica.test", "publishable-key", {
    accessToken: token,
    global: { fetch: replica.fetch },
  });
  const client = createNeighbourhoodClient(primary.supabase, { replica: second, ...options });
  return { client, asked, token, atReplica: replica.requests, atPrimary: primary.requests };
}

const servers = (asked: readonly string[]) => asked.map((line) => line.split(":")[0]);

describe("what may be some seconds old comes from the replica, as the same member", () => {
  const statistics = () => json([{ id: ID, points_balance: null }]);
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, Answer?]>([
    ["leaderboard", ({ statistics }) => statistics.leaderboard()],
    ["monthly statistics", ({ statistics }) => statistics.monthly()],
    ["others' statistics", ({ statistics }) => statistics.ofUser(ID), statistics],
    ["others' profiles", ({ users }) => users.get(ID), () => json([{ id: ID }])],
    ["others' ratings", ({ ratings }) => ratings.aboutPage({ user_id: ID })],
    ["others' trust", ({ ratings }) => ratings.explainTrust(ID)],
    ["places", ({ places }) => places.listPage()],
    ["a place", ({ places }) => places.get(ID), () => json([{ id: ID }])],
    ["reviews", ({ places }) => places.reviewsPage({ place_id: ID })],
    ["neighbourhoods", ({ neighbourhoods }) => neighbourhoods.list()],
    ["partners", ({ partners }) => partners.list()],
    ["categories", ({ tasks }) => tasks.categories()],
    ["the rules", ({ tasks }) => tasks.rules(), () => json([{ confirmation_days: 14 }])],
    ["nearby", ({ tasks }) => tasks.nearbyPage(HERE)],
    ["the map of tasks", ({ tasks }) => tasks.map({ west: 13.3, south: 52.4, east: 13.5, north: 52.6, zoom: 12 })],
    ["recommended tasks", ({ recommendations }) => recommendations.tasksPage(HERE)],
    ["recommended places", ({ recommendations }) => recommendations.placesPage(HERE)],
  ])("%s", async (_name, call, answer = () => json([])) => {
    const { client, asked, token, atReplica } = await withReplica(answer);
    await call(client);
    expect(servers(asked)).toEqual(["replica"]);
    expect(asked[0]).toMatch(/^replica: GET /u);
    expect(asked[0]).not.toContain("null");
    expect(atReplica[0]?.headers.get("authorization")).toBe(`Bearer ${await token()}`);
  });

  test("around the middle of the cell, and no nearer", async () => {
    const { client, asked } = await withReplica(() => json([]));
    await client.tasks.nearbyPage(HERE);
    expect(asked).toEqual([
      `replica: GET rpc/nearby_tasks ${new URLSearchParams({
        latitude: `${SNAPPED.latitude}`,
        longitude: `${SNAPPED.longitude}`,
        radius_m: "5000",
        sort: "newest",
        page_size: "20",
      })}`,
    ]);
    expect(SNAPPED).not.toEqual(HERE);
  });

  test("from the primary too, or distances would depend on who answers", async () => {
    const { client, atPrimary } = await withReplica(noConnection);
    await client.tasks.nearbyPage(HERE);
    expect(atPrimary.map(({ method, body }) => [method, body])).toEqual([["POST", expect.objectContaining(SNAPPED)]]);
  });
});

describe("what must be of now never does", () => {
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
    ["own points", ({ points }) => points.account()],
    ["own history", ({ points }) => points.historyPage()],
    ["own profile", ({ users }) => users.me()],
    ["own statistics", ({ statistics }) => statistics.ofUser()],
    ["own tasks", ({ tasks }) => tasks.minePage({ as: "creator" })],
    ["own offers", ({ tasks }) => tasks.myOffersPage()],
    ["a task", ({ tasks }) => tasks.get(ID)],
    ["messages", ({ messages }) => messages.conversationsPage()],
    ["notifications", ({ notifications }) => notifications.listPage()],
    ["redemptions", ({ redemptions }) => redemptions.listPage()],
    ["rewards", ({ rewards }) => rewards.listPage()],
  ])("%s", async (_name, call) => {
    const { client, asked } = await withReplica(() => json([]));
    await call(client).catch(() => undefined);
    expect(new Set(servers(asked))).toEqual(new Set(["primary"]));
  });

  test("own points, when somebody asks for them by the own id", async () => {
    const own = (points_balance: number) => () => json([{ id: ID, points_balance }]);
    const { client, asked } = await withReplica(own(1), {}, own(2));
    expect(await client.statistics.ofUser(ID)).toMatchObject({ points_balance: 2 });
    expect(servers(asked)).toEqual(["replica", "primary"]);
  });
});

describe("words that somebody looks for", () => {
  const search = { query: "Rasen", ...HERE };

  test("stay out of addresses, with the exact place", async () => {
    const { client, asked, atPrimary } = await withReplica(() => json([]));
    await client.search.tasksPage(search);
    await client.search.placesPage(search);
    expect(asked).toEqual(["primary: POST rpc/search_tasks", "primary: POST rpc/search_places"]);
    expect(atPrimary[0]?.body).toMatchObject(search);
  });

  test("unless the community decides otherwise", async () => {
    const { client, asked } = await withReplica(() => json([]), { searchOnReplica: true });
    await client.search.tasksPage(search);
    expect(asked).toEqual([expect.stringMatching(/^replica: GET rpc\/search_tasks query=Rasen&latitude=52\.52/u)]);
  });
});

describe("after an own command", () => {
  const commands: [string, (client: NeighbourhoodClient) => Promise<unknown>, Answer?][] = [
    ["one that is sent to the database", ({ tasks }) => tasks.confirm(ID)],
    ["one that fails", ({ tasks }) => tasks.update(ID, {}), () => raised(409, "task_not_open")],
    ["one without an answer", ({ tasks }) => tasks.update(ID, {}), noConnection],
    ["one that an edge function does", ({ redemptions }) => redemptions.return(ID)],
  ];
  test.each(commands)("%s: the primary, for as long as the replica may lag", async (_name, call, answer) => {
    const { client, asked } = await withReplica(
      () => json([]),
      { replicaLagMs: 5_000 },
      (request) => (answer && request.method === "POST" ? answer(request) : json([])),
    );
    await call(client).catch(() => undefined);
    asked.length = 0;
    await vi.advanceTimersByTimeAsync(4_990);
    await client.places.listPage().catch(() => undefined);
    expect(new Set(servers(asked))).toEqual(new Set(["primary"]));
    await vi.advanceTimersByTimeAsync(20);
    asked.length = 0;
    await client.places.listPage();
    expect(servers(asked)).toEqual(["replica"]);
  });

  test("also while it is under way", async () => {
    let answer: (response: Response) => void = () => undefined;
    const slow = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    const { client, asked } = await withReplica(
      () => json([]),
      {},
      ({ path }) => (path === "rpc/confirm_task" ? slow : json([])),
    );
    const confirmed = client.tasks.confirm(ID);
    await client.places.listPage();
    answer(json({ id: ID }));
    await confirmed;
    expect(servers(asked)).toEqual(["primary", "primary"]);
  });

  test("reading, by POST too, is no command", async () => {
    const { client, asked } = await withReplica(() => json([]));
    await client.search.tasksPage({ query: "x", ...HERE });
    await client.points.historyPage();
    asked.length = 0;
    await client.places.listPage();
    expect(servers(asked)).toEqual(["replica"]);
  });

  // with reads-by-get.test.ts, which holds `rpc` to what may write: whatever writes is noted
  test("nothing is sent past the two doors that note it", () => {
    const folder = join(paths.root, "src", "client");
    const past = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && file !== "request.ts")
      .filter((file) =>
        /\.(?:rpc|insert|upsert|update)\(|\.delete\(\)|functions\s*\.invoke/u.test(
          readFileSync(join(folder, file), "utf8").replaceAll(/^ \*.*$/gmu, ""),
        ),
      );
    expect(past).toEqual([]);
  });
});

describe("a replica that does not answer well", () => {
  const notFound = () => json([]);
  test.each<[string, Answer]>([
    ["no connection", noConnection],
    ["a database that is gone", () => json({ code: "PGRST001", message: "gone", details: null, hint: null }, 503)],
    ["a gateway without a server", () => new Response("<html>bad gateway</html>", { status: 502 })],
    ["a conflict with what it replays", () => json({ code: "40001", message: "x", details: null, hint: null }, 500)],
    ["too many requests", () => json({ message: "slow down" }, 429)],
    ["silence", () => new Promise<never>(() => undefined)],
  ])("%s: the primary answers, and it is left alone for a while", async (_name, answer) => {
    const { client, asked } = await withReplica(answer, {}, () => json([{ id: ID }]));
    const first = client.places.get(ID);
    await vi.advanceTimersByTimeAsync(REPLICA_PATIENCE_MS);
    expect(await first).toEqual({ id: ID });
    expect(servers(asked)).toEqual(["replica", "primary"]);
    await client.places.get(ID);
    expect(servers(asked)).toEqual(["replica", "primary", "primary"]);
    await vi.advanceTimersByTimeAsync(REPLICA_REST_MS);
    const later = client.places.get(ID);
    await vi.advanceTimersByTimeAsync(REPLICA_PATIENCE_MS);
    await later;
    expect(servers(asked)).toEqual(["replica", "primary", "primary", "replica", "primary"]);
  });

  test.each<[string, Answer]>([
    ["who does not know the member yet", () => raised(401, "not_signed_in")],
    ["who does not know a place yet", notFound],
    ["who has not the function yet", () => json({ code: "PGRST202", message: "x", details: null, hint: null }, 404)],
  ])("%s: the primary answers, and the next question goes there again", async (_name, answer) => {
    const { client, asked } = await withReplica(answer, {}, () => json([{ id: ID }]));
    expect(await client.places.get(ID)).toEqual({ id: ID });
    await client.places.get(ID);
    expect(servers(asked)).toEqual(["replica", "primary", "replica", "primary"]);
  });

  test("who breaks off asks nobody else, and holds nothing against the replica", async () => {
    const { client, asked } = await withReplica(() => new Promise<never>(() => undefined));
    const leaving = new AbortController();
    const call = client.places.listPage({}, { signal: leaving.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    leaving.abort();
    expect(await call).toMatchObject({ code: "request_aborted" });
    client.places.listPage().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1);
    expect(servers(asked).slice(-1)).toEqual(["replica"]);
  });
});

test("a second client with a session of its own is refused", () => {
  const { supabase } = fakeRest(() => json([]));
  const replica = fakeRest(() => json([])).supabase;
  expect(() => createNeighbourhoodClient(supabase, { replica })).toThrow(/needs the option accessToken/u);
});
