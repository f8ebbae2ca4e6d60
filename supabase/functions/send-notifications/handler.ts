/**
 * Delivers notifications from the outbox by e-mail and web push. The database decides what is due, when to try again and
 * when to give up; this function writes, sends and reports. Called every minute.
 *
 * A notification may arrive twice, never not at all: when this process dies between sending and recording, the
 * delivery's lease ends and it is sent again, as the same e-mail (`Message-ID`) or push topic.
 *
 * @module
 */
import { Hono } from "hono";
import type { Database } from "../_shared/database.ts";
import type { Log } from "../_shared/log.ts";
import { reasonOf } from "../_shared/problem.ts";
import { Recorder } from "../_shared/recorder.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import type { Delivery, DeliveryChannel, DeliveryResult, Outcome, Sender } from "./delivery.ts";

/** What the handler needs from outside. */
export interface SendDependencies {
  /** Rejects callers without a secret key. */
  authenticate: (request: Request) => Promise<void>;
  database: Database;
  /** Opens the channels that are set up. What is for the others waits in the outbox. */
  channels: Readonly<Partial<Record<DeliveryChannel, () => Sender>>>;
  now: () => Date;
  log: Log;
}

const NO_COUNTS = {
  sent: 0,
  /** Failed, to be tried again later. */
  retried: 0,
  /** Failed and given up. */
  dead: 0,
};

/** Body of the answer: how many deliveries were tried, and what became of them. */
export interface SendReport extends Record<keyof typeof NO_COUNTS, number> {
  tried: number;
}

/** The next call comes after a minute and takes over. What is under way then ends within the 60 seconds of its lease. */
const TIME_LIMIT_MS = 50_000;
/** Deliveries under way at once. E-mails wait for one another in the mailer: four rounds of 12 seconds at most. */
const PARALLEL = 24;
const MAX_ERROR_LENGTH = 500;
const UNSTORABLE = /[\s\p{Cc}\p{Cs}]+/gu;

/** Makes the handler of `POST /functions/v1/send-notifications`. */
export function createHandler(dependencies: SendDependencies): Handler {
  const routes = new Hono<ShellEnv<void>>().post("/", async ({ json }) => json(await sendDue(dependencies)));
  return serve("send-notifications", routes, { caller: dependencies.authenticate, log: dependencies.log });
}

/** Claims and sends until nothing is due. It never waits for the slowest, only until half of the places are free. */
async function sendDue({ database, channels, now, log }: SendDependencies): Promise<SendReport> {
  const senders = new Map(Object.entries(channels).map(([channel, open]) => [channel, open()]));
  const recorder = new Recorder<DeliveryResult, typeof NO_COUNTS>(
    database,
    "record_notification_deliveries",
    NO_COUNTS,
  );
  const busy = new Set<Promise<void>>();
  const deadline = now().getTime() + TIME_LIMIT_MS;
  let tried = 0;
  try {
    while (senders.size > 0 && now().getTime() < deadline && recorder.isWorking) {
      const deliveries: Delivery[] = await database.call("claim_notification_deliveries", {
        batch: PARALLEL - busy.size,
        channels: [...senders.keys()],
      });
      tried += deliveries.length;
      for (const delivery of deliveries) {
        const done: Promise<void> = sendOne(delivery, senders.get(delivery.channel), log)
          .then((outcome) => recorder.add({ id: delivery.id, attempt: delivery.attempt, ...outcome }))
          .finally(() => busy.delete(done));
        busy.add(done);
      }
      if (busy.size === 0) break;
      await Promise.race(busy);
      while (busy.size > PARALLEL / 2) await Promise.race(busy);
    }
  } finally {
    await Promise.all(busy);
    for (const sender of senders.values()) sender.close();
    await recorder.finish();
  }
  const report = { tried, ...recorder.counts };
  if (tried > 0) log("info", "notifications sent", report);
  return report;
}

async function sendOne(delivery: Delivery, sender: Sender | undefined, log: Log): Promise<Outcome> {
  try {
    if (sender === undefined) throw new Error(`${delivery.channel} is not set up`);
    const { outcome, error } = await sender.send(delivery);
    return { outcome, error: error === null ? null : storable(error) };
  } catch (error) {
    // A fault of ours. It counts as an attempt all the same: what breaks every time must end some day.
    log("error", "notification could not be sent", { delivery_id: delivery.id, reason: reasonOf(error) });
    return { outcome: "retry", error: "internal error" };
  }
}

function storable(error: string): string {
  return [...error.replace(UNSTORABLE, " ").trim()].slice(0, MAX_ERROR_LENGTH).join("");
}
