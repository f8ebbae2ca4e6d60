import { afterAll, beforeAll, expect, test } from "vitest";
import { createNeighbourhoodClient, type NeighbourhoodClient } from "../../src/client/index.ts";
import type { WebhookEventType } from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import { WEBHOOK_EVENTS } from "../../supabase/functions/partner/events.ts";
import { communityMonth } from "../support/community-month.ts";
import { behaviours, PartnerServer } from "../support/partner-server.ts";
import { openPartner, type Partner } from "../support/redemptions.ts";
import type { RefusalBody } from "../support/requests.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";

/** From help to bread: members spend what they earned, and a partner's till, back office and server do their part. */

const MONTH = communityMonth();
const PLACE = { latitude: 48.14, longitude: 11.58 };

const stack = useFunctionStack();
const { sql, send } = stack;
const backend = new PartnerServer();
let partner: Partner;
let anna: NeighbourhoodClient;
let ben: NeighbourhoodClient;
let carla: NeighbourhoodClient;
let loaf: { id: string };
beforeAll(async () => {
  await backend.listen();
  partner = await openPartner(sql);
  stack.keepSecret(partner.key);
  const people = await stack.members(3);
  [anna, ben, carla] = people.map(({ api }) => createNeighbourhoodClient(api)) as [
    NeighbourhoodClient,
    NeighbourhoodClient,
    NeighbourhoodClient,
  ];
  const endpoint = await api<{ secret: string }>("POST", "webhook-endpoints", {
    url: `${backend.url}/webhooks`,
    event_types: ["redemption.created", "redemption.used", "redemption.cancelled", "reward.sold_out"],
  });
  backend.webhookSecret = endpoint.json.secret;
  const connection = await api<{ secret: string }>("PUT", "connection", { url: `${backend.url}/codes` });
  backend.connectionSecret = connection.json.secret;
  stack.keepSecret(backend.webhookSecret, backend.connectionSecret);
});
afterAll(() => backend.close());

/** The partner's till and back office. */
function api<Body = RefusalBody>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return send<Body>(`/functions/v1/partner/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${partner.key}`, ...headers },
    body,
  });
}

async function offer(title_en: string, points_cost: number, more: object = {}): Promise<{ id: string }> {
  const reward = { title_de: "Belohnung", title_en, points_cost, discount_type: "free_item", ...more };
  const { status, json } = await api<{ id: string }>("POST", "rewards", reward);
  expect(status).toBe(201);
  return json;
}

