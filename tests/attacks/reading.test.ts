import { beforeAll, describe, expect, test } from "vitest";
import { runDueJobs } from "../support/admin.ts";
import { type Catalogue, type Relation, readCatalogue, type Table } from "../support/catalogue.ts";
import { type Neighbourhood, populate } from "../support/neighbourhood.ts";
import { inParallel } from "../support/parallel.ts";
import { type RawRequest, type RawResponse, restOf } from "../support/rest.ts";
import { taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** A member who is nobody's helper looks for other people's data through every door that reading has. */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let people: Neighbourhood;
let attacker: Member;
beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  people = await populate(stack);
  attacker = people.attacker;
});

async function steal(path: string, request: RawRequest = {}): Promise<RawResponse> {
  return rest(path, { token: attacker.token, ...request });
}

/** The secrets that an answer gives away. */
function leaksIn({ text }: RawResponse): string[] {
  return Object.entries(people.secrets).flatMap(([what, secret]) => (text.includes(secret) ? [what] : []));
}

/** Asks all questions; returns how many were answered with rows at all. */
async function expectNoLeaks(paths: readonly string[], request: RawRequest = {}): Promise<number> {
  const leaks: string[] = [];
  let answered = 0;
  await inParallel(paths, async (path) => {
    const response = await steal(path, request);
    if (response.status >= 500) leaks.push(`${path}: ${response.status} ${response.text}`);
    if (response.status < 300) answered += 1;
    leaks.push(...leaksIn(response).map((what) => `${path}: ${what}`));
  });
  expect(leaks).toEqual([]);
  return answered;
}

/** The tables that answer a member at all: everything but the rows of reads. */
function readableTables(): Table[] {
  const readable = catalogue.tables.filter(({ isReadable }) => isReadable);
  expect(readable.length).toBeGreaterThan(20);
  return readable;
}

/** Steps from a table to its neighbours, along every foreign key, both ways, by its name. */
function steps(table: string): { to: string; hint: string }[] {
  return catalogue.relations.flatMap(({ hint, from, to }: Relation) => [
    ...(from === table ? [{ to, hint }] : []),
    ...(to === table ? [{ to: from, hint }] : []),
  ]);
}

test("the secrets are there to be found: their owner and an admin read them", async () => {
  const place = await rest(`rpc/get_task_location?task_id=${people.openTaskId}`, { token: people.victim.token });
  const written = await rest("rpc/list_conversations", { token: people.victim.token });
  const found = new Set<string>([...leaksIn(place), ...leaksIn(written)]);
  for (const { name } of catalogue.tables) {
    for (const caller of [
      { token: people.victim.token },
      { token: people.helper.token },
      { apiKey: address.secretKey },
    ]) {
      for (const what of leaksIn(await rest(`${name}?select=*`, caller))) found.add(what);
    }
  }
  expect([...found].toSorted()).toEqual(Object.keys(people.secrets).toSorted());
});

