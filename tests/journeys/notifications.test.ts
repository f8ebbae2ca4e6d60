import { createECDH, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { createNeighbourhoodClient, type NeighbourhoodClient } from "../../src/client/index.ts";
import { soon } from "../support/soon.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";

/** From an event to the mailbox and the phone, and out again by the link in the mail. */

const PLACE = { latitude: 48.14, longitude: 11.58 };
const ONE_CLICK = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "List-Unsubscribe=One-Click",
};

const stack = useFunctionStack({ APP_URL: "https://app.example.test" });
const { sql } = stack;
/** In the order they were sent. */
const mails = () => stack.mailbox.mails.toReversed();

interface Person {
  id: string;
  email: string;
  client: NeighbourhoodClient;
}

let anna: Person;
let ben: Person;
beforeEach(async () => {
  stack.mailbox.reset();
  [anna, ben] = await people();
});

async function people(): Promise<[Person, Person]> {
  const members = await stack.members(2);
  const found = members.map(({ id, api }) => ({
    id,
    email: `${id}@example.test`,
    client: createNeighbourhoodClient(api),
  }));
  stack.keepSecret(...found.map(({ email }) => email));
  return found as [Person, Person];
}

const post = (creator: Person, title: string) =>
  creator.client.tasks.create({ title, description: "Six boxes.", category: "transport", points_reward: 5, ...PLACE });

interface Report {
  tried: number;
  sent: number;
  retried: number;
  dead: number;
}

/** What the schedule does every minute: the jobs fill the outbox, the function empties it. */
async function aMinuteLater(): Promise<{ status: number; json: Report }> {
  await sql("select ops.run_due_jobs(now())");
  return stack.send<Report>("/functions/v1/send-notifications", {
    method: "POST",
    headers: { apikey: stack.secretKey },
  });
}

/** Waiting times and leases end. */
const timePasses = () =>
  sql("update private.notification_deliveries set next_attempt_at = now() where status = 'pending'");

const deliveriesTo = ({ id }: Person) =>
  sql("select channel, status, attempts from private.notification_deliveries where user_id = $1 order by id", [id]);

/** The address behind the one click. Its token is a secret. */
function oneClickOf({ headers }: { headers: ReadonlyMap<string, string> }): string {
  const address = /^<(.+)>$/u.exec(headers.get("list-unsubscribe") ?? "")?.[1] ?? "";
  stack.keepSecret(new URL(address).searchParams.get("token") ?? "");
  return address;
}

test("an offer of help arrives by e-mail, and one click ends e-mails but not the inbox", async () => {
  const task = await post(anna, "Kisten <tragen>");
  await ben.client.tasks.offerHelp(task.id);
  expect(await aMinuteLater()).toMatchObject({ status: 200, json: { tried: 1, sent: 1 } });

  const [letter] = mails();
  expect(letter).toMatchObject({ to: [anna.email] });
  expect(letter?.headers.get("subject")).toBe("Neues Hilfsangebot");
  expect(letter?.text).toContain("„Kisten <tragen>“");
  expect(letter?.text).toContain(`https://app.example.test/tasks/${task.id}`);
  expect(letter?.html).toContain("Kisten &#60;tragen&#62;");
  expect(letter?.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });

  // a program that looks for dangerous links opens it
  const address = oneClickOf(letter ?? { headers: new Map() });
  expect(address.startsWith(`${stack.url}/functions/v1/unsubscribe?token=`)).toBe(true);
  const opened = await stack.send(address);
  expect(opened.status).toBe(200);
  expect(opened.text).toContain('<form method="post">');
  expect(await anna.client.notifications.settings()).toMatchObject({ is_email_enabled: true });

  for (const _ of ["once", "and again"]) expect(await stack.send(address, ONE_CLICK)).toMatchObject({ status: 200 });
  expect(await anna.client.notifications.settings()).toMatchObject({ is_email_enabled: false });
  expect(await ben.client.notifications.settings()).toMatchObject({ is_email_enabled: true });

  await ben.client.tasks.offerHelp((await post(anna, "Noch mehr Kisten")).id);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });
  expect(mails()).toHaveLength(1);
  expect(await anna.client.notifications.countUnread()).toBe(2);
});

