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
import { eachItem, type Page, toPage } from "./paging.ts";
import {
  checked,
  defined,
  type RequestOptions,
  send,
  sendIdempotent,
  sendIdempotentVoid,
  sendMaybe,
} from "./request.ts";
import type { Notification, NotificationPreference, NotificationSettings, NotificationType } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * One page of the inbox of the member who is signed in, newest first, with texts in both languages.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.notifications.listPage({ onlyUnread: true });
 * for (const { title_en, body_en } of page.items) console.log(title_en, body_en);
 * ```
 */
export async function getNotificationsPage(
  supabase: NeighbourhoodSupabase,
  input: NotificationsInput = {},
  options: RequestOptions = {},
): Promise<Page<Notification>> {
  const { onlyUnread, pageSize, after } = checked(notificationsInput, input);
  const args = defined({
    page_size: pageSize,
    after: after === undefined ? undefined : Number(after),
    only_unread: onlyUnread,
  });
  const rows = await send(
    (signal) =>
      supabase.rpc("list_notifications", args).abortSignal(signal).overrideTypes<Notification[], { merge: false }>(),
    options,
  );
  return toPage(rows, pageSize, ({ id }) => String(id));
}

/**
 * The whole inbox of the member who is signed in, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getNotificationsPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const { title_en, read_at } of client.notifications.list()) console.log(title_en, read_at === null);
 * ```
 */
export function iterateNotifications(
  supabase: NeighbourhoodSupabase,
  input: NotificationsInput = {},
  options: RequestOptions = {},
): AsyncGenerator<Notification, void, undefined> {
  return eachItem((after) => getNotificationsPage(supabase, { ...input, after }, options), input.after, options);
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
  return send((signal) => supabase.rpc("count_unread_notifications").abortSignal(signal), options);
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
  const input = checked(markReadInput, { ids });
  return sendIdempotent(
    (signal) => supabase.rpc("mark_notifications_read", defined({ ids: input.ids })).abortSignal(signal),
    options,
  );
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
      supabase
        .from("notification_preferences")
        .select("*")
        .order("type")
        .order("channel")
        .abortSignal(signal)
        .overrideTypes<NotificationPreference[], { merge: false }>(),
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
 * await client.notifications.setPreference({ type: "offer_received", channel: "email", isEnabled: false });
 * ```
 */
export async function setNotificationPreference(
  supabase: NeighbourhoodSupabase,
  input: NotificationPreferenceInput,
  options: RequestOptions = {},
): Promise<NotificationPreference> {
  const { type, channel, isEnabled } = checked(notificationPreferenceInput, input);
  return sendIdempotent(
    (signal) =>
      supabase
        // the generated types do not know that a boolean may be null
        .rpc("set_notification_preference", { type, channel, is_enabled: isEnabled as boolean })
        .abortSignal(signal)
        .overrideTypes<NotificationPreference, { merge: false }>(),
    options,
  );
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
        .maybeSingle()
        .overrideTypes<NotificationSettings, { merge: false }>(),
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
 * await client.notifications.updateSettings({ quietFrom: "22:00", quietUntil: "07:00", digest: "weekly" });
 * ```
 */
export async function updateNotificationSettings(
  supabase: NeighbourhoodSupabase,
  changes: NotificationSettingsInput,
  options: RequestOptions = {},
): Promise<NotificationSettings> {
  const { quietFrom, quietUntil, removeQuietHours, digest, isEmailEnabled, isWebPushEnabled } = checked(
    notificationSettingsInput,
    changes,
  );
  const settings = await sendIdempotent(
    (signal) =>
      supabase
        .rpc(
          "update_notification_settings",
          defined({
            quiet_from: quietFrom,
            quiet_until: quietUntil,
            remove_quiet_hours: removeQuietHours,
            digest,
            is_email_enabled: isEmailEnabled,
            is_web_push_enabled: isWebPushEnabled,
          }),
        )
        .abortSignal(signal)
        .overrideTypes<NotificationSettings, { merge: false }>(),
    options,
  );
  return {
    quiet_from: settings.quiet_from,
    quiet_until: settings.quiet_until,
    digest: settings.digest,
    is_email_enabled: settings.is_email_enabled,
    is_web_push_enabled: settings.is_web_push_enabled,
  };
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
  await sendIdempotentVoid(
    (signal) =>
      supabase.rpc("save_push_subscription", { endpoint, p256dh: keys.p256dh, auth: keys.auth }).abortSignal(signal),
    options,
  );
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
  const input = checked(pushEndpointInput, { endpoint });
  await sendIdempotentVoid(
    (signal) => supabase.rpc("delete_push_subscription", { endpoint: input.endpoint }).abortSignal(signal),
    options,
  );
}