describe("selecting", () => {
  test("every table, every column, every row", async () => {
    const paths = catalogue.tables.flatMap(({ name, columns }) => [
      `${name}?select=*&limit=1000`,
      ...columns.map((column) => `${name}?select=${column.name}&limit=1000`),
    ]);
    const readable = readableTables();
    expect(await expectNoLeaks(paths)).toBe(readable.reduce((sum, { columns }) => sum + 1 + columns.length, 0));
  });

  // xmin and xmax stamp one transaction on all rows that it wrote or locked: they tell who blocked, offered or rated whom
  test("the system columns of every table, in every place of a question, as every role", async () => {
    const system = ["xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"];
    const asMember = catalogue.tables.flatMap(({ name }) => [
      ...system.map((column) => `${name}?select=${column}`),
      `${name}?select=*,xmax`,
      `${name}?select=count&xmax=not.is.null`,
      `${name}?select=count&order=xmax`,
      ...steps(name).map(({ to, hint }) => `${name}?select=${to}!${hint}(xmax)`),
    ]);
    const asOthers = catalogue.tables.map(({ name }) => `${name}?select=xmax`);
    expect(await expectNoLeaks(asMember)).toBe(0);
    expect(await expectNoLeaks(asOthers, { token: undefined })).toBe(0);
    expect(await expectNoLeaks(asOthers, { token: undefined, apiKey: address.secretKey })).toBe(0);
  });

  test("as CSV, as one object, as GeoJSON, as plan", async () => {
    const paths = ["users?select=*&limit=1", ...catalogue.tables.map(({ name }) => `${name}?select=*`)];
    const ask = (accept: string) => expectNoLeaks(paths, { headers: { accept } });
    expect(await ask("text/csv")).toBe(1 + readableTables().length);
    expect(await ask("*/*")).toBe(1 + readableTables().length);
    expect(await ask("application/vnd.pgrst.object+json")).toBeGreaterThan(0);
    await ask("application/geo+json");
    await ask("application/vnd.pgrst.plan+json; options=verbose");
  });

  test("embedded one and two steps away, along every relation in both directions", async () => {
    const paths = catalogue.tables.flatMap(({ name }) =>
      steps(name).flatMap((first) => [
        `${name}?select=*,${first.to}!${first.hint}(*)`,
        ...steps(first.to).map(
          (second) => `${name}?select=*,${first.to}!${first.hint}(*,${second.to}!${second.hint}(*))`,
        ),
      ]),
    );
    expect(paths.length).toBeGreaterThan(100);
    expect(await expectNoLeaks(paths)).toBe(paths.length);
  });

  test("the computed balance of others, alone and embedded", async () => {
    const paths = [
      "users?select=id,points_balance",
      "tasks?select=id,creator:users!tasks_creator_id_fkey(id,points_balance)",
    ];
    expect(await expectNoLeaks(paths)).toBe(2);
    const response = await steal("users?select=id,points_balance&points_balance=not.is.null");
    expect(JSON.parse(response.text)).toEqual([{ id: attacker.id, points_balance: expect.any(Number) }]);
  });

  test("answers of commands and searches, with embedding", async () => {
    const select =
      "id,creator_id,task:tasks(*,task_offers(*),task_events(*),creator:users!tasks_creator_id_fkey(*,user_contacts(*),point_accounts(*)))";
    for (const [path, body] of [
      [`rpc/offer_help?select=${select}`, { task_id: people.openTaskId }],
      ["rpc/nearby_tasks?select=*", { latitude: 52.5163771, longitude: 13.3777041, page_size: 100 }],
      [
        "rpc/search_tasks?select=*",
        { query: "a", latitude: 52.5163771, longitude: 13.3777041, radius_m: 50000, page_size: 100 },
      ],
      ["rpc/nearby_tasks?select=*", { latitude: 52.5163771, longitude: 13.3777041, sort: "distance" }],
      [`rpc/block_user?select=*,users!user_blocks_blocked_id_fkey(*,user_contacts(*))`, { user_id: people.helper.id }],
    ] as const) {
      const response = await steal(path, { method: "POST", body });
      expect([path, response.status, leaksIn(response), response.text]).toEqual([
        path,
        200,
        [],
        expect.stringMatching(/./),
      ]);
    }
    await attacker.api.rpc("unblock_user", { user_id: people.helper.id }).throwOnError();
  });
});

