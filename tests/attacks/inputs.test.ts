import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiErrorFrom } from "../../src/client/api-error.ts";
import { type Catalogue, readCatalogue } from "../support/catalogue.ts";
import { nastyFor } from "../support/nasty.ts";
import { inParallel } from "../support/parallel.ts";
import {
  connectPartner,
  offerReward,
  openPartner,
  type Redemption,
  redeemArgs,
  someCode,
} from "../support/redemptions.ts";
import { type Caller, codeIn, type RawResponse, restOf } from "../support/rest.ts";
import { PLACE, playTask } from "../support/scenario.ts";
import { changeSettings, dailyLimits } from "../support/settings.ts";
import { type Member, useStack } from "../support/use-stack.ts";

/** Whatever is thrown at a function, it answers with a refusal or a result, never with a failure of the server. */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let member: Member;
let helper: Member;
/** Arguments with which each function gets past every other argument. */
let honest: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  [member, helper] = await stack.members(2);
  const { task } = await playTask(stack.call, member.id, helper.id, "open");
  const id = { task_id: task.id };
  const [place] = await sql<{ id: string }>(
    "insert into public.places (name, source, latitude, longitude) values ('Bench', 'community', 1, 1) returning id",
  );
  const { offer } = await playTask(stack.call, helper.id, member.id, "open");
  honest = {
    leaderboard: {},
    user_statistics: {},
    monthly_statistics: {},
    create_task: { title: "Mow", description: "The lawn", category: "garten", ...PLACE, points_reward: 1 },
    update_task: id,
    offer_help: id,
    withdraw_offer: { offer_id: offer.id },
    decline_offer: { offer_id: offer.id },
    accept_offer: { offer_id: offer.id },
    start_task: id,
    finish_task: id,
    confirm_task: id,
    reject_completion: { ...id, reason: "Not yet" },
    release_task: id,
    cancel_task: { task_id: offer.task_id },
    search_tasks: { query: "lawn", latitude: PLACE.latitude, longitude: PLACE.longitude },
    search_places: { query: "bread", latitude: PLACE.latitude, longitude: PLACE.longitude },
    nearby_tasks: PLACE,
    recommended_tasks: { latitude: PLACE.latitude, longitude: PLACE.longitude },
    recommended_places: { latitude: PLACE.latitude, longitude: PLACE.longitude },
    suggest_helpers: id,
    add_place: { name: "A bench", category: "other", latitude: PLACE.latitude, longitude: PLACE.longitude },
    review_place: { place_id: place?.id, rating: 4 },
    delete_review: { place_id: place?.id },
    set_preference: { category: "garten", rating: 3 },
    block_user: { user_id: helper.id },
    unblock_user: { user_id: helper.id },
    update_profile: {},
    update_contact: {},
    update_settings: {},
    rate_task: { ...id, score: 5 },
    list_ratings: { user_id: helper.id },
    explain_trust: { user_id: helper.id },
    list_notifications: {},
    count_unread_notifications: {},
    list_notification_addresses: {},
    mark_notifications_read: {},
    set_notification_preference: { type: "task_started", channel: "email", is_enabled: true },
    update_notification_settings: {},
    save_push_subscription: {
      endpoint: "https://push.example/inputs",
      p256dh: `B${"x".repeat(86)}`,
      auth: "y".repeat(22),
    },
    delete_push_subscription: { endpoint: "https://push.example/inputs" },
    get_api_version: {},
    ...(await honestOfEdgeFunctions()),
  };
});

