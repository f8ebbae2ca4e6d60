import { createClient } from "@supabase/supabase-js";
import { describe, expect, test } from "vitest";
import { createNeighbourhoodClient, type Database, type NeighbourhoodClient } from "../../src/client/index.ts";
import { fakeRest, fakeRestSignedIn, json, MY_ID } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const REWARD =
  "*,partner:partners!rewards_partner_id_fkey(id,name,logo_url),stock:reward_stocks!reward_stocks_reward_id_fkey(total,taken)";
const PLACE =
  "id,partner_id,name,category,types,description,rating_average,rating_count,rating_sum,address,latitude,longitude," +
  "opening_hours,source,source_id,is_active,created_at,updated_at";
const REDEMPTION =
  "id,reward_id,partner_id,partner_name,title_de,title_en,points_spent,discount_type,discount_value,discount_currency,status," +
  "end_reason,redeemed_at,expires_at,returnable_until,used_at,ended_at";
const CARD = "(id,name,avatar_path,rating_average,rating_count)";
const HELPER = "(id,name,avatar_path,rating_average,rating_count,accepted_tasks,finished_tasks)";
const PROFILE = "*,accepted_tasks,finished_tasks";

/** The one request a read made, as path and query. */
async function requestOf(call: (client: NeighbourhoodClient) => Promise<unknown>): Promise<[string, object]> {
  const { client, requests } = await fakeRestSignedIn(() => json([{ id: ID }]));
  await call(client);
  const [request] = requests;
  if (requests.length !== 1 || request === undefined) throw new Error(`one request expected, got ${requests.length}`);
  return [`${request.method} ${request.path}`, Object.fromEntries(request.query)];
}

describe("each read asks for exactly what it returns", () => {
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, object]>([
    ["users", ({ users }) => users.me(), { select: `${PROFILE},points_balance`, id: `eq.${MY_ID}` }],
    ["users", ({ users }) => users.get(ID), { select: PROFILE, id: `eq.${ID}` }],
    [
      "lapses",
      ({ users }) => users.lapses(),
      { select: "*,task:tasks!lapses_task_id_fkey(id,title)", order: "id.desc" },
    ],
    ["user_contacts", ({ users }) => users.contact(), { select: "*" }],
    ["user_bans", ({ users }) => users.bans(), { select: "*", order: "id.desc" }],
    [
      "user_blocks",
      ({ users }) => users.blocked(),
      { select: `*,blocked:users!user_blocks_blocked_id_fkey${CARD}`, order: "created_at.desc,blocked_id.asc" },
    ],
    ["point_accounts", ({ points }) => points.account(), { select: "*" }],
    [
      "point_transactions",
      ({ points }) => points.historyPage({ page_size: 7, after: "42" }),
      {
        select: "*,task:tasks!point_transactions_task_id_fkey(id,title)",
        id: "lt.42",
        order: "id.desc",
        limit: "7",
      },
    ],
    [
      "tasks",
      ({ tasks }) => tasks.get(ID),
      {
        select: `*,creator:users!tasks_creator_id_fkey${CARD},helper:users!tasks_helper_id_fkey${CARD}`,
        id: `eq.${ID}`,
      },
    ],
    [
      "task_offers",
      ({ tasks }) => tasks.offers(ID),
      {
        select: `*,is_outdated,helper:users!task_offers_helper_id_fkey${HELPER}`,
        task_id: `eq.${ID}`,
        order: "created_at.asc,id.asc",
      },
    ],
    ["rpc/get_task_location", ({ tasks }) => tasks.location(ID), { task_id: ID }],
    ["rpc/my_contact_reveals", ({ users }) => users.contactRevealsPage(), { page_size: "20" }],
    [
      "rpc/my_contact_reveals",
      ({ users }) => users.contactRevealsPage({ page_size: 5, after: "42" }),
      { page_size: "5", after: "42" },
    ],
    ["task_events", ({ tasks }) => tasks.events(ID), { select: "*", task_id: `eq.${ID}`, order: "id.asc" }],
    ["rpc/task_rules", ({ tasks }) => tasks.rules(), {}],
    [
      "categories",
      ({ tasks }) => tasks.categories(),
      { select: "*", is_active: "eq.true", order: "position.asc,slug.asc" },
    ],
    [
      "tasks",
      ({ tasks }) => tasks.minePage({ as: "helper", status: ["assigned", "in_progress"] }),
      {
        select:
          `*,creator:users!tasks_creator_id_fkey${CARD},helper:users!tasks_helper_id_fkey${CARD},` +
          `offers:task_offers!task_offers_task_id_fkey(*,is_outdated,helper:users!task_offers_helper_id_fkey${HELPER})`,
        helper_id: `eq.${MY_ID}`,
        status: "in.(assigned,in_progress)",
        order: "created_at.desc,id.desc",
        limit: "20",
      },
    ],
    [
      "task_offers",
      ({ tasks }) => tasks.myOffersPage({ status: "pending", page_size: 5 }),
      {
        select: `*,is_outdated,task:tasks!task_offers_task_id_fkey(*,creator:users!tasks_creator_id_fkey${CARD})`,
        helper_id: `eq.${MY_ID}`,
        status: "in.(pending)",
        order: "created_at.desc,id.desc",
        limit: "5",
      },
    ],
    [
      "ratings",
      ({ ratings }) => ratings.ofTask(ID),
      { select: "*", task_id: `eq.${ID}`, order: "created_at.asc,id.asc" },
    ],
    [
      "ratings",
      ({ ratings }) => ratings.givenPage({ page_size: 5, after: `2026-11-21T08:00:00.123456+00:00_${ID}` }),
      {
        select: "*",
        rater_id: `eq.${MY_ID}`,
        created_at: "lte.2026-11-21T08:00:00.123456+00:00",
        or: `(created_at.lt."2026-11-21T08:00:00.123456+00:00",and(created_at.eq."2026-11-21T08:00:00.123456+00:00",id.lt.${ID}))`,
        order: "created_at.desc,id.desc",
        limit: "5",
      },
    ],
    ["rewards", ({ rewards }) => rewards.get(ID), { select: REWARD, id: `eq.${ID}` }],
    ["rewards", ({ rewards }) => rewards.listPage(), { select: REWARD, order: "created_at.desc,id.desc", limit: "20" }],
    [
      "rewards",
      ({ rewards }) =>
        rewards.listPage({
          partner_id: ID,
          max_points: 30,
          page_size: 5,
          after: `2026-11-21T08:00:00.123456+00:00_${ID}`,
        }),
      {
        select: REWARD,
        partner_id: `eq.${ID}`,
        points_cost: "lte.30",
        created_at: "lte.2026-11-21T08:00:00.123456+00:00",
        or: `(created_at.lt."2026-11-21T08:00:00.123456+00:00",and(created_at.eq."2026-11-21T08:00:00.123456+00:00",id.lt.${ID}))`,
        order: "created_at.desc,id.desc",
        limit: "5",
      },
    ],
    ["partners", ({ partners }) => partners.list(), { select: "*", order: "name.asc,id.asc" }],
    ["places", ({ places }) => places.listPage(), { select: PLACE, order: "id.asc", limit: "20" }],
    [
      "places",
      ({ places }) => places.listPage({ partner_id: ID, page_size: 500, after: ID }),
      { select: PLACE, partner_id: `eq.${ID}`, id: `gt.${ID}`, order: "id.asc", limit: "100" },
    ],
    ["places", ({ places }) => places.get(ID), { select: PLACE, id: `eq.${ID}` }],
    [
      "place_reviews",
      ({ places }) =>
        places.reviewsPage({ place_id: ID, user_id: ID, after: `2026-11-21T08:00:00.123456+00:00_${ID}` }),
      {
        select: `*,user:users!place_reviews_user_id_fkey${CARD}`,
        place_id: `eq.${ID}`,
        user_id: `eq.${ID}`,
        created_at: "lte.2026-11-21T08:00:00.123456+00:00",
        or: `(created_at.lt."2026-11-21T08:00:00.123456+00:00",and(created_at.eq."2026-11-21T08:00:00.123456+00:00",id.lt.${ID}))`,
        order: "created_at.desc,id.desc",
        limit: "20",
      },
    ],
    ["preferences", ({ recommendations }) => recommendations.preferences(), { select: "*", order: "category.asc" }],
    ["redemptions", ({ redemptions }) => redemptions.listPage(), { select: REDEMPTION, order: "id.desc", limit: "20" }],
    [
      "redemptions",
      ({ redemptions }) => redemptions.listPage({ status: ["pending", "active"], page_size: 5, after: ID }),
      { select: REDEMPTION, status: "in.(pending,active)", id: `lt.${ID}`, order: "id.desc", limit: "5" },
    ],
  ])("%s (%#)", async (table, call, query) => {
    expect(await requestOf(call)).toEqual([`GET ${table}`, query]);
  });
});