describe("asking questions whose answer would tell", () => {
  /** Tables of which a member reads only their own rows. */
  const OWN_ROWS = [
    "notification_preferences",
    "notification_settings",
    "notifications",
    "point_accounts",
    "point_transactions",
    "preferences",
    "redemptions",
    "user_bans",
    "user_blocks",
    "user_contacts",
    "user_settings",
  ];

  test("filters on others' rows through an inner join find nothing", async () => {
    const questions: string[] = [];
    for (const table of OWN_ROWS) {
      const columns = catalogue.tables.find(({ name }) => name === table)?.columns ?? [];
      for (const step of steps("users").filter(({ to }) => to === table)) {
        for (const { name } of columns) {
          questions.push(
            `users?select=id,${table}!${step.hint}!inner(*)&id=eq.${people.victim.id}&${table}.${name}=not.is.null`,
          );
          questions.push(
            `users?select=id,${table}!${step.hint}!inner(*)&id=eq.${people.victim.id}&${table}.${name}=is.null`,
          );
        }
      }
    }
    expect(questions.length).toBeGreaterThan(20);
    const answers = await inParallel(questions, async (question) => `${question}: ${(await steal(question)).text}`);
    expect(answers).toEqual(questions.map((question) => `${question}: []`));
  });

  test.each([
    "user_contacts?address=like.SECRET*",
    "user_contacts?phone_number=eq.%2B49%2030%2077345612",
    "user_contacts?latitude=gt.48.1&latitude=lt.48.2",
    "user_contacts?or=(address.ilike.*secret*,latitude.gt.0)&user_id=neq.ME",
    "point_accounts?balance=gt.1000",
    "point_accounts?user_id=neq.ME",
    "point_transactions?description=like.SECRET*",
    "point_transactions?user_id=neq.ME",
    "user_bans?reason=like.SECRET*",
    "user_bans?user_id=neq.ME",
    "notification_preferences?user_id=neq.ME",
    "notification_settings?quiet_from=eq.03:17:11",
    "notification_settings?user_id=neq.ME",
    "notifications?user_id=neq.ME",
    "notifications?user_id=eq.VICTIM&type=eq.offer_received",
    "preferences?category=like.*liked",
    "preferences?user_id=neq.ME",
    "ratings?comment=like.SECRET*",
    "ratings?revealed_at=is.null&rater_id=neq.ME",
    "user_settings?time_zone=eq.Antarctica/Troll",
    "user_settings?user_id=neq.ME",
    "user_blocks?blocker_id=neq.ME",
    "user_blocks?blocked_id=eq.ME",
    "task_offers?message=like.SECRET*",
    "task_offers?creator_id=neq.ME&helper_id=neq.ME",
    "task_events?details->>note=like.SECRET*",
    "task_events?creator_id=neq.ME&helper_id=neq.ME",
    "redemptions?till_reference=like.SECRET*",
    "redemptions?user_id=neq.ME",
    "tasks?status=neq.open&creator_id=neq.ME&helper_id=neq.ME",
    "users?select=id&points_balance=gt.1000",
    "tasks?select=id,task_offers!inner(message)&task_offers.message=like.SECRET*",
    "tasks?select=id,creator:users!tasks_creator_id_fkey!inner(user_contacts!inner(address))&creator.user_contacts.address=like.SECRET*",
  ])("%s finds nothing, and counts nothing", async (question) => {
    const path = question.replaceAll("ME", attacker.id).replaceAll("VICTIM", people.victim.id);
    expect((await steal(path)).text).toBe("[]");
    for (const method of ["HEAD", "GET"]) {
      const counted = await steal(path, { method, headers: { prefer: "count=exact" } });
      expect([method, counted.headers.get("content-range")]).toEqual([method, "*/0"]);
    }
  });

  test("counts are of one's own rows", async () => {
    for (const table of OWN_ROWS) {
      const counted = await steal(table, { method: "HEAD", headers: { prefer: "count=exact" } });
      const rows = JSON.parse((await steal(`${table}?select=*`)).text) as object[];
      expect([table, counted.headers.get("content-range")?.split("/")[1]]).toEqual([table, String(rows.length)]);
    }
  });

  test("aggregates are off", async () => {
    for (const select of ["count()", "balance.sum()", "balance.max(),user_id"]) {
      const response = await steal(`point_accounts?select=${select}`);
      expect([select, response.status]).toEqual([select, 400]);
    }
    expect((await steal("users?select=id,point_accounts(balance.sum())")).status).toBe(400);
  });

  test.each([
    ["user_contacts!inner(address)", "user_contacts(address)"],
    ["user_contacts(address)", "user_contacts(address)"],
    ["point_accounts(balance)", "point_accounts(balance)"],
    ["id", "points_balance"],
  ])("ordering by what is hidden (%s by %s) puts nobody before anybody", async (embed, order) => {
    const [rich, poor] = await stack.members(2);
    await sql("select ops.adjust_points($1, 500, 'x')", [rich.id]);
    await rpc(rich, "update_contact", { address: "Zebra street" });
    await rpc(poor, "update_contact", { address: "Ant street" });
    const ask = async (direction: string) =>
      (await steal(`users?select=id,${embed}&id=in.(${rich.id},${poor.id})&order=${order}.${direction},id.asc`)).text;
    expect(await ask("asc")).toBe(await ask("desc"));
  });

  test("a search tells nothing more for being asked with others' ids", async () => {
    for (const args of [
      { task_id: people.assignedTaskId },
      { task_id: people.victim.id },
      { task_id: "00000000-0000-4000-8000-000000000000" },
    ]) {
      const response = await steal("rpc/offer_help", { method: "POST", body: args });
      expect(JSON.parse(response.text)).toEqual({
        code: "PT404",
        message: "task_not_found",
        details: null,
        hint: "There is no such task.",
      });
    }
  });
});

