/**
 * Sends web push messages: encrypted for the one browser that subscribed, signed with our VAPID key.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { generateRequestDetails } from "web-push";
import type { Outbound, OutboundResult } from "../_shared/outbound.ts";
import { type DeliveredNotification, type Delivery, type Outcome, SENT, type Sender } from "./delivery.ts";
import { pageOf } from "./mail.ts";
import type { VapidSettings } from "./vapid.ts";

/** What a pusher works with. */
export interface PusherOptions {
  readonly vapid: VapidSettings;
  readonly outbound: Pick<Outbound, "post">;
  /** Where the app is. */
  readonly app: string;
}

/** How long a push service keeps a message for a phone that is off. */
const KEPT_SECONDS = 24 * 60 * 60;
/** With the rest of the message well below the 4,096 bytes that every push service takes, however it is escaped. */
const MAX_TITLE_LENGTH = 120;
const MAX_BODY_LENGTH = 240;
/** What Apple's, Google's and Mozilla's services say when the key is not the one that the browser subscribed to. */
const OTHER_KEY = /VapidPkHashMismatch|do not correspond to the credentials used to create|public key mismatch/iu;

/** Opens a pusher. */
export function createPusher({ vapid, outbound, app }: PusherOptions): Sender {
  return {
    async send(delivery) {
      const { subscription, notifications } = delivery;
      const [notification] = notifications;
      if (subscription === null) return { outcome: "gone", error: "no push subscription" };
      if (notification === undefined) return { outcome: "rejected", error: "nothing to say" };
      const request = encrypt(subscription, messageOf(notification, app), delivery.id, vapid);
      if (request === undefined) return { outcome: "gone", error: "the subscription's keys are unusable" };
      const { endpoint, headers, body } = request;
      const timeoutMs = delivery.time_limit_ms;
      return outcomeOf(await outbound.post({ url: endpoint, headers, body, timeoutMs, maxBytes: 1024 }));
    },
    close: () => undefined,
  };
}

/** What the app's service worker gets. */
function messageOf(notification: DeliveredNotification, app: string): string {
  return JSON.stringify({
    id: notification.id,
    type: notification.type,
    title: cut(notification.title, MAX_TITLE_LENGTH),
    body: cut(notification.body, MAX_BODY_LENGTH),
    taskId: notification.task_id,
    offerId: notification.offer_id,
    redemptionId: notification.redemption_id,
    url: pageOf(notification, app),
  });
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** Undefined when nothing can be encrypted for these keys, today or later. */
function encrypt(
  { endpoint, p256dh, auth }: NonNullable<Delivery["subscription"]>,
  message: string,
  deliveryId: number,
  vapid: VapidSettings,
): { endpoint: string; headers: Record<string, string>; body: Buffer } | undefined {
  try {
    const details = generateRequestDetails({ endpoint, keys: { p256dh, auth } }, message, {
      vapidDetails: vapid,
      contentEncoding: "aes128gcm",
      TTL: KEPT_SECONDS,
      urgency: "normal",
      // A repeated message replaces the one that still waits for the phone.
      topic: `delivery-${deliveryId}`,
    });
    const headers = Object.entries(details.headers).map(([name, value]) => [name, String(value)]);
    return { endpoint, headers: Object.fromEntries(headers), body: details.body };
  } catch {
    return undefined;
  }
}

function outcomeOf(result: OutboundResult): Outcome {
  if (result.kind !== "answered") return { outcome: "retry", error: result.reason };
  const { status, body } = result;
  if (status >= 200 && status <= 299) return SENT;
  const error = `the push service answered ${status}`;
  if (status === 404 || status === 410) return { outcome: "gone", error };
  // The browser subscribed to another key of ours: it has to subscribe anew.
  if (OTHER_KEY.test(body)) return { outcome: "refused", error: `${error}: subscribed to another key` };
  // 401 and 403 are about our key, today or for ever; 429 is about our haste; what is too large or malformed stays so.
  if (status === 401 || status === 403) return { outcome: "denied", error };
  return { outcome: status === 400 || status === 413 ? "rejected" : "retry", error };
}
