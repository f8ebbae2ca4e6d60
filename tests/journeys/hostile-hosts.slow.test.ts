import { createECDH, randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSilentServer, type SilentServer } from "../support/silent-server.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";

/**
 * Hosts that take a connection and never answer, with a backlog that would keep every slot of a function busy for
 * minutes. What others wait for arrives while they still hang. No moment is measured: the hostile side waits until then.
 */

const BACKLOG = 60;
const DEVICES = 10;

const stack = useFunctionStack({ APP_URL: "https://app.example.test" });
const { sql } = stack;
const [phone, auth] = [createECDH("prime256v1").generateKeys("base64url"), randomBytes(16).toString("base64url")];

let hostile: SilentServer;
let good: SilentServer;
beforeEach(async () => {
  stack.mailbox.reset();
  await sql("delete from private.outbox_hosts");
  await sql("delete from private.notification_deliveries");
  [hostile, good] = await Promise.all([openSilentServer("127.0.0.1"), openSilentServer("localhost")]);
});
afterEach(async () => {
  stack.mailbox.reset();
  await Promise.all([hostile.close(), good.close()]);
});

/** Far below what it took when the backlog came first, and far above what a busy machine needs. */
const inTheMeantime = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { timeout: 60_000, interval: 50 });

const call = (name: string) =>
  stack.send<Record<string, number>>(`/functions/v1/${name}`, {
    method: "POST",
    headers: { apikey: stack.secretKey },
  });

/** Notifications that a job has put into the outbox, as for members who were offered help so often. */
async function tell(memberId: string, count: number): Promise<void> {
  await sql(
    "insert into public.notifications (user_id, type) select $1, 'offer_accepted' from generate_series(1, $2::integer)",
    [memberId, count],
  );
  await sql("select private.queue_notifications(now(), 1000)");
}

/** Members cannot save an address of this machine. */
const device = (memberId: string, url: string) =>
  sql("insert into private.push_subscriptions (user_id, endpoint, p256dh, auth) values ($1, $2, $3, $4)", [
    memberId,
    url,
    phone,
    auth,
  ]);

test("20 devices that never answer and 1,200 pushes to them keep nobody's e-mail or push waiting", async () => {
  const [one, two, neighbour] = await stack.members(3);
  if (!one || !two || !neighbour) throw new Error("there are three members");
  for (const { id } of [one, two]) {
    for (let index = 0; index < DEVICES; index++) await device(id, hostile.url(`/silent/${id}/${index}`));
    await sql("insert into public.notification_settings (user_id, is_email_enabled) values ($1, false)", [id]);
    await tell(id, BACKLOG);
  }
  expect(await sql("select count(*)::integer as queued from private.notification_deliveries")).toEqual([
    { queued: 2 * DEVICES * BACKLOG },
  ]);

  const sending = call("send-notifications");
  await inTheMeantime(() => expect(hostile.waiting).toBeGreaterThan(0));
  await device(neighbour.id, good.url("/neighbour"));
  await tell(neighbour.id, 1);
  await inTheMeantime(() => {
    expect(stack.mailbox.mails.map(({ to }) => to)).toEqual([[`${neighbour.id}@example.test`]]);
    expect(good.answered).toEqual(["/neighbour"]);
  });

  // a host that hangs costs a few attempts, not the backlog
  const [tried] = await sql<{ n: number }>(
    "select count(*)::integer as n from private.notification_deliveries where channel = 'web_push' and attempts > 0",
  );
  expect(tried?.n).toBeLessThan(100);
  await sql("delete from private.notification_deliveries where status = 'pending'");
  hostile.relent();
  expect((await sending).status).toBe(200);
});

test("a mail server that hangs for one domain keeps no other mail waiting", async () => {
  const members = await stack.members(12);
  const neighbour = members.pop();
  if (!neighbour) throw new Error("there are twelve members");
  for (const { id } of members) {
    await sql("update auth.users set email = id || '@slow.example.test' where id = $1", [id]);
    await tell(id, 3);
  }
  const { promise: relents, resolve: relent } = Promise.withResolvers<void>();
  let hanging = 0;
  stack.mailbox.verdict = async ({ to }) => {
    if (to[0]?.endsWith("@slow.example.test")) {
      hanging += 1;
      await relents;
    }
    return undefined;
  };

  const sending = call("send-notifications");
  await inTheMeantime(() => expect(hanging).toBeGreaterThan(0));
  await tell(neighbour.id, 1);
  await inTheMeantime(() =>
    expect(stack.mailbox.mails.flatMap(({ to }) => to)).toContain(`${neighbour.id}@example.test`),
  );

  relent();
  expect((await sending).status).toBe(200);
});

test("a partner whose ten endpoints never answer keeps no other partner waiting", async () => {
  await sql(
    "insert into public.partners (id, name) select md5('partner ' || i)::uuid, 'Partner ' || i from generate_series(1, 2) i",
  );
  const sealed = await stack.seal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const endpoint = (partner: number, url: string) =>
    sql(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       values (md5('partner ' || $1::text)::uuid, $2, '{redemption.used}', $3)`,
      [partner, url, sealed],
    );
  for (let index = 0; index < 10; index++) await endpoint(1, hostile.url(`/silent/${index}`));
  await endpoint(2, good.url("/hook"));
  const emit = (partner: number, count: number) =>
    sql(
      `select private.emit_webhook(md5('partner ' || $1::text)::uuid, 'redemption.used', '{}')
       from generate_series(1, $2::integer)`,
      [partner, count],
    );
  await emit(1, 20);

  const delivering = call("deliver-webhooks");
  await inTheMeantime(() => expect(hostile.waiting).toBeGreaterThan(0));
  await emit(2, 1);
  await inTheMeantime(() => expect(good.answered).toEqual(["/hook"]));

  hostile.relent();
  expect((await delivering).status).toBe(200);
});
