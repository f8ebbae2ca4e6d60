import {
  markReadInput,
  type NotificationPreferenceInput,
  type NotificationSettingsInput,
  type NotificationsInput,
  notificationPreferenceInput,
  notificationSettingsInput,
  notificationsInput,
  type PushSubscriptionInput,
  pushEndpointInput,
  pushSubscriptionInput,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { type Page, toPage } from "./paging.ts";
import {
  checked,
  type RequestOptions,
  read,
  rpc,
  send,
  sendIdempotent,
  sendIdempotentVoid,
  sendMaybe,
} from "./request.ts";
import type {
  Notification,
  NotificationAddress,
  NotificationPreference,
  NotificationSettings,
  NotificationType,
} from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * One page of the inbox of the member who is signed in, newest first, with texts in both languages.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.notifications.listPage({ only_unread: true });
 * for (const { title_en, body_en } of page.items) console.log(title_en, body_en);
 * ```
 */
export async function getNotificationsPage(
  supabase: NeighbourhoodSupabase,
  input: NotificationsInput = {},
  options: RequestOptions = {},
): Promise<Page<Notification>> {
  const args = checked(notificationsInput, input);
  const rows = await send(read(supabase, "list_notifications", args), options);
  return toPage(rows, args.page_size, ({ id }) => String(id));
}

/**
 * How many notifications are unread.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * badge.textContent = String(await client.notifications.countUnread());
 * ```
 */
export async function countUnreadNotifications(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<number> {
  return send(read(supabase, "count_unread_notifications", {}), options);
}

/**
 * Marks notifications as read, all of them when no ids are given. Returns how many became read. What is read leaves by no
 * e-mail and no push any more. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.notifications.markRead([notification.id]);
 * ```
 */
export async function markNotificationsRead(
  supabase: NeighbourhoodSupabase,
  ids?: readonly number[],
  options: RequestOptions = {},
): Promise<number> {
  return sendIdempotent(rpc(supabase, "mark_notifications_read", checked(markReadInput, { ids })), options);
}

/**
 * What members can be told, with texts and defaults: the rows of a settings page. Also readable without signing in.
 *
 * @throws {@link ApiError} `network_error`, `service_unavailable`
 * @example
 * ```ts
 * for (const { type, title_en, email_default } of await client.notifications.types()) console.log(type, title_en, email_default);
 * ```
 */
export async function listNotificationTypes(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<NotificationType[]> {
  return send((signal) => supabase.from("notification_types").select("*").order("type").abortSignal(signal), options);
}

/**
 * What the member who is signed in has chosen. Where there is no row for a type and a channel, the type's default holds.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * const chosen = await client.notifications.preferences();
 * ```
 */
export async function listNotificationPreferences(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<NotificationPreference[]> {
  return send(
    (signal) =>
      supabase.from("notification_preferences").select("*").order("type").order("channel").abortSignal(signal),
    options,
  );
}

/**
 * Chooses whether one type of notifications comes over one channel; null goes back to the type's default. Repeated by itself
 * when the connection fails.
 *
 * @throws {@link ApiError} `notification_type_not_found`, `channel_invalid`, `validation_failed`, `not_signed_in`,
 * `user_inactive`
 * @example
 * ```ts
 * await client.notifications.setPreference({ type: "offer_received", channel: "email", is_enabled: false });
 * ```
 */
export async function setNotificationPreference(
  supabase: NeighbourhoodSupabase,
  input: NotificationPreferenceInput,
  options: RequestOptions = {},
): Promise<NotificationPreference> {
  const args = checked(notificationPreferenceInput, input);
  // the generated types do not know that an argument may be null
  const sent = { ...args, is_enabled: args.is_enabled as boolean };
  return sendIdempotent(rpc(supabase, "set_notification_preference", sent), options);
}

/** What holds for a member who never changed anything. */
const DEFAULT_SETTINGS = {
  quiet_from: null,
  quiet_until: null,
  digest: "none",
  is_email_enabled: true,
  is_web_push_enabled: true,
} as const satisfies NotificationSettings;

/**
 * Quiet hours, digest and the channels as a whole, of the member who is signed in.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * const { quiet_from, quiet_until, digest } = await client.notifications.settings();
 * ```
 */
export async function getNotificationSettings(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<NotificationSettings> {
  const settings = await sendMaybe(
    (signal) =>
      supabase
        .from("notification_settings")
        .select("quiet_from, quiet_until, digest, is_email_enabled, is_web_push_enabled")
        .abortSignal(signal)
        .maybeSingle(),
    options,
  );
  return settings ?? DEFAULT_SETTINGS;
}

/**
 * Changes when and how the member who is signed in is told. What is left out stays. In quiet hours, on the clock of the
 * member's time zone, nothing leaves by e-mail or push; it comes when they end. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `quiet_hours_invalid`, `digest_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.notifications.updateSettings({ quiet_from: "22:00", quiet_until: "07:00", digest: "weekly" });
 * ```
 */
export async function updateNotificationSettings(
  supabase: NeighbourhoodSupabase,
  changes: NotificationSettingsInput,
  options: RequestOptions = {},
): Promise<NotificationSettings> {
  const args = checked(notificationSettingsInput, changes);
  const { quiet_from, quiet_until, digest, is_email_enabled, is_web_push_enabled } = await sendIdempotent(
    rpc(supabase, "update_notification_settings", args),
    options,
  );
  return { quiet_from, quiet_until, digest, is_email_enabled, is_web_push_enabled };
}

/**
 * Where notifications of the member who is signed in go: the confirmed e-mail address, and the browsers that get pushes.
 * One with `refused_at` was refused for good, and nothing is sent there: a mailbox until e-mails are switched on again with
 * {@link updateNotificationSettings} or the login has another address, a browser until it subscribes anew and is saved.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * for (const { channel, address, refused_at } of await client.notifications.addresses()) {
 *   if (refused_at !== null) warn(`${channel}: ${address} does not take our messages since ${refused_at}`);
 * }
 * ```
 */
export async function listNotificationAddresses(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<NotificationAddress[]> {
  return send(read(supabase, "list_notification_addresses", {}), options);
}

/** What `PushSubscription.toJSON()` returns, as the DOM's types describe it. */
export interface PushSubscriptionJson {
  readonly endpoint?: string;
  readonly keys?: Readonly<Record<string, string>>;
}

/**
 * Lets this browser receive pushes for the member who is signed in. Ten browsers at most; an eleventh takes the place of the
 * oldest. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `push_subscription_invalid`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const registration = await navigator.serviceWorker.ready;
 * const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
 * await client.notifications.savePushSubscription(subscription.toJSON());
 * ```
 */
export async function savePushSubscription(
  supabase: NeighbourhoodSupabase,
  subscription: PushSubscriptionInput | PushSubscriptionJson,
  options: RequestOptions = {},
): Promise<void> {
  const { endpoint, keys } = checked(pushSubscriptionInput, subscription);
  const args = { endpoint, p256dh: keys.p256dh, auth: keys.auth };
  await sendIdempotentVoid(rpc(supabase, "save_push_subscription", args), options);
}

/**
 * Ends pushes to a browser; call it before signing out. Does nothing when there are none. Repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.notifications.deletePushSubscription(subscription.endpoint);
 * ```
 */
export async function deletePushSubscription(
  supabase: NeighbourhoodSupabase,
  endpoint: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendIdempotentVoid(
    rpc(supabase, "delete_push_subscription", checked(pushEndpointInput, { endpoint })),
    options,
  );
}