describe("a row that is not there", () => {
  const { client } = fakeRest(() => json([]));

  test("is not found", async () => {
    await expect(client.users.get(ID)).rejects.toMatchObject({ code: "user_not_found", status: 404 });
    await expect(client.users.contact()).rejects.toMatchObject({ code: "user_not_found" });
    await expect(client.points.account()).rejects.toMatchObject({ code: "user_not_found" });
    await expect(client.tasks.get(ID)).rejects.toMatchObject({ code: "task_not_found", status: 404 });
    await expect(client.rewards.get(ID)).rejects.toMatchObject({ code: "reward_not_found", status: 404 });
  });

  test("is no place any more, for locations", async () => {
    expect(await client.tasks.location(ID)).toBeNull();
    await expect(client.tasks.revealContact(ID)).rejects.toMatchObject({ code: "task_not_found" });
  });
});

describe("whose rows", () => {
  test("without a login nothing of one's own can be read", async () => {
    const { client } = fakeRest(() => json([]));
    await expect(client.users.me()).rejects.toMatchObject({ code: "not_signed_in", status: 401 });
    await expect(client.tasks.minePage({ as: "creator" })).rejects.toMatchObject({ code: "not_signed_in" });
  });

  test("a client with a token of its own asks the database who it is", async () => {
    const paths: string[] = [];
    const supabase = createClient<Database>("http://rest.test", "publishable-key", {
      accessToken: async () => "a.b.c",
      global: {
        fetch: async (input) => {
          const url = new URL(new Request(input).url);
          paths.push(url.pathname + decodeURIComponent(url.search));
          return json(url.pathname.endsWith("/point_accounts") ? [{ user_id: MY_ID }] : [{ id: MY_ID, name: "Kim" }]);
        },
      },
    });
    expect(await createNeighbourhoodClient(supabase).users.me()).toMatchObject({ name: "Kim" });
    expect(paths).toEqual([
      "/rest/v1/point_accounts?select=user_id",
      `/rest/v1/users?select=${PROFILE},points_balance&id=eq.${MY_ID}`,
    ]);
  });
});