describe("the exact place of a task", () => {
  const exact = { latitude: 50.1234567, longitude: 8.7654321, address: "Exact street 7" };

  /** Through the one door and the other; each shows all of it or nothing. */
  async function sees({ api }: Member, task_id: string): Promise<boolean> {
    const answers = [
      await api.rpc("get_task_location", { task_id }).select("latitude, longitude, address"),
      await api.rpc("reveal_task_contact", { task_id }).select("latitude, longitude, address"),
    ];
    const rows = answers.flatMap(({ data }) => data ?? []);
    expect(rows).toEqual(rows.map(() => exact));
    return rows.length > 0;
  }

  test("is shown to the creator always, and to the helper from acceptance until they step back", async () => {
    const [creator, helper, other] = await stack.members(3);
    const task = await rpc(creator, "create_task", taskArgs(exact));
    const task_id = task.id;
    const offer = await rpc(helper, "offer_help", { task_id });
    await rpc(other, "offer_help", { task_id });
    const view = async () => [await sees(creator, task_id), await sees(helper, task_id), await sees(other, task_id)];

    expect(await view()).toEqual([true, false, false]);
    await rpc(creator, "accept_offer", { offer_id: offer.id });
    expect(await view()).toEqual([true, true, false]);
    await rpc(helper, "start_task", { task_id });
    expect(await view()).toEqual([true, true, false]);
    await rpc(helper, "release_task", { task_id });
    expect(await view()).toEqual([true, false, false]);
  });

  test("is shown to the helper until 14 days after completion, and not after a cancellation", async () => {
    const [creator, helper] = await stack.members(2);
    const done = await played(creator, helper);
    await rpc(helper, "finish_task", { task_id: done });
    expect(await sees(helper, done)).toBe(true);
    await rpc(creator, "confirm_task", { task_id: done });
    await sql("update public.tasks set completed_at = now() - interval '13 days 23 hours' where id = $1", [done]);
    expect(await sees(helper, done)).toBe(true);
    await sql("update public.tasks set completed_at = now() - interval '14 days 1 minute' where id = $1", [done]);
    expect(await sees(helper, done)).toBe(false);
    expect(await sees(creator, done)).toBe(true);

    const cancelled = await played(creator, helper);
    await rpc(creator, "cancel_task", { task_id: cancelled });
    expect(await sees(helper, cancelled)).toBe(false);
  });

  test("does not outlive its task in the archive for the helper", async () => {
    const [creator, helper] = await stack.members(2);
    const task_id = await played(creator, helper);
    await rpc(helper, "finish_task", { task_id });
    await rpc(creator, "confirm_task", { task_id });
    await runDueJobs(sql, "now() + interval '366 days'");
    expect(await sees(helper, task_id)).toBe(false);
  });

  async function played(creator: Member, helper: Member): Promise<string> {
    const { id } = await rpc(creator, "create_task", taskArgs(exact));
    const offer = await rpc(helper, "offer_help", { task_id: id });
    await rpc(creator, "accept_offer", { offer_id: offer.id });
    return id;
  }
});
