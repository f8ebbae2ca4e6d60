import { beforeEach, expect, test } from "vitest";
import { createNeighbourhoodClient, type Message, type NeighbourhoodClient } from "../../src/client/index.ts";
import { runDueJobs } from "../support/admin.ts";
import { playTask } from "../support/scenario.ts";
import { soon } from "../support/soon.ts";
import { useStack } from "../support/use-stack.ts";

/** Two neighbours agree on a time, with the typed client over HTTP. */

const stack = useStack();
const { sql } = stack;

let anna: NeighbourhoodClient;
let ben: NeighbourhoodClient;
let annaId: string;
let benId: string;
let taskId: string;
let offerId: string;
beforeEach(async () => {
  const [creator, helper] = await stack.members(2);
  [annaId, benId] = [creator.id, helper.id];
  [anna, ben] = [createNeighbourhoodClient(creator.api), createNeighbourhoodClient(helper.api)];
  const { task, offer } = await playTask(stack.call, annaId, benId, "open", { title: "The hedge" });
  [taskId, offerId] = [task.id, offer.id];
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("a question, an answer, and what both see of it", async () => {
  expect(await ben.messages.conversation(offerId)).toBeNull();
  await ben.messages.send(offerId, { body: "Do you have a ladder?" });
  await ben.messages.send(offerId, { body: "And when would it suit you?" });

  expect(await anna.messages.countUnread()).toBe(2);
  expect(await all(anna.messages.conversations())).toMatchObject([
    {
      offer_id: offerId,
      task_id: taskId,
      task_title: "The hedge",
      other_id: benId,
      unread_count: 2,
      is_open: true,
      last_body: "And when would it suit you?",
    },
  ]);
  const [told] = (await anna.notifications.listPage({ only_unread: true })).items;
  expect(told).toMatchObject({ type: "message_received", task_id: taskId, offer_id: offerId, actor_id: benId });
  expect(`${told?.body_de}${told?.body_en}`).not.toContain("ladder");

  const shown = await all(anna.messages.list({ offer_id: offerId, page_size: 1 }));
  expect(shown.map(({ body }) => body)).toEqual(["And when would it suit you?", "Do you have a ladder?"]);
  expect(await anna.messages.markRead(offerId, shown[0]?.id)).toBe(2);
  expect([await anna.messages.countUnread(), await anna.notifications.countUnread()]).toEqual([0, 1]);

  await anna.messages.updateSettings({ show_read_marks: true });
  await ben.messages.updateSettings({ show_read_marks: true });
  expect((await ben.messages.conversation(offerId))?.other_read_id).toBe(shown[0]?.id);

  const answer = await anna.messages.send(offerId, { body: "Saturday at ten" });
  const oops = await anna.messages.send(offerId, { body: "Wrong window, sorry" });
  expect((await anna.messages.delete(offerId, oops.id)).deleted_at).not.toBeNull();
  const news = await all(ben.messages.list({ offer_id: offerId, oldest_first: true, after: String(shown[0]?.id) }));
  expect(news.map(({ id, body }) => [id, body])).toEqual([
    [answer.id, "Saturday at ten"],
    [oops.id, null],
  ]);
});

test("an open app is told of messages where there is no Realtime, and of one that is taken back", async () => {
  const told: string[] = [];
  const errors: unknown[] = [];
  const stop = anna.messages.watch(
    offerId,
    { onNew: ({ body }: Message) => told.push(body ?? "deleted"), onError: (error) => errors.push(error) },
    { pollMs: 50 },
  );
  try {
    // it tells what comes from now on, so let it begin
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { id } = await ben.messages.send(offerId, { body: "Hello" });
    await soon(() => expect(told).toEqual(["Hello"]));
    await ben.messages.delete(offerId, id);
    await soon(() => expect(told).toEqual(["Hello", "deleted"]));
    expect(errors).toEqual([]);
  } finally {
    stop();
  }
});

test("writing ends 14 days after the task, and the conversation is forgotten a year later", async () => {
  await ben.messages.send(offerId, { body: "Thank you!" });
  await anna.tasks.cancel(taskId);
  await sql("update public.tasks set closed_at = now() - interval '14 days' where id = $1", [taskId]);
  for (const client of [anna, ben]) {
    await expect(client.messages.send(offerId, { body: "Hello?" })).rejects.toMatchObject({
      code: "conversation_closed",
      status: 409,
    });
    expect((await client.messages.conversation(offerId))?.is_open).toBe(false);
    expect((await client.messages.listPage({ offer_id: offerId })).items).toHaveLength(1);
  }
  const { forget_conversations } = await runDueJobs(sql, "now() + interval '366 days'");
  expect(forget_conversations).toBeGreaterThan(0);
  expect(await anna.messages.conversation(offerId)).toBeNull();
});

test("whoever floods is told how long to wait", async () => {
  await sql("update private.settings set conversation_message_limit_per_hour = 2");
  await ben.messages.send(offerId, { body: "One" });
  await ben.messages.send(offerId, { body: "Two" });
  const error = await ben.messages.send(offerId, { body: "Three" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "conversation_limit_reached", status: 429, retryAfter: expect.any(Number) });
  expect(await anna.messages.countUnread()).toBe(2);
});