test("what waits in the outbox when somebody unsubscribes does not leave it", async () => {
  await ben.client.tasks.offerHelp((await post(anna, "Eins")).id);
  await aMinuteLater();
  stack.mailbox.verdict = async () => ({ code: 451, text: "4.3.2 come back later" });
  await ben.client.tasks.offerHelp((await post(anna, "Zwei")).id);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, retried: 1 } });
  stack.mailbox.verdict = async () => undefined;

  const [first] = mails();
  await stack.send(oneClickOf(first ?? { headers: new Map() }), ONE_CLICK);
  await timePasses();
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });
  expect(mails()).toHaveLength(2);
});

test("the link for one kind of e-mail ends this kind only", async () => {
  const task = await post(anna, "Regal");
  const { id } = await ben.client.tasks.offerHelp(task.id);
  await aMinuteLater();
  const link = /Solche E-Mails abbestellen: (\S+)/u.exec(mails()[0]?.text ?? "")?.[1] ?? "";
  stack.keepSecret(new URL(link).searchParams.get("token") ?? "");
  const done = await stack.send(link, { ...ONE_CLICK, headers: { ...ONE_CLICK.headers, accept: "text/html" } });
  expect(done.text).toContain("Du bekommst solche E-Mails nicht mehr.");

  await ben.client.tasks.offerHelp((await post(anna, "Schrank")).id);
  await anna.client.tasks.acceptOffer(id);
  await ben.client.tasks.start(task.id);
  await ben.client.tasks.finish(task.id);
  await aMinuteLater();
  const subjects = mails()
    .filter(({ to }) => to.includes(anna.email))
    .map(({ headers }) => headers.get("subject"));
  expect(subjects).toEqual(["Neues Hilfsangebot", "Erledigt – bitte bestätigen"]);
});

test("a member who reads English gets English", async () => {
  await anna.client.users.updateSettings({ language: "en" });
  await ben.client.tasks.offerHelp((await post(anna, "Boxes")).id);
  await aMinuteLater();
  expect(mails()[0]?.headers.get("subject")).toBe("New offer of help");
  expect(mails()[0]?.text).toContain("No more e-mails at all");
});

test("what was read meanwhile is not sent, and a mailbox that does not exist is given up", async () => {
  await ben.client.tasks.offerHelp((await post(anna, "Gelesen")).id);
  await sql("select ops.run_due_jobs(now())");
  expect(await anna.client.notifications.markRead()).toBe(1);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });

  stack.mailbox.verdict = async () => ({ code: 550, text: "5.1.1 no such user" });
  await ben.client.tasks.offerHelp((await post(anna, "Weg")).id);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, dead: 1 } });
  await timePasses();
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });

  // it is not written to again, and the member sees why
  await ben.client.tasks.offerHelp((await post(anna, "Immer noch weg")).id);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });
  const [address] = await anna.client.notifications.addresses();
  expect(address).toMatchObject({ channel: "email", address: anna.email, refused_at: expect.any(String) });
  expect(address?.refused_reason).toContain("5.1.1 no such user");

  stack.mailbox.verdict = async () => undefined;
  await anna.client.notifications.updateSettings({ is_email_enabled: true });
  expect(await anna.client.notifications.addresses()).toMatchObject([{ refused_at: null }]);
  await ben.client.tasks.offerHelp((await post(anna, "Wieder da")).id);
  expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, sent: 1 } });
});

