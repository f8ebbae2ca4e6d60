/**
 * What the database gives out to be delivered, and what it wants to hear of it.
 *
 * @module
 */

/** Channels that need somebody to deliver. */
export type DeliveryChannel = "email" | "web_push";

/** Languages of members. */
export type Language = "de" | "en";

/** A notification with its texts in the member's language. */
export interface DeliveredNotification {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly task_id: string | null;
  readonly offer_id: string | null;
  readonly redemption_id: string | null;
  readonly created_at: string;
}

/** Something that is due, leased for 60 seconds. */
export interface Delivery {
  readonly id: number;
  /** Counts up with each claim; an older one records nothing. */
  readonly attempt: number;
  readonly channel: DeliveryChannel;
  readonly kind: "single" | "digest";
  readonly user_id: string;
  readonly language: Language;
  /** What the member is called, as they wrote it; null or blank for no name. */
  readonly name: string | null;
  /** Confirmed e-mail address, for channel `email`. */
  readonly to: string | null;
  /** For channel `web_push`. */
  readonly subscription: { readonly endpoint: string; readonly p256dh: string; readonly auth: string } | null;
  readonly notifications: readonly DeliveredNotification[];
  /** How long the attempt may take: less where the host kept others waiting. */
  readonly time_limit_ms: number;
}

/** How an attempt ended. */
export interface Outcome {
  /**
   * `retry` later; `denied`: later, too, but after the last time refused; `gone`: the push subscription has ended;
   * `rejected`: this delivery will never work; `refused`: none to this device or mailbox will.
   */
  readonly outcome: "sent" | "retry" | "denied" | "gone" | "rejected" | "refused";
  /** Null when it was sent. */
  readonly error: string | null;
}

/** One attempt, as the database's command takes it. */
export interface DeliveryResult extends Outcome {
  readonly id: number;
  readonly attempt: number;
  /** How long it held its slot. */
  readonly duration_ms: number;
}

/** Delivers over one channel. */
export interface Sender {
  /** One attempt; takes as long as the delivery says at most. */
  send(delivery: Delivery): Promise<Outcome>;
  /** Ends its connections. */
  close(): void;
}

/** The attempt worked. */
export const SENT: Outcome = { outcome: "sent", error: null };
