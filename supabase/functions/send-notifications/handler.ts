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
import { drain } from "../_shared/drain.ts";
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

/** Deliveries under way at once: a channel that hangs holds none of the other's. An e-mail needs a connection each. */
const SLOTS: Readonly<Record<DeliveryChannel, number>> = { email: 12, web_push: 24 };
const MAX_ERROR_LENGTH = 500;
const UNSTORABLE = /[\s\p{Cc}\p{Cs}]+/gu;

/** Makes the handler of `POST /functions/v1/send-notifications`. */
export function createHandler(dependencies: SendDependencies): Handler {
  const routes = new Hono<ShellEnv<void>>().post("/", async ({ json }) => json(await sendDue(dependencies)));
  return serve("send-notifications", routes, { caller: dependencies.authenticate, log: dependencies.log });
}

async function sendDue({ database, channels, now, log }: SendDependencies): Promise<SendReport> {
  const senders = Object.entries(channels).map(([channel, open]) => ({
    channel: channel as DeliveryChannel,
    sender: open(),
  }));
  const recorder = new Recorder<DeliveryResult, typeof NO_COUNTS>(
    database,
    "record_notification_deliveries",
    NO_COUNTS,
  );
  const queues = senders.map(
    ({ channel, sender }) =>
      ({
        slots: SLOTS[channel],
        key: "id",
        claim: (batch: number, under_way: readonly number[]): Promise<Delivery[]> =>
          database.call("claim_notification_deliveries", { batch, channels: [channel], under_way }),
        attempt: async (delivery: Delivery) => {
          const started = now().getTime();
          const outcome = await sendOne(delivery, sender, log);
          const { id, attempt } = delivery;
          await recorder.add({ id, attempt, ...outcome, duration_ms: now().getTime() - started });
        },
      }) as const,
  );
  let tried: number;
  try {
    tried = await drain(queues, { now, goesOn: () => recorder.isWorking });
  } finally {
    for (const { sender } of senders) sender.close();
    await recorder.finish();
  }
  const report = { tried, ...recorder.counts };
  if (tried > 0) log("info", "notifications sent", report);
  return report;
}

async function sendOne(delivery: Delivery, sender: Sender, log: Log): Promise<Outcome> {
  try {
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