describe("the function dies", () => {
  test("after the server has taken the mail: it is sent again as the same mail and recorded once", async () => {
    await ben.client.tasks.offerHelp((await post(anna, "Absturz")).id);
    stack.mailbox.verdict = async () => {
      stack.mailbox.verdict = async () => undefined;
      await stack.kill("send-notifications");
      return undefined;
    };
    expect(await aMinuteLater()).toMatchObject({ status: 500 });
    expect(mails()).toHaveLength(1);
    expect(await deliveriesTo(anna)).toEqual([{ channel: "email", status: "pending", attempts: 1 }]);
    // its lease keeps others away until it ends
    expect(await aMinuteLater()).toMatchObject({ status: 200, json: { tried: 0 } });

    await timePasses();
    expect(await aMinuteLater()).toMatchObject({ status: 200, json: { tried: 1, sent: 1 } });
    expect(await deliveriesTo(anna)).toEqual([{ channel: "email", status: "sent", attempts: 2 }]);
    const [first, second, ...more] = mails().map(({ headers }) => headers.get("message-id"));
    expect(second).toBe(first);
    expect(more).toEqual([]);
    await timePasses();
    expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });
  });
});

test("two calls at once send nothing twice", async () => {
  for (const title of ["Eins", "Zwei", "Drei", "Vier", "Fünf", "Sechs"]) {
    await ben.client.tasks.offerHelp((await post(anna, title)).id);
  }
  await sql("select ops.run_due_jobs(now())");
  const both = await Promise.all([aMinuteLater(), aMinuteLater()]);
  expect(both.reduce((sum, { json }) => sum + json.sent, 0)).toBe(6);
  expect(mails()).toHaveLength(6);
});

test("a phone is pushed to until its subscription ends", async () => {
  const pushes: { topic: string | undefined; size: number }[] = [];
  let status = 201;
  const service = createServer((request, response) => {
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
    });
    request.on("end", () => {
      pushes.push({ topic: request.headers["topic"] as string | undefined, size });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  try {
    const phone = createECDH("prime256v1");
    const keys = { p256dh: phone.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
    await anna.client.notifications.savePushSubscription({ endpoint: "https://push.example.test/1", keys });
    // members cannot save an address of this machine
    await sql("update private.push_subscriptions set endpoint = $2 where user_id = $1", [
      anna.id,
      `http://127.0.0.1:${(service.address() as AddressInfo).port}/1`,
    ]);
    await anna.client.notifications.updateSettings({ is_email_enabled: false });

    await ben.client.tasks.offerHelp((await post(anna, "Push")).id);
    expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, sent: 1 } });
    expect(pushes).toHaveLength(1);
    expect(pushes[0]?.size).toBeGreaterThan(100);

    status = 503;
    await ben.client.tasks.offerHelp((await post(anna, "Später")).id);
    expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, retried: 1 } });
    status = 410;
    await timePasses();
    expect(await aMinuteLater()).toMatchObject({ json: { tried: 1, dead: 1 } });
    expect(pushes[2]?.topic).toBe(pushes[1]?.topic);
    expect(await sql("select from private.push_subscriptions where user_id = $1", [anna.id])).toEqual([]);

    await ben.client.tasks.offerHelp((await post(anna, "Nie")).id);
    expect(await aMinuteLater()).toMatchObject({ json: { tried: 0 } });
    expect(mails()).toEqual([]);
  } finally {
    service.close();
  }
});

test("an open app hears of it, also where there is no Realtime", async () => {
  const told: string[] = [];
  const errors: unknown[] = [];
  const stop = anna.client.notifications.watch(
    { onNew: ({ title_en }) => told.push(title_en), onError: (error) => errors.push(error) },
    { pollMs: 50 },
  );
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await ben.client.tasks.offerHelp((await post(anna, "Live")).id);
    await soon(() => expect(told).toEqual(["New offer of help"]));
    expect(errors).toEqual([]);
  } finally {
    stop();
  }
});

test("without the secret key nothing is sent, without a signed link nobody unsubscribed", async () => {
  const refused = await stack.send("/functions/v1/send-notifications", {
    method: "POST",
    headers: { apikey: stack.publishableKey },
  });
  expect(refused).toMatchObject({ status: 403, json: { code: "not_permitted" } });
  const made = await stack.send("/functions/v1/unsubscribe?token=e30.AAAA", ONE_CLICK);
  expect(made).toMatchObject({ status: 404, json: { code: "unsubscribe_link_invalid" } });
});
