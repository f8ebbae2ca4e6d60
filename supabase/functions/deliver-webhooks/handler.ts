/**
 * Delivers webhook messages from the outbox to the partners' endpoints. The database decides what is due, when to try
 * again and when to give up; this function signs, sends and reports. Called every minute.
 *
 * A message may arrive twice, never not at all: when this process dies between sending and recording, the message's lease
 * ends and it is sent again with the same id.
 *
 * @module
 */
import { Hono } from "hono";
import type { Database } from "../_shared/database.ts";
import { drain } from "../_shared/drain.ts";
import type { Log } from "../_shared/log.ts";
import type { Outbound, OutboundResult } from "../_shared/outbound.ts";
import { reasonOf } from "../_shared/problem.ts";
import { Recorder } from "../_shared/recorder.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import { signatureHeaders } from "../_shared/signatures.ts";

/** What the handler needs from outside. */
export interface DeliveryDependencies {
  /** Rejects callers without a secret key. */
  authenticate: (request: Request) => Promise<void>;
  database: Database;
  sealer: Pick<Sealer, "open">;
  outbound: Pick<Outbound, "post">;
  now: () => Date;
  log: Log;
}

/** A message that is due, leased for 60 seconds. */
export interface WebhookMessage {
  readonly id: number;
  /** Stays the same for every attempt. */
  readonly webhook_id: string;
  readonly endpoint_id: string;
  readonly url: string;
  /** JSON, sent as it is. */
  readonly payload: string;
  /** Sealed; the newest first. */
  readonly secrets: readonly string[];
  readonly attempt: number;
}

/** One attempt, as the database's command takes it. */
export interface AttemptResult {
  readonly id: number;
  /** Null where no answer came. */
  readonly response_status: number | null;
  /** Null for a success. */
  readonly error: string | null;
  readonly duration_ms: number;
  readonly response_excerpt: string | null;
}

/** What the recorded attempts came to. */
const NO_COUNTS = {
  delivered: 0,
  /** Failed, to be tried again later. */
  retried: 0,
  /** Failed and given up. */
  dead: 0,
  /** Endpoints that were switched off. */
  disabled: 0,
};
type DeliveryCounts = typeof NO_COUNTS;
type AttemptRecorder = Recorder<AttemptResult, DeliveryCounts>;

/** Body of the answer: how many messages were sent and what became of them; how many endpoints were switched off. */
export interface DeliveryReport extends DeliveryCounts {
  sent: number;
}

/** Messages under way at once. */
const SLOTS = 64;
const MAX_EXCERPT_LENGTH = 500;
const UNSTORABLE = /[\p{Cc}\p{Cs}]+/gu;

/** Makes the handler of `POST /functions/v1/deliver-webhooks`. */
export function createHandler(dependencies: DeliveryDependencies): Handler {
  const routes = new Hono<ShellEnv<void>>().post("/", async ({ json }) => json(await deliverDue(dependencies)));
  return serve("deliver-webhooks", routes, { caller: dependencies.authenticate, log: dependencies.log });
}

async function deliverDue(dependencies: DeliveryDependencies): Promise<DeliveryReport> {
  const { database, now, log } = dependencies;
  const recorder: AttemptRecorder = new Recorder(database, "record_webhook_attempts", NO_COUNTS);
  const messages = {
    slots: SLOTS,
    key: "id",
    claim: (batch: number, under_way: readonly number[]): Promise<WebhookMessage[]> =>
      database.call("claim_webhook_messages", { batch, under_way }),
    attempt: async (message: WebhookMessage) => {
      const result = await sendOne(message, dependencies);
      if (result === undefined) return;
      const recorded = recorder.add(result);
      // After a failure not before the database lets the endpoint rest.
      if (result.error !== null) await recorded;
    },
  } as const;
  let sent: number;
  try {
    sent = await drain([messages], { now, goesOn: () => recorder.isWorking });
  } finally {
    await recorder.finish();
  }
  const report = { sent, ...recorder.counts };
  if (sent > 0) log("info", "webhooks delivered", report);
  return report;
}

/** Undefined when it could not be sent through a fault of ours: that is no attempt, and its lease ends by itself. */
async function sendOne(
  message: WebhookMessage,
  { sealer, outbound, now, log }: DeliveryDependencies,
): Promise<AttemptResult | undefined> {
  try {
    const secrets = await Promise.all(message.secrets.map((secret) => sealer.open("secret", secret)));
    const started = now();
    const result = await outbound.post({
      url: message.url,
      headers: {
        ...signatureHeaders(secrets, message.webhook_id, started, message.payload),
        "content-type": "application/json",
      },
      body: message.payload,
    });
    return { id: message.id, duration_ms: now().getTime() - started.getTime(), ...outcomeOf(result) };
  } catch (error) {
    log("error", "webhook could not be sent", { message_id: message.id, reason: reasonOf(error) });
    return undefined;
  }
}

function outcomeOf(result: OutboundResult): Pick<AttemptResult, "response_status" | "error" | "response_excerpt"> {
  if (result.kind !== "answered") return { response_status: null, error: result.reason, response_excerpt: null };
  const { status, body } = result;
  return {
    response_status: status,
    error: status >= 200 && status <= 299 ? null : `answered ${status}`,
    response_excerpt: excerptOf(body),
  };
}

/** The beginning of an answer, for the partner to recognise it. Without what the database cannot store. */
function excerptOf(body: string): string | null {
  const text = body
    .slice(0, 2 * MAX_EXCERPT_LENGTH)
    .replace(UNSTORABLE, " ")
    .trim();
  return text === "" ? null : [...text].slice(0, MAX_EXCERPT_LENGTH).join("");
}
