import { beforeEach, describe, expect, test } from "vitest";
import type { Task } from "../support/api-connection.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

const { sql, members, call, anonymous } = useStack();

let creator: Member;
let helper: Member;
let other: Member;
beforeEach(async () => {
  [creator, helper, other] = await members(3);
});

describe("nearby_tasks", () => {
  /** A village of its own for each test, at sea, where nothing else is posted. */
  let village: { latitude: number; longitude: number };
  let villageNumber = 0;
  beforeEach(() => {
    villageNumber += 1;
    village = { latitude: 40 + villageNumber, longitude: -30 };
  });

  async function post(count: number): Promise<Task[]> {
    await changeSettings(sql, { open_task_limit: 1000 });
    const tasks: Task[] = [];
    for (let index = 0; index < count; index++) {
      const latitude = village.latitude + ((index * 7) % count) * 0.003;
      tasks.push(await rpc(creator, "create_task", taskArgs({ ...village, latitude, points_reward: 1 })));
    }
    return tasks;
  }

  async function readAllPages(
    sort: string,
    page_size: number,
    whileReading: () => Promise<unknown> = async () => undefined,
  ) {
    const pages: { id: string; distance_m: number; cursor: string }[][] = [];
    let after: string | undefined;
    do {
      const { data } = await helper.api
        .rpc("nearby_tasks", {
          ...village,
          radius_m: 50_000,
          sort,
          page_size,
          ...(after === undefined ? {} : { after }),
        })
        .throwOnError();
      pages.push(data);
      after = data.at(-1)?.cursor;
      await whileReading();
    } while (after !== undefined);
    return pages;
  }

  test("pages by keyset, newest first: every task once, in order", async () => {
    const tasks = await post(25);
    const pages = await readAllPages("newest", 10);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5, 0]);
    expect(pages.flat().map(({ id }) => id)).toEqual(tasks.map(({ id }) => id).reverse());
  });

  test("pages by keyset, nearest first: every task once, never nearer than the one before", async () => {
    const tasks = await post(25);
    const pages = await readAllPages("distance", 10);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5, 0]);
    const found = pages.flat();
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(tasks.map(({ id }) => id)));
    const distances = found.map(({ distance_m }) => distance_m);
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    expect(distances.every((distance) => distance % 100 === 0)).toBe(true);
  });

  test("a page stays in place while new tasks are posted", async () => {
    const tasks = await post(12);
    const pages = await readAllPages("newest", 5, () =>
      rpc(other, "create_task", taskArgs({ ...village, points_reward: 1 })),
    );
    expect(pages.flat().map(({ id }) => id)).toEqual(tasks.map(({ id }) => id).reverse());
  });

  test("radius and page size are clamped, not refused", async () => {
    await post(3);
    const search = (args: object) => helper.api.rpc("nearby_tasks", { ...village, ...args }).throwOnError();
    expect((await search({ page_size: 0 })).data).toHaveLength(1);
    expect((await search({ page_size: 1_000_000 })).data).toHaveLength(3);
    expect((await search({ radius_m: 2_000_000_000 })).data).toHaveLength(3);
    expect((await search({ radius_m: -5 })).data).toEqual([]);
  });

  test("a category finds itself and everything below it, and nothing else", async () => {
    await sql(
      "insert into public.categories (slug, parent_slug, name_de, name_en) values ('hecken', 'garten', 'Hecken', 'Hedges') on conflict do nothing",
    );
    const hedge = await rpc(creator, "create_task", taskArgs({ ...village, category: "hecken" }));
    const lawn = await rpc(creator, "create_task", taskArgs({ ...village, category: "garten" }));
    await rpc(creator, "create_task", taskArgs({ ...village, category: "technik" }));
    const ids = async (category: string) =>
      (await helper.api.rpc("nearby_tasks", { ...village, category }).throwOnError()).data.map(({ id }) => id);
    expect(await ids("garten")).toEqual([lawn.id, hedge.id]);
    expect(await ids("hecken")).toEqual([hedge.id]);
    expect(await slugAndStatus(helper.api.rpc("nearby_tasks", { ...village, category: "haustiere" }))).toBe(
      "400 category_not_found",
    );
  });

  test("an expired deadline hides a task at once, before any job has run", async () => {
    const task = await rpc(
      creator,
      "create_task",
      taskArgs({ ...village, expires_at: new Date(Date.now() + 3_600_000).toISOString() }),
    );
    const find = async () => (await helper.api.rpc("nearby_tasks", village).throwOnError()).data.map(({ id }) => id);
    expect(await find()).toEqual([task.id]);
    const justNow = new Date(Date.now() - 1000).toISOString();
    await sql("update public.tasks set expires_at = $2 where id = $1", [task.id, justNow]);
    await sql("update private.open_tasks set expires_at = $2 where task_id = $1", [task.id, justNow]);
    expect(await find()).toEqual([]);
    expect(await slugAndStatus(helper.api.rpc("offer_help", { task_id: task.id }))).toBe("409 task_not_open");
  });

  test.each([
    [{ sort: "cheapest" }, "400 sort_invalid"],
    [{ after: "nonsense" }, "400 cursor_invalid"],
    [{ after: "bmV3ZXN0fDF8MQ==" }, "400 cursor_invalid"],
    [{ latitude: 91 }, "400 coordinates_invalid"],
  ])("refuses %j", async (args, refusal) => {
    expect(await slugAndStatus(helper.api.rpc("nearby_tasks", { ...village, ...args }))).toBe(refusal);
  });

  test("a cursor of one order is refused by the other", async () => {
    await post(2);
    const { data } = await helper.api.rpc("nearby_tasks", { ...village, page_size: 1 }).throwOnError();
    const after = data[0]?.cursor ?? "";
    expect(await slugAndStatus(helper.api.rpc("nearby_tasks", { ...village, sort: "distance", after }))).toBe(
      "400 cursor_invalid",
    );
  });
});

