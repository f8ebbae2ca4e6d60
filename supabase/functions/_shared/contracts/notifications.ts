/**
 * Inputs and fixed words of the notifications room.
 *
 * @module
 */
import { z } from "zod";
import { numberAfter, pageSize } from "./fields.ts";
import { MAX_ENDPOINT_LENGTH, NOTIFICATION_CHANNELS, NOTIFICATION_DIGESTS } from "./words-and-limits.ts";

const TIME_OF_DAY = /^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$/u;
const ENDPOINT = /^https:\/\/[^\s/?#@\\]+\/\S*$/u;
/** An uncompressed point of 65 bytes, which begins with 4. */
const P256DH = /^B[A-Za-z0-9_-]{86}=?$/u;
/** 16 bytes. */
const AUTH = /^[A-Za-z0-9_-]{22}(?:==)?$/u;

/** Input of the inbox, newest first. */
export const notificationsInput = z.strictObject({
  only_unread: z.boolean({ error: "validation_failed" }).optional(),
  page_size: pageSize,
  after: numberAfter,
});

/** Input of `mark_notifications_read`; without ids everything is marked. */
export const markReadInput = z.strictObject({
  ids: z.array(z.int({ error: "validation_failed" }).positive("validation_failed")).optional(),
});

/** Input of `set_notification_preference`. */
export const notificationPreferenceInput = z.strictObject({
  type: z.string({ error: "notification_type_not_found" }).min(1, "notification_type_not_found"),
  channel: z.enum(NOTIFICATION_CHANNELS, { error: "channel_invalid" }),
  /** Null: back to the type's default. */
  is_enabled: z.boolean({ error: "validation_failed" }).nullable(),
});

const timeOfDay = z.string({ error: "quiet_hours_invalid" }).regex(TIME_OF_DAY, "quiet_hours_invalid").optional();

/** A browser's push subscription, as `PushSubscription.toJSON()` writes it. */
export const pushSubscriptionInput = z.object(
  {
    endpoint: z
      .string({ error: "push_subscription_invalid" })
      .regex(ENDPOINT, "push_subscription_invalid")
      .max(MAX_ENDPOINT_LENGTH, "push_subscription_invalid"),
    keys: z.object(
      {
        p256dh: z.string({ error: "push_subscription_invalid" }).regex(P256DH, "push_subscription_invalid"),
        auth: z.string({ error: "push_subscription_invalid" }).regex(AUTH, "push_subscription_invalid"),
      },
      { error: "push_subscription_invalid" },
    ),
  },
  { error: "push_subscription_invalid" },
);

/** Names a push subscription. */
export const pushEndpointInput = z.strictObject({ endpoint: z.string({ error: "validation_failed" }) });

/** Input of `update_notification_settings`. What is left out stays. */
export const notificationSettingsInput = z.strictObject({
  /** From when on nothing is delivered, in the member's time zone, for example `22:00`. */
  quiet_from: timeOfDay,
  /** Until when; may lie on the next day. */
  quiet_until: timeOfDay,
  /** No quiet hours any more. */
  remove_quiet_hours: z.boolean({ error: "validation_failed" }).optional(),
  /** One e-mail a week with what is unread, instead of single ones. */
  digest: z.enum(NOTIFICATION_DIGESTS, { error: "digest_invalid" }).optional(),
  /** False: no e-mails at all. */
  is_email_enabled: z.boolean({ error: "validation_failed" }).optional(),
  /** False: nothing is pushed. */
  is_web_push_enabled: z.boolean({ error: "validation_failed" }).optional(),
});

/** See {@link notificationsInput}. */
export type NotificationsInput = z.input<typeof notificationsInput>;
/** See {@link notificationPreferenceInput}. */
export type NotificationPreferenceInput = z.input<typeof notificationPreferenceInput>;
/** See {@link notificationSettingsInput}. */
export type NotificationSettingsInput = z.input<typeof notificationSettingsInput>;
/** See {@link pushSubscriptionInput}. */
export type PushSubscriptionInput = z.input<typeof pushSubscriptionInput>;