/** What pg_cron does every minute. */
async function aMinuteLater(): Promise<void> {
  await sql("update private.partner_requests set next_attempt_at = now()");
  for (const name of ["sweep-redemptions", "deliver-webhooks"]) {
    const { status } = await send(`/functions/v1/${name}`, { method: "POST", headers: { apikey: stack.secretKey } });
    expect(status).toBe(200);
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Helps a neighbour for so many points. */
async function earn(creator: NeighbourhoodClient, helper: NeighbourhoodClient, pointsReward: number): Promise<void> {
  const task = await creator.tasks.create({
    title: "Carry boxes",
    description: "Six boxes to the cellar.",
    category: "transport",
    points_reward: pointsReward,
    ...PLACE,
  });
  const { id } = await helper.tasks.offerHelp(task.id);
  await creator.tasks.acceptOffer(id);
  await helper.tasks.start(task.id);
  await helper.tasks.finish(task.id);
  await creator.tasks.confirm(task.id);
}

/** The account says what the history adds up to. */
async function expectBalance(client: NeighbourhoodClient, balance: number): Promise<void> {
  const history = await collect(client.points.history());
  expect(await client.points.account()).toMatchObject({ balance });
  expect(history.reduce((sum, { amount }) => sum + amount, 0)).toBe(balance);
  expect(history[0]?.balance_after).toBe(balance);
}

test("Ben helps, redeems his points for bread, and the till takes the code", async () => {
  loaf = await offer("A loaf of your choice", 25, { return_days: 14 });
  await earn(anna, ben, 60);
  const [reward, ...others] = await collect(ben.rewards.list({ partner_id: partner.id }));
  expect([reward?.title_en, reward?.points_cost, others]).toEqual(["A loaf of your choice", 25, []]);

  const { redemption, code, qr } = await ben.redemptions.redeem({ reward_id: loaf.id, expected_points: 25 });
  expect(redemption).toMatchObject({ status: "active", points_spent: 25, title_en: "A loaf of your choice" });
  expect(code).toMatch(/^NH..-....-....-....-....$/);
  expect(qr).toMatch(/^<svg /);
  stack.keepSecret(code ?? "");
  await expectBalance(ben, 35);
  expect(await ben.redemptions.get(redemption.id)).toEqual({ redemption, code, qr });

  const typed = code?.toLowerCase().replaceAll("-", " ");
  const verified = await api("POST", "redemptions/verify", { code: typed });
  expect([verified.status, verified.json]).toMatchObject([
    200,
    { outcome: "valid", redemption: { id: redemption.id } },
  ]);
  const use = { code, till_reference: "till-3/000471" };
  const used = await api("POST", "redemptions/use", use);
  expect([used.status, used.json]).toMatchObject([200, { is_repeat: false, redemption: { status: "used" } }]);
  expect((await api("POST", "redemptions/use", use)).json).toMatchObject({ is_repeat: true });
  const twice = await api("POST", "redemptions/use", { ...use, till_reference: "till-4/000012" });
  expect([twice.status, twice.json]).toMatchObject([
    409,
    { code: "already_used", detail: { till_reference: "till-3/000471" } },
  ]);
  expect((await ben.redemptions.get(redemption.id)).redemption).toMatchObject({ status: "used" });
  await expect(ben.redemptions.return(redemption.id)).rejects.toMatchObject({ code: "redemption_not_returnable" });

  await aMinuteLater();
  expect(backend.webhooks.map(({ type, data }) => [type, data["redemption_id"]]).sort()).toEqual([
    ["redemption.created", redemption.id],
    ["redemption.used", redemption.id],
  ]);
  const [, told] = backend.webhooks.toSorted((one, other) => one.type.localeCompare(other.type));
  expect(told?.id).toMatch(/^msg_/);
  expect(told?.data).toMatchObject({ status: "used", till_reference: "till-3/000471", points_spent: 25 });
  expect(backend.forged).toBe(0);
});

test("Carla changes her mind and gives a code back", async () => {
  await earn(anna, carla, 60);
  const { redemption, code } = await carla.redemptions.redeem({ reward_id: loaf.id, expected_points: 25 });
  stack.keepSecret(code ?? "");
  await expectBalance(carla, 35);
  expect(await carla.redemptions.return(redemption.id)).toMatchObject({ status: "cancelled", end_reason: "returned" });
  expect(await carla.redemptions.return(redemption.id)).toMatchObject({ status: "cancelled" });
  expect(await carla.redemptions.get(redemption.id)).toMatchObject({ code: null, qr: null });
  await expectBalance(carla, 60);

  const refused = await api("POST", "redemptions/use", { code, till_reference: "till-1" });
  expect([refused.status, refused.json.code]).toEqual([409, "code_cancelled"]);
  await aMinuteLater();
  expect(backend.webhooks.at(-1)).toMatchObject({ data: { redemption_id: redemption.id } });
  expect(backend.webhooks.map(({ type }) => type)).toContain("redemption.cancelled");
});

test("the only code of a pool goes to Carla, and then the reward is sold out", async () => {
  const voucher = await offer("Book voucher", 10, { code_source: "pool" });
  await expect(ben.redemptions.redeem({ reward_id: voucher.id, expected_points: 10 })).rejects.toMatchObject({
    code: "reward_sold_out",
  });
  const upload = await api("POST", `rewards/${voucher.id}/codes`, "code\r\nBook-0001\r\nbook 0001\r\n", {
    "content-type": "text/csv",
  });
  expect(upload.json).toMatchObject({ accepted: 1, rejected: 1 });
  stack.keepSecret("Book-0001");
  const { code } = await carla.redemptions.redeem({ reward_id: voucher.id, expected_points: 10 });
  expect(code).toBe("Book-0001");
  await expect(ben.redemptions.redeem({ reward_id: voucher.id, expected_points: 10 })).rejects.toMatchObject({
    code: "reward_sold_out",
  });
  expect(await ben.rewards.get(voucher.id)).toMatchObject({ stock: { total: 1, taken: 1 } });
  expect((await api("POST", "redemptions/use", { code: "BOOK0001", till_reference: "shop-1" })).status).toBe(200);
  await aMinuteLater();
  expect(backend.webhooks.filter(({ type }) => type === "reward.sold_out")).toMatchObject([
    { data: { reward_id: voucher.id, total: 1 } },
  ]);
  await expectBalance(ben, 35);
  await expectBalance(carla, 50);
});

test("the swimming hall makes its own codes, at once or when it is back", async () => {
  const swim = await offer("Admission for one", 15, { code_source: "partner_api" });
  const now = await ben.redemptions.redeem({ reward_id: swim.id, expected_points: 15 });
  expect(now).toMatchObject({ code: expect.stringMatching(/^SHOP /), redemption: { status: "active" } });
  expect(now.code).toBe(backend.issued.get(now.redemption.id));

  backend.always(behaviours.failsBeforeActing);
  const later = await ben.redemptions.redeem({ reward_id: swim.id, expected_points: 15 });
  expect(later).toMatchObject({ code: null, qr: null, redemption: { status: "pending" } });
  await expectBalance(ben, 5);
  backend.always(behaviours.ok);
  await aMinuteLater();
  expect(await ben.redemptions.waitForCode(later.redemption.id)).toMatchObject({
    code: backend.issued.get(later.redemption.id) ?? "none was given",
    redemption: { status: "active" },
  });
  await expect(ben.redemptions.redeem({ reward_id: swim.id, expected_points: 15 })).rejects.toMatchObject({
    code: "insufficient_points",
    status: 402,
  });
  stack.keepSecret(...backend.issued.values());
  await expectBalance(ben, 5);
  expect(backend.forged).toBe(0);
});

test("the settlement holds what was used, the same to the byte each time", async () => {
  const path = `settlements/${MONTH}`;
  const settlement = await api<{ lines: { title_en: string; till_reference: string }[] }>("GET", path);
  expect(settlement.json).toMatchObject({
    month: MONTH,
    is_final: false,
    partner_id: partner.id,
    totals: { redemptions: 2, points_spent: 35 },
  });
  expect(settlement.json.lines.map(({ title_en, till_reference }) => [title_en, till_reference])).toEqual([
    ["A loaf of your choice", "till-3/000471"],
    ["Book voucher", "shop-1"],
  ]);
  expect((await api("GET", path)).text).toBe(settlement.text);
  const csv = await api("GET", path, undefined, { accept: "text/csv" });
  expect(csv.headers.get("content-type")).toContain("text/csv");
  expect(csv.text.trimEnd().split("\r\n")).toHaveLength(3);
  expect((await api("GET", path, undefined, { accept: "text/csv" })).text).toBe(csv.text);
});

test("everybody's history is what happened", async () => {
  const statuses = async (client: NeighbourhoodClient) =>
    (await collect(client.redemptions.list())).map(({ status }) => status);
  expect(await statuses(ben)).toEqual(["active", "active", "used"]);
  expect(await statuses(carla)).toEqual(["used", "cancelled"]);
  expect(await statuses(anna)).toEqual([]);
  const list = await api<{ items: { status: string }[] }>("GET", "redemptions");
  expect(list.json.items).toHaveLength(5);
  expect(new Set(backend.webhooks.map(({ id }) => id)).size).toBe(backend.webhooks.length);
  for (const { id: _, ...event } of backend.webhooks) {
    // Cut to what the API's description names, it is whole.
    expect(WEBHOOK_EVENTS[event.type as WebhookEventType].schema.parse(event)).toEqual(event);
  }
  expect(await sql("select * from ops.audit_books()")).toEqual([]);
});
