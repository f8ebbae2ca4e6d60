import type {
  NeighbourhoodClient,
  NotificationPreference,
  NotificationSettings,
  NotificationType,
} from "@neighbourhood-help/client";
import { queryOptions } from "@tanstack/react-query";

/** A way in which news reach a member. */
export type Channel = NotificationPreference["channel"];
/** The channels, in the order of the screen. */
export const CHANNELS: readonly Channel[] = ["in_app", "email", "web_push"];

/** Quiet hours, digest and the channels as a whole. */
export const notificationSettingsQuery = ({ notifications }: NeighbourhoodClient) =>
  queryOptions({
    queryKey: ["notifications", "settings"],
    queryFn: ({ signal }) => notifications.settings({ signal }),
  });

/** Everything that members can be told. */
export const typesQuery = ({ notifications }: NeighbourhoodClient) =>
  queryOptions({
    queryKey: ["notifications", "types"],
    queryFn: ({ signal }) => notifications.types({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What the member chose of it. */
export const preferencesQuery = ({ notifications }: NeighbourhoodClient) =>
  queryOptions({
    queryKey: ["notifications", "preferences"],
    queryFn: ({ signal }) => notifications.preferences({ signal }),
  });

/** What `update_notification_settings` takes. */
export type Changes = { readonly [Name in keyof NotificationSettings]?: NonNullable<NotificationSettings[Name]> } & {
  readonly remove_quiet_hours?: true;
};

/** The settings as they will be. */
export function changed(
  settings: NotificationSettings,
  { remove_quiet_hours, ...changes }: Changes,
): NotificationSettings {
  return { ...settings, ...changes, ...(remove_quiet_hours && { quiet_from: null, quiet_until: null }) };
}

/** Whether a type comes over a channel: as chosen, or as it is by default. */
export function isWanted(type: NotificationType, channel: Channel, chosen: readonly NotificationPreference[]): boolean {
  const choice = chosen.find((row) => row.type === type.type && row.channel === channel);
  return choice?.is_enabled ?? type[`${channel}_default`];
}

/** The types by what they are about; what is in none of them comes last. */
export const GROUPS = {
  asking: [
    "offer_received",
    "offer_renewed",
    "task_started",
    "task_finished",
    "confirmation_reminder",
    "task_auto_confirmed",
    "task_released",
    "start_overdue",
    "task_expires_soon",
    "task_expired",
  ],
  helping: [
    "offer_accepted",
    "offer_declined",
    "offer_not_chosen",
    "offer_revived",
    "task_changed",
    "task_cancelled",
    "completion_rejected",
    "task_confirmed",
    "start_reminder",
    "helper_replaced",
    "no_show_recorded",
    "no_show_upheld",
    "no_show_withdrawn",
  ],
  both: [
    "task_starts_soon",
    "task_unended",
    "message_received",
    "phone_number_requested",
    "phone_number_shared",
    "rating_received",
  ],
  rewards: ["code_ready", "code_expires_soon", "code_expired", "redemption_failed", "redemption_cancelled"],
} as const;

/** What a group of types is called. */
export type Group = keyof typeof GROUPS | "other";

/** The types of each group, in its order. */
export function grouped(types: readonly NotificationType[]): [Group, NotificationType[]][] {
  const known = Object.entries(GROUPS) as [Group, readonly string[]][];
  const rest = types.filter(({ type }) => !known.some(([, names]) => names.includes(type)));
  const groups = known.map(([group, names]): [Group, NotificationType[]] => [
    group,
    names.flatMap((name) => types.filter(({ type }) => type === name)),
  ]);
  return rest.length === 0 ? groups : [...groups, ["other", rest]];
}