/** The same for the commands that only edge functions send. */
async function honestOfEdgeFunctions(): Promise<typeof honest> {
  const partner = await openPartner(sql);
  const reward = await offerReward(sql, partner, { return_days: 1 });
  const pool = await offerReward(sql, partner, { code_source: "pool" });
  const asked = await offerReward(sql, partner, { code_source: "partner_api" });
  await connectPartner(sql, partner, "https://partner.example/codes", "k.sealed");
  await sql("select ops.adjust_points($1, 1000, 'For redemptions')", [member.id]);
  const begin = async (args: ReturnType<typeof redeemArgs>) => {
    const [row] = await sql<{ redemption: Redemption }>(
      `select public.begin_redemption(member_id, reward_id, expected_points, idempotency_key, code_hash, code_ciphertext) -> 'redemption' as redemption
       from jsonb_to_record($1::text::jsonb) a (member_id uuid, reward_id uuid, expected_points integer, idempotency_key uuid, code_hash text, code_ciphertext text)`,
      [JSON.stringify(args)],
    );
    return row?.redemption.id;
  };
  const args = redeemArgs(member.id, reward);
  const own = { member_id: member.id, redemption_id: await begin(args) };
  const pending = { redemption_id: await begin(redeemArgs(member.id, asked)) };
  const key = { api_key_hash: partner.keyHash };
  const [endpoint] = await sql<{ id: string }>(
    "select public.create_webhook_endpoint($1, 'https://partner.example/hooks', '{redemption.used}', 'k.sealed') ->> 'id' as id",
    [partner.keyHash],
  );
  const [spare] = await sql<{ key_id: string }>(
    "select key_id from ops.create_partner_key($1, 'Spare', '{redemptions:use}')",
    [partner.id],
  );
  const code = { ...key, code_hash: args.code_hash };
  const atEndpoint = { ...key, endpoint_id: endpoint?.id };
  return {
    begin_redemption: { ...args },
    read_redemption: own,
    return_redemption: own,
    claim_partner_requests: {},
    record_partner_code: { ...pending, ...someCode() },
    record_partner_refusal: { ...pending, reason: "404" },
    record_partner_failure: { ...pending, error: "timeout" },
    record_partner_event: {
      partner_id: partner.id,
      event_id: "evt_1",
      event_type: "code.issued",
      occurred_at: "2026-01-01T00:00:00Z",
      ...pending,
      ...someCode(),
      details: {},
    },
    read_partner: key,
    list_partner_rewards: key,
    create_reward: {
      ...key,
      reward: { title_de: "Ein Brot", title_en: "A loaf", points_cost: 1, discount_type: "free_item" },
    },
    change_reward: { ...key, reward_id: reward.id, changes: { points_cost: 2 } },
    retire_reward: { ...key, reward_id: reward.id },
    add_codes: { ...key, reward_id: pool.id, codes: [] },
    list_codes: { ...key, reward_id: pool.id },
    withdraw_codes: { ...key, reward_id: pool.id, codes: [] },
    list_partner_redemptions: key,
    verify_code: code,
    use_code: { ...code, till_reference: "till-1" },
    cancel_redemption: { ...key, redemption_id: own.redemption_id },
    read_settlement: { ...key, month: "2026-01-01" },
    connect_partner: { ...key, url: "https://partner.example/codes", secret_ciphertext: "k.sealed" },
    read_partner_connection: { partner_id: partner.id },
    create_webhook_endpoint: {
      ...key,
      url: "https://partner.example/more",
      event_types: ["redemption.used"],
      secret_ciphertext: "k.sealed",
    },
    list_webhook_endpoints: key,
    test_webhook_endpoint: atEndpoint,
    list_api_keys: key,
    create_api_key: { ...key, name: "Till 3" },
    rotate_api_key: { ...key, key_id: spare?.key_id },
    revoke_api_key: { ...key, key_id: spare?.key_id },
    rotate_webhook_secret: { ...atEndpoint, secret_ciphertext: "k.sealed" },
    delete_webhook_endpoint: atEndpoint,
    list_webhook_messages: key,
    replay_webhook_message: { ...key, message_id: 1 },
    claim_webhook_messages: {},
    record_webhook_attempts: { results: [] },
    claim_notification_deliveries: {},
    record_notification_deliveries: { results: [] },
    unsubscribe_notifications: { user_id: member.id, channel: "email", type: "task_started" },
  };
}
beforeEach(() =>
  changeSettings(sql, {
    open_task_limit: 1_000_000,
    ...dailyLimits(1_000_000),
    points_limit_per_creator: 100_000_000,
  }),
);

/** Failures of the server among the answers: neither a result nor a refusal with a code. */
class Failures {
  readonly found: string[] = [];

  note(what: string, response: RawResponse): void {
    const isRefusal = response.status >= 400 && response.status < 500 && codeIn(response) !== undefined;
    const isAnswer = response.status >= 200 && response.status < 300;
    if (!isRefusal && !isAnswer) this.found.push(`${what}: ${response.status} ${response.text.slice(0, 200)}`);
  }
}

/** Who may call a function: a member, or an edge function with the secret key. */
function callerOf(name: string): Caller {
  const isForMembers = catalogue.rpcs.find((rpc) => rpc.name === name)?.isForMembers ?? true;
  return isForMembers ? { token: member.token } : { apiKey: address.secretKey };
}

function post(name: string, body: string): Promise<RawResponse> {
  return rest(`rpc/${name}`, { ...callerOf(name), method: "POST", body });
}