describe("my tasks and offers", () => {
  test("as creator and as helper, with the other people and the offers embedded", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned");
    await rpc(creator, "update_profile", { name: "Anna" });
    await rpc(helper, "update_profile", { name: "Ben" });

    const { data: asCreator } = await creator.api
      .from("tasks")
      .select(
        "id, status, creator:users!tasks_creator_id_fkey(name), helper:users!tasks_helper_id_fkey(name), task_offers(status, helper_id)",
      )
      .eq("creator_id", creator.id);
    expect(asCreator).toEqual([
      {
        id: task.id,
        status: "assigned",
        creator: { name: "Anna" },
        helper: { name: "Ben" },
        task_offers: [{ status: "accepted", helper_id: helper.id }],
      },
    ]);
    const { data: asHelper } = await helper.api
      .from("tasks")
      .select("id, creator:users!tasks_creator_id_fkey(name)")
      .eq("helper_id", helper.id);
    expect(asHelper).toEqual([{ id: task.id, creator: { name: "Anna" } }]);
    const { data: offers } = await helper.api
      .from("task_offers")
      .select("status, task:tasks(title, creator:users!tasks_creator_id_fkey(name))");
    expect(offers).toEqual([{ status: "accepted", task: { title: task.title, creator: { name: "Anna" } } }]);
    expect((await other.api.from("tasks").select("id").eq("id", task.id)).data).toEqual([]);
  });

  test("page by keyset", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++)
      ids.push((await rpc(creator, "create_task", taskArgs({ points_reward: 1 }))).id);
    const seen: string[] = [];
    let cursor: { created_at: string; id: string } | undefined;
    do {
      let query = creator.api.from("tasks").select("id, created_at").eq("creator_id", creator.id);
      if (cursor) {
        query = query.or(
          `created_at.lt."${cursor.created_at}",and(created_at.eq."${cursor.created_at}",id.lt.${cursor.id})`,
        );
      }
      const { data } = await query
        .order("created_at", { ascending: false })
        .order("id", { ascending: false })
        .limit(3)
        .throwOnError();
      seen.push(...data.map(({ id }) => id));
      cursor = data.at(-1);
    } while (cursor);
    expect(seen).toEqual(ids.reverse());
  });
});

describe("the point history", () => {
  test("pages by id, newest first, and its balances continue each other", async () => {
    for (let step = 1; step <= 11; step++)
      await sql("select ops.adjust_points($1, $2, $3)", [creator.id, step, `Step ${step}`]);
    const seen: { id: number; amount: number; balance_after: number }[] = [];
    let before: number | undefined;
    do {
      let query = creator.api.from("point_transactions").select("id, amount, balance_after, description");
      if (before !== undefined) query = query.lt("id", before);
      const { data } = await query.order("id", { ascending: false }).limit(4).throwOnError();
      seen.push(...data);
      before = data.at(-1)?.id;
    } while (before !== undefined);
    expect(seen.map(({ amount }) => amount)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    for (const [index, row] of seen.entries()) {
      expect(row.balance_after).toBe(row.amount + (seen[index + 1]?.balance_after ?? 0));
    }
  });

  test("is the member's own alone, also for the other side of the deal", async () => {
    await playTask(call, creator.id, helper.id, "completed");
    expect((await helper.api.from("point_transactions").select("amount")).data).toEqual([{ amount: 10 }]);
    expect((await creator.api.from("point_transactions").select("amount")).data).toEqual([]);
  });

  test("starts with the welcome bonus where the settings give one", async () => {
    await changeSettings(sql, { welcome_points: 12 });
    const [newcomer] = await members(1);
    const { data } = await newcomer.api.from("point_transactions").select("amount, type, balance_after");
    expect(data).toEqual([{ amount: 12, type: "bonus", balance_after: 12 }]);
  });
});

test("categories below a category are read by its column", async () => {
  await sql(
    "insert into public.categories (slug, parent_slug, name_de, name_en) values ('hecken', 'garten', 'Hecken', 'Hedges') on conflict do nothing",
  );
  const { data } = await creator.api
    .from("categories")
    .select("slug, children:categories!parent_slug(slug)")
    .eq("slug", "garten")
    .throwOnError();
  expect(data).toEqual([{ slug: "garten", children: [{ slug: "hecken" }] }]);
});

test("categories are readable by everybody, in both languages", async () => {
  for (const api of [creator.api, anonymous()]) {
    const { data } = await api
      .from("categories")
      .select("slug, name_de, name_en")
      .is("parent_slug", null)
      .order("position");
    expect(data?.map(({ slug }) => slug)).toEqual(["handwerk", "garten", "technik", "transport", "sonstiges"]);
    expect(data?.[1]).toEqual({ slug: "garten", name_de: "Garten", name_en: "Garden" });
  }
});
