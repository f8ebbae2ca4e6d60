import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { inParallel } from "../support/parallel.ts";
import { openPartner } from "../support/redemptions.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { type Caller, type RawRequest, restOf } from "../support/rest.ts";
import { playTask } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** A conversation of two, and everybody else who would like to read it, write into it, or know that it is there. */

const SECRET = "The-key-is-under-the-mat-8c1d";

const stack = useStack();
const { sql, address, call } = stack;
const rest = restOf(address);
let creator: Member;
let helper: Member;
let offerId: string;
let messageId: number;
/** Who tries. */
let others: readonly (readonly [who: string, caller: Caller])[];
let rival: Member;

const write = (sender: Member, body: string, offer_id = offerId) =>
  rpc(sender, "send_message", { offer_id, body, idempotency_key: randomUUID() });

beforeAll(async () => {
  const members = await stack.members(5);
  const [first, second, third, stranger, banned] = members as [Member, Member, Member, Member, Member];
  [creator, helper, rival] = [first, second, third];
  const { task, offer } = await playTask(call, creator.id, helper.id, "open");
  offerId = offer.id;
  // another helper of the same task, who has a conversation of their own with the creator
  const own = await rpc(rival, "offer_help", { task_id: task.id });
  await write(rival, "Take me", own.id);
  await rpc(creator, "accept_offer", { offer_id: offerId });
  messageId = (await write(creator, SECRET)).id;
  for (let times = 0; times < 30; times++) await write(helper, "Thank you");
  await sql("select ops.ban_user($1, 'Test')", [banned.id]);
  const partner = await openPartner(sql);
  others = [
    ["another helper", { token: rival.token }],
    ["a stranger", { token: stranger.token }],
    ["a banned stranger", { token: banned.token }],
    ["nobody", {}],
    ["the secret key", { apiKey: address.secretKey }],
    ["a partner's key", { apiKey: partner.key }],
    ["a partner's key as a token", { token: partner.key }],
  ];
});

/** What it looks like in the tables. */
async function state(): Promise<string> {
  const [row] = await sql<{ state: string }>(
    `select concat((select string_agg(m::text, ' ' order by m.id) from private.messages m where m.offer_id = $1), c::text) as state
     from private.conversations c where c.offer_id = $1`,
    [offerId],
  );
  return row?.state ?? "";
}

function reads(): [path: string, request: RawRequest][] {
  const filters = ["", `&offer_id=eq.${offerId}`, `&id=eq.${messageId}`, `&sender_id=eq.${creator.id}`];
  const tables = filters.flatMap((filter) => [
    `messages?select=*${filter}`,
    `messages?select=body${filter}`,
    `messages?select=count${filter}`,
    `messages?select=body&body=like.The-key*${filter}`,
    `messages?select=id&order=body${filter}`,
    `messages?select=id&body=cast.integer${filter}`,
  ]);
  const paths = [
    ...tables,
    `task_offers?select=*,messages(*)&id=eq.${offerId}`,
    `users?select=*,messages(*)`,
    `conversations?select=*`,
    `message_paces?select=*`,
    `message_settings?select=*`,
    `rpc/list_messages?offer_id=${offerId}`,
    `rpc/list_messages?offer_id=${offerId}&oldest_first=true&after=0&page_size=100`,
    `rpc/list_messages?offer_id=${offerId}&select=body`,
    `rpc/list_conversations?only_offer_id=${offerId}`,
    `rpc/list_conversations?select=*&page_size=100`,
    `rpc/first_unread_text?offer_id=${offerId}&user_id=${helper.id}`,
    `rpc/has_written?user_id=${helper.id}`,
  ];
  return [
    ...paths.map((path): [string, RawRequest] => [path, {}]),
    [`rpc/list_messages`, { method: "POST", body: { offer_id: offerId } }],
    [`messages?select=*`, { headers: { accept: "text/csv" } }],
  ];
}

test("the two read it, so it is there to be found", async () => {
  for (const { token } of [creator, helper]) {
    const path = `rpc/list_messages?offer_id=${offerId}&page_size=100`;
    expect((await rest(path, { token })).text).toContain(SECRET);
  }
});

test("nobody else reads a word of it, or learns that it is there, by any door", async () => {
  for (const [who, caller] of others) {
    const leaks: string[] = [];
    await inParallel(reads(), async ([path, request]) => {
      const { status, text } = await rest(path, { ...caller, ...request });
      if (text.includes(SECRET) || (status < 300 && text.includes(`"${offerId}"`) && !path.startsWith("task_offers"))) {
        leaks.push(`${path}: ${text.slice(0, 200)}`);
      }
      if (status >= 500) leaks.push(`${path}: ${status} ${text.slice(0, 200)}`);
    });
    expect([who, leaks]).toEqual([who, []]);
  }
});

