/**
 * Inputs and fixed words of the notifications room.
 *
 * @module
 */
import { z } from "zod";
import { after, pageSize } from "./fields.ts";

/** Ways a notification reaches a member. */
export const NOTIFICATION_CHANNELS = ["in_app", "email", "web_push"] as const;
/** See {@link NOTIFICATION_CHANNELS}. */
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number];

/** How often what is unread comes together in one e-mail. */
export const NOTIFICATION_DIGESTS = ["none", "weekly"] as const;
/** See {@link NOTIFICATION_DIGESTS}. */
export type NotificationDigest = (typeof NOTIFICATION_DIGESTS)[number];

/** Most characters of a push subscription's address. */
export const MAX_ENDPOINT_LENGTH = 2000;

const NOTIFICATION_ID = /^[1-9][0-9]{0,15}$/u;
const TIME_OF_DAY = /^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$/u;
const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/u;

/** Input of the inbox, newest first. */
export const notificationsInput = z.strictObject({
  onlyUnread: z.boolean({ error: "validation_failed" }).optional(),
  pageSize,
  after: after.refine((cursor) => cursor === undefined || NOTIFICATION_ID.test(cursor), "cursor_invalid"),
});

/** Input of `mark_notifications_read`; without ids everything is marked. */
export const markReadInput = z.strictObject({
  ids: z.array(z.int({ error: "validation_failed" }).positive("validation_failed")).optional(),
});

/** Input of `set_notification_preference`. */
export const notificationPreferenceInput = z.strictObject({
  type: z.string({ error: "validation_failed" }).min(1, "validation_failed"),
  channel: z.enum(NOTIFICATION_CHANNELS, { error: "validation_failed" }),
  isEnabled: z.boolean({ error: "validation_failed" }),
});

const timeOfDay = z.string({ error: "validation_failed" }).regex(TIME_OF_DAY, "validation_failed").optional();

/** A browser's push subscription, as `PushSubscription.toJSON()` writes it. */
export const pushSubscriptionInput = z.object({
  endpoint: z.url({ protocol: /^https$/u, error: "validation_failed" }).max(MAX_ENDPOINT_LENGTH, "validation_failed"),
  keys: z.object(
    {
      p256dh: z.string({ error: "validation_failed" }).regex(BASE64URL, "validation_failed"),
      auth: z.string({ error: "validation_failed" }).regex(BASE64URL, "validation_failed"),
    },
    { error: "validation_failed" },
  ),
});

/** Names a push subscription. */
export const pushEndpointInput = z.strictObject({
  endpoint: z.string({ error: "validation_failed" }).min(1, "validation_failed"),
});

/** Input of `update_notification_settings`. What is left out stays. */
export const notificationSettingsInput = z
  .strictObject({
    /** From when on nothing is delivered, in the member's time zone, for example `22:00`. Give both or neither. */
    quietFrom: timeOfDay,
    /** Until when; may lie on the next day. */
    quietUntil: timeOfDay,
    /** No quiet hours any more. */
    removeQuietHours: z.boolean({ error: "validation_failed" }).optional(),
    digest: z.enum(NOTIFICATION_DIGESTS, { error: "validation_failed" }).optional(),
  })
  .refine((input) => (input.quietFrom === undefined) === (input.quietUntil === undefined), {
    error: "validation_failed",
    path: ["quietFrom"],
  });

/** See {@link notificationsInput}. */
export type NotificationsInput = z.input<typeof notificationsInput>;
/** See {@link notificationPreferenceInput}. */
export type NotificationPreferenceInput = z.input<typeof notificationPreferenceInput>;
/** See {@link notificationSettingsInput}. */
export type NotificationSettingsInput = z.input<typeof notificationSettingsInput>;
/** See {@link pushSubscriptionInput}. */
export type PushSubscriptionInput = z.input<typeof pushSubscriptionInput>;
