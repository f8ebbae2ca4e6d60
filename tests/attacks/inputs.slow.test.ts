import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiErrorFrom } from "../../src/client/api-error.ts";
import { type Catalogue, readCatalogue } from "../support/catalogue.ts";
import { type HonestArguments, honestArguments } from "../support/honest-arguments.ts";
import { nastyFor } from "../support/nasty.ts";
import { inParallel } from "../support/parallel.ts";
import { type Caller, codeIn, type RawResponse, restOf } from "../support/rest.ts";
import { changeSettings, dailyLimits } from "../support/settings.ts";
import { type Member, useStack } from "../support/use-stack.ts";

/** Whatever is thrown at a function, it answers with a refusal or a result, never with a failure of the server. */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let member: Member;
/** Arguments with which each function gets past every other argument. */
let honest: HonestArguments;

beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  const [first, helper] = await stack.members(2);
  member = first;
  honest = await honestArguments(stack, member.id, helper.id);
});

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
  expect(names, "every function has its arguments in support/honest-arguments.ts").toEqual(
    Object.keys(honest).toSorted(),
  );
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
    const code = rawCode(type, json, response);
    // the honest redemption has this code already; in life each is made anew
    const isTaken = name === "begin_redemption" && code === "23505";
    if (code !== undefined && !isTaken) raw.push(`${title}: ${code} ${response.text.slice(0, 200)}`);
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
        "count_unread_messages",
        "count_unread_notifications",
        "delete_push_subscription",
        "delete_review",
        "get_api_version",
        "list_conversations",
        "list_notification_addresses",
        "list_notifications",
        "mark_notifications_read",
        "monthly_statistics",
        "my_contact_reveals",
        "read_metrics",
        "read_partner_connection",
        "read_readiness",
        "record_notification_deliveries",
        "record_webhook_attempts",
        "task_rules",
        "unblock_user",
        "update_contact",
        "update_message_settings",
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