test("nobody else writes into it, marks it, or takes a message back", async () => {
  const before = await state();
  const calls: [path: string, method: string, body: object | undefined][] = [
    ["rpc/send_message", "POST", { offer_id: offerId, body: "Let me in", idempotency_key: randomUUID() }],
    ["rpc/mark_conversation_read", "POST", { offer_id: offerId }],
    ["rpc/delete_message", "POST", { offer_id: offerId, message_id: messageId }],
    [
      "messages",
      "POST",
      { offer_id: offerId, id: 1, sender_id: creator.id, recipient_id: helper.id, body: "x", idempotency_key: offerId },
    ],
    [`messages?id=eq.${messageId}`, "PATCH", { body: "Forged" }],
    [`messages?id=eq.${messageId}`, "DELETE", undefined],
    ["rpc/forget_conversations", "POST", { as_of: "2100-01-01", batch: 1000 }],
  ];
  for (const [who, caller] of others) {
    for (const [path, method, body] of calls) {
      const { status } = await rest(path, { ...caller, method, body });
      expect([who, path, method, status]).toEqual([
        who,
        path,
        method,
        expect.toSatisfy((got: number) => got >= 400 && got < 500),
      ]);
    }
  }
  expect(await state()).toBe(before);
});

describe("the two themselves", () => {
  test("write nothing past the commands, and nothing in the other's name", async () => {
    const before = await state();
    for (const { token } of [creator, helper]) {
      const row = { offer_id: offerId, id: 1, sender_id: helper.id, recipient_id: creator.id, body: "Forged" };
      for (const [path, method, body, status] of [
        ["messages", "POST", { ...row, idempotency_key: offerId }, 404],
        [`messages?id=eq.${messageId}`, "PATCH", { body: "Forged" }, 404],
        [`messages?id=eq.${messageId}`, "DELETE", undefined, 404],
        ["message", "POST", row, 403],
        ["message_settings", "POST", { user_id: helper.id, show_text: true }, 403],
      ] as const) {
        expect((await rest(path, { token, method, body })).status).toBe(status);
      }
    }
    expect(await slugAndStatus(helper.api.rpc("delete_message", { offer_id: offerId, message_id: messageId }))).toBe(
      "404 message_not_found",
    );
    expect(await state()).toBe(before);
  });

  test("see nothing of the other's settings and reading while one of them does not want it", async () => {
    await rpc(creator, "update_message_settings", { show_read_marks: true });
    await rpc(helper, "mark_conversation_read", { offer_id: offerId });
    const seen = await rpc(creator, "list_conversations", { only_offer_id: offerId });
    expect(seen).toMatchObject([{ other_id: helper.id, other_read_id: null }]);
    const { data: settings } = await creator.api.from("message_settings").select("user_id").throwOnError();
    expect(settings).toEqual([{ user_id: creator.id }]);
  });

  test("are not told who blocks whom", async () => {
    const refused = async (sender: Member) => {
      const { error } = await sender.api.rpc("send_message", {
        offer_id: offerId,
        body: "Hello?",
        idempotency_key: randomUUID(),
      });
      return error && { ...error };
    };
    const facts: unknown[] = [];
    for (const [by, of] of [
      [creator, helper],
      [helper, creator],
    ] as const) {
      await rpc(by, "block_user", { user_id: of.id });
      facts.push(await refused(creator), await refused(helper));
      facts.push(...(await Promise.all([creator, helper].map(closedFor))));
      await rpc(by, "unblock_user", { user_id: of.id });
    }
    expect(facts[0]).toMatchObject({ code: "PT409", message: "conversation_closed" });
    expect(new Set([facts[0], facts[1], facts[4], facts[5]].map((fact) => JSON.stringify(fact))).size).toBe(1);
    expect([facts[2], facts[3], facts[6], facts[7]]).toEqual([false, false, false, false]);
  });

  test("one who is banned reads, and does not write", async () => {
    await sql("select ops.ban_user($1, 'Test')", [helper.id]);
    expect((await rest(`rpc/list_messages?offer_id=${offerId}&page_size=100`, { token: helper.token })).text).toContain(
      SECRET,
    );
    expect(
      await slugAndStatus(
        helper.api.rpc("send_message", { offer_id: offerId, body: "Hi", idempotency_key: randomUUID() }),
      ),
    ).toBe("403 user_banned");
    await sql("select ops.unban_user($1)", [helper.id]);
  });

  async function closedFor(reader: Member): Promise<boolean | undefined> {
    const [conversation] = await rpc(reader, "list_conversations", { only_offer_id: offerId });
    return conversation?.is_open;
  }
});

test("what is written is text: it comes back as it was, whatever a browser or a database would make of it", async () => {
  for (const body of [
    `<img src=x onerror="alert(1)">`,
    "https://example.test/?a=1&b=2",
    "'; drop table messages; --",
    "{actor} {task} %s $1 \\",
    "Zeile 1\n\tZeile 2",
    "👩‍🌾 עברית",
  ]) {
    expect((await write(creator, body)).body).toBe(body);
    const [last] = await rpc(helper, "list_messages", { offer_id: offerId, page_size: 1 });
    expect(last?.body).toBe(body);
  }
});