/** An object with one argument replaced by a piece of raw JSON. */
function withArgument(args: Record<string, unknown>, name: string, json: string): string {
  const others = Object.entries(args).filter(([other]) => other !== name);
  return `{${[...others.map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`), `${JSON.stringify(name)}:${json}`].join(",")}}`;
}

function rpcs() {
  const found = catalogue.rpcs.filter((rpc) => !rpc.isComputedField);
  const names = found.map(({ name }) => name);
  expect(names, "every function has its arguments in honest, above").toEqual(Object.keys(honest).toSorted());
  return found;
}

/**
 * A raw SQLSTATE where a slug belongs. PostgREST gives every argument its type before a function runs, and says class 22 by
 * itself where that cannot be done: what is no number, no UUID, no boolean, and text that PostgreSQL cannot hold (decision
 * 0045). The client checks before it sends, and makes `validation_failed` of the rest.
 */
function rawCode(type: string, json: string, response: RawResponse): string | undefined {
  const code = response.status >= 400 ? codeIn(response) : undefined;
  if (code === undefined || /^(?:PT\d{3}|PGRST\w+)$/u.test(code)) return undefined;
  const isText = type === "text" && !/\\u(?:0000|d[89a-f])/u.test(json.replaceAll(/\\ud[89ab]..\\ud[c-f]../gu, ""));
  // the local server cannot write them out
  const isDeep = json.startsWith("[[[") || json.startsWith('{"a":{');
  return code.startsWith("22") && (!isText || isDeep) ? undefined : code;
}

test("every argument of every function takes every nasty value without failing", { timeout: 300_000 }, async () => {
  const attempts = rpcs().flatMap(({ name, args }) =>
    args.flatMap(({ name: arg, type }) => nastyFor(type).map(([what, json]) => ({ name, arg, type, what, json }))),
  );
  const failures = new Failures();
  const raw: string[] = [];
  const unexpected: string[] = [];
  await inParallel(attempts, async ({ name, arg, type, what, json }) => {
    const title = `${name}.${arg} = ${what}`;
    const response = await post(name, withArgument(honest[name] ?? {}, arg, json));
    failures.note(title, response);
    // edge functions check before they call theirs
    const code = callerOf(name).token === undefined ? undefined : rawCode(type, json, response);
    if (code !== undefined) raw.push(`${title}: ${code} ${response.text.slice(0, 200)}`);
    if (response.status < 400 || callerOf(name).token === undefined) return;
    const { code: slug } = apiErrorFrom(JSON.parse(response.text), response.status);
    if (slug === "unexpected_response") unexpected.push(`${title}: ${response.text.slice(0, 200)}`);
  });
  expect(attempts.length).toBeGreaterThan(500);
  expect(failures.found).toEqual([]);
  expect(raw, "a slug, but for what PostgREST refuses before a function runs").toEqual([]);
  expect(unexpected, "the client knows every one of them").toEqual([]);
});

describe("calls of the wrong shape", () => {
  test("all arguments null", async () => {
    for (const { name, args } of rpcs()) {
      const response = await post(name, JSON.stringify(Object.fromEntries(args.map((arg) => [arg.name, null]))));
      expect([name, response.status]).toEqual([name, expect.toSatisfy((status: number) => status < 500)]);
      const takesNull = [
        "claim_notification_deliveries",
        "claim_partner_requests",
        "claim_webhook_messages",
        "count_unread_notifications",
        "delete_push_subscription",
        "delete_review",
        "get_api_version",
        "list_notification_addresses",
        "list_notifications",
        "mark_notifications_read",
        "monthly_statistics",
        "read_partner_connection",
        "record_notification_deliveries",
        "record_webhook_attempts",
        "unblock_user",
        "update_contact",
        "update_notification_settings",
        "update_profile",
        "update_settings",
        "user_statistics",
      ].includes(name);
      expect([name, response.status < 300]).toEqual([name, takesNull]);
    }
  });

  test("null for the task, offer, member or redemption is not found", async () => {
    const answersOtherwise = [
      "begin_redemption",
      "delete_review",
      "read_partner_connection",
      "record_partner_event",
      "unblock_user",
      "unsubscribe_notifications",
      "user_statistics",
    ];
    for (const { name, args } of rpcs()) {
      const [first] = args;
      if (first?.type !== "uuid" || answersOtherwise.includes(name)) continue;
      const response = await post(name, withArgument(honest[name] ?? {}, first.name, "null"));
      expect([name, response.status, JSON.parse(response.text)]).toMatchObject([
        name,
        404,
        { message: expect.stringMatching(/_not_found$/) },
      ]);
    }
  });

  test("missing and extra arguments find no function", async () => {
    for (const { name, args } of rpcs()) {
      const [required] = args.filter((arg) => arg.name in (honest[name] ?? {}));
      if (required) {
        const { [required.name]: _, ...others } = honest[name] ?? {};
        const response = await post(name, JSON.stringify(others));
        expect([name, response.status, codeIn(response)]).toEqual([name, 404, "PGRST202"]);
      }
      const response = await post(
        name,
        JSON.stringify({ ...honest[name], creator_id: member.id, status: "completed" }),
      );
      expect([name, response.status, codeIn(response)]).toEqual([name, 404, "PGRST202"]);
    }
  });

  test.each([
    "",
    "null",
    "[]",
    "[[]]",
    "42",
    '"text"',
    "{",
    '{"task_id":',
    "{'task_id': 1}",
    "\u0000",
    `${"[".repeat(100_000)}`,
  ])("the body %j", async (body) => {
    const failures = new Failures();
    for (const name of ["confirm_task", "update_profile", "create_task"]) failures.note(name, await post(name, body));
    expect(failures.found).toEqual([]);
  });

  test("other content types, methods and headers", async () => {
    for (const { name } of rpcs()) {
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const response = await rest(`rpc/${name}`, { ...callerOf(name), method });
        expect([name, method, response.status]).toEqual([
          name,
          method,
          expect.toSatisfy((status: number) => status < 500),
        ]);
      }
      for (const type of [
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "text/csv",
        "nonsense",
      ]) {
        const response = await rest(`rpc/${name}`, {
          ...callerOf(name),
          method: "POST",
          headers: { "content-type": type },
          body: "task_id=1",
        });
        expect([name, type, response.status]).toEqual([name, type, expect.toSatisfy((status: number) => status < 500)]);
      }
    }
  });

  test("a function called by GET changes nothing", async () => {
    const response = await rest("rpc/update_profile?name=ByGet", { token: member.token });
    expect([response.status, codeIn(response)]).toEqual([405, "25006"]);
    expect(await sql("select 1 from public.users where name = 'ByGet'")).toEqual([]);
  });
});

describe("what reading tables makes of nasty values", () => {
  // "ov.{" is left out: on a text column PostGIS takes it for broken GeoJSON and raises an internal error, hosted as here
  const FILTERS = [
    "eq.'",
    "eq.NaN",
    "like.%25%25",
    "in.(",
    "in.()",
    "cs.{",
    "fts.a'b",
    "match.(",
    "match.((((((((((a*)*)*)*)*)*)*)*)*)*",
    "imatch.[",
    "is.maybe",
    "not.not.eq.1",
    "eq(any).{1",
    "",
    "=",
  ];

  test("a column of every type takes every filter without failing", async () => {
    const failures = new Failures();
    const columns = catalogue.tables.flatMap(({ name, columns: own }) =>
      own.map((column) => ({ table: name, ...column })),
    );
    const oneOfEachType = [...new Map(columns.map((column) => [column.type, column])).values()];
    expect(oneOfEachType.length).toBeGreaterThan(8);
    // PostGIS again: broken geometries are internal errors
    const attempts = oneOfEachType
      .filter(({ type }) => !/geography|geometry/.test(type))
      .flatMap(({ table, name }) => FILTERS.map((filter) => `${table}?${name}=${filter}`));
    await inParallel(attempts, async (path) => {
      failures.note(path, await rest(`${path}&limit=1`, { token: member.token }));
    });
    expect(failures.found).toEqual([]);
  });

  test.each([
    "users?select=*,*",
    "users?select=(",
    "users?select=id::text,name::int",
    "users?select=id::regclass",
    "users?select=name->a->>b",
    "users?select=a:b:c",
    "users?order=id.up",
    "users?order=id;drop table users",
    "users?limit=-1",
    "users?limit=99999999999999999999",
    "users?offset=-1",
    "users?offset=1e9",
    "users?or=(id.eq.1",
    "users?and=()",
    "users?id=eq.1;select 1",
    "users?select=id,tasks!inner!inner(id)",
    "users?select=...tasks(id)",
    "users?columns=id",
    "users?on_conflict=id",
    `users?select=${"id,".repeat(2000)}id`,
    `users?id=in.(${"00000000-0000-4000-8000-000000000000,".repeat(500)})`,
    "users?%00=1",
    "users?select=%E2%80%AE",
    "%00",
    "users%2Fx",
    "..%2f..%2fauth/v1/user",
    "rpc/",
    "rpc/rpc/confirm_task",
  ])("%s", async (path) => {
    const response = await rest(path, { token: member.token });
    // PostgREST answers 500 where a limit of the database is met, such as 1,664 columns
    const isLimit = codeIn(response)?.startsWith("54") === true;
    expect([path.slice(0, 80), response.status]).toEqual([
      path.slice(0, 80),
      expect.toSatisfy((status: number) => (isLimit ? status === 500 : status < 500)),
    ]);
  });

  test("ranges and preferences", async () => {
    const failures = new Failures();
    for (const headers of [
      { range: "0-0", "range-unit": "items" },
      { range: "5-1" },
      { range: "nonsense" },
      { range: "99999999999999999999-" },
      { prefer: "count=everything" },
      { prefer: "handling=strict,nonsense=1" },
      { prefer: "max-affected=-1" },
      { prefer: "tx=rollback" },
      { prefer: "timezone=Mars/Phobos" },
      { prefer: "params=single-object" },
    ]) {
      failures.note(JSON.stringify(headers), await rest("users?select=id&limit=1", { token: member.token, headers }));
    }
    expect(failures.found).toEqual([]);
  });
});
