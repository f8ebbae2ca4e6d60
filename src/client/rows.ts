/**
 * The rows this client returns: exactly what a supabase-js select or rpc returns.
 *
 * @module
 */
import type { Database, Tables } from "./database.types.ts";

type Functions = Database["public"]["Functions"];
/** A row of what a function of the database returns. */
type RowOf<Name extends keyof Functions> = Functions[Name]["Returns"] extends readonly (infer Row)[] ? Row : never;

/** A member, as other members see them. */
export type User = Omit<Tables<"users">, "points_balance" | "accepted_tasks" | "finished_tasks">;
/** How many of the tasks they accepted a member finished; both null on others with fewer than five. */
export type Reliability = Pick<Tables<"users">, "accepted_tasks" | "finished_tasks">;
/** A member with how reliably they helped. */
export type Profile = User & Reliability;
/** The member who is signed in, with their own points. */
export type Me = Profile & { points_balance: number | null };
/** Phone number, address and exact home of the member who is signed in. */
export type UserContact = Tables<"user_contacts">;
/** Language, time zone and what the member who is signed in agreed to, such as to whom the phone number is shown. */
export type UserSettings = Tables<"user_settings">;
/** A named area on the map; `outline` is a GeoJSON MultiPolygon. */
export type Neighbourhood = Omit<Tables<"neighbourhoods">, "area">;
/** That somebody was shown the exact place or phone number of the member who is signed in. Larger ids are newer. */
export type ContactReveal = RowOf<"my_contact_reveals">;
/** A block set by the member who is signed in. */
export type UserBlock = Tables<"user_blocks">;
/** A ban of the member who is signed in. */
export type UserBan = Tables<"user_bans">;
/** Balance of the member who is signed in. */
export type PointAccount = Tables<"point_accounts">;
/** One movement of points of the member who is signed in. */
export type PointTransaction = Tables<"point_transactions">;
/** The same with the task it was for; null where there is none, or it may no longer be read. */
export type PointTransactionWithTask = PointTransaction & { task: Pick<Task, "id" | "title"> | null };
/** A category of tasks. */
export type Category = Tables<"categories">;
/** A task, without its exact place. */
export type Task = Tables<"tasks">;
/** Exact place and address of a task of one's own. */
export type TaskLocation = RowOf<"get_task_location">;
/** Where a task is, and how to reach the other side of it. */
export type TaskContact = RowOf<"reveal_task_contact">;
/** An offer of help. */
export type TaskOffer = Omit<Tables<"task_offers">, "is_outdated">;
/** Whether the task was changed after the offer was made or renewed; null when the task may no longer be read. */
type MayBeOutdated = { is_outdated: boolean | null };
/** Something that happened to a task. */
export type TaskEvent = Tables<"task_events">;
/** A task found nearby: metres to its 300 m cell, rounded to 100, and where the next page starts when it is the last row. */
export type NearbyTask = RowOf<"nearby_tasks">;

/**
 * A marker of the map of tasks: a cluster, which falls apart at `splits_at_zoom`, or one 300 m cell with its newest `tasks`,
 * at most `MAX_MARKED_TASKS`. It counts no further than `MAX_MARKER_COUNT`.
 */
export type TaskMarker = RowOf<"map_tasks">;

/** A task that the member who is signed in did not come to, or gave back too late. */
export type Lapse = Tables<"lapses">;

/** Somebody who gives discounts. */
export type Partner = Tables<"partners">;
/** A place on the map: a branch of a partner, or one of the community. */
export type Place = Omit<Tables<"places">, "location">;
/** What points can buy. */
export type Reward = Tables<"rewards">;
/** Points turned into a discount, without its code. */
export type Redemption = Omit<
  Tables<"redemptions">,
  "user_id" | "idempotency_key" | "till_reference" | "expiry_refund_points"
>;

/** A message; `body` is plain text, and null once it was deleted. Larger ids are newer. */
export type Message = Tables<"message">;
/** A conversation with its task, the other side and the last message. */
export type Conversation = RowOf<"list_conversations">;
/** What a member chose about messages. */
export type MessageSettings = Pick<Tables<"message_settings">, "show_read_marks" | "show_text">;

/** Something that happened and concerns the member who is signed in. Larger ids are newer. */
export type Notification = RowOf<"list_notifications">;
/** Where notifications go: an e-mail address or the endpoint of a browser; `refused_at` says since when in vain. */
export type NotificationAddress = RowOf<"list_notification_addresses">;
/** What members can be told, with texts and defaults. */
export type NotificationType = Tables<"notification_types">;
/** Whether one type comes over one channel. */
export type NotificationPreference = Tables<"notification_preferences">;
/** When and how a member is told; quiet hours such as `22:00:00`, null where there are none. */
export type NotificationSettings = Pick<
  Tables<"notification_settings">,
  "quiet_from" | "quiet_until" | "digest" | "is_email_enabled" | "is_web_push_enabled"
>;

/** The few facts about a partner that stand next to their rewards. */
export type PartnerCard = Pick<Partner, "id" | "name" | "logo_url">;
/** A reward with its partner and its stock; null where there is no limit. */
export type RewardWithPartner = Reward & {
  partner: PartnerCard;
  stock: Pick<Tables<"reward_stocks">, "total" | "taken"> | null;
};
/** A redemption with its code, which is null unless the redemption is active or used. */
export interface RedemptionWithCode {
  readonly redemption: Redemption;
  /** As printed for people. */
  readonly code: string | null;
  /** The code as a QR picture: the text of an SVG. */
  readonly qr: string | null;
}

/** The few facts about a member that stand next to their tasks and offers. */
export type UserCard = Pick<User, "id" | "name" | "avatar_path" | "rating_average" | "rating_count">;
/** The same of somebody who offers help, with how many accepted tasks they finished. */
export type HelperCard = UserCard & Reliability;
/** A task with the two people it is about. */
export type TaskWithPeople = Task & { creator: UserCard; helper: UserCard | null };
/** One's own task with its people and the offers one may see. */
export type MyTask = TaskWithPeople & { offers: TaskOfferWithHelper[] };
/** An offer with the member who made it. */
export type TaskOfferWithHelper = TaskOffer & MayBeOutdated & { helper: HelperCard };
/** An offer with its task; the task is null when it may no longer be read. */
export type TaskOfferWithTask = TaskOffer & MayBeOutdated & { task: (Task & { creator: UserCard }) | null };
/** A no-show or late release of the member who is signed in; the task is null when it may no longer be read. */
export type LapseWithTask = Lapse & { task: Pick<Task, "id" | "title"> | null };
/** A blocked member. */
export type UserBlockWithUser = UserBlock & { blocked: UserCard };

/** What one side of a completed task says about the other. */
export type Rating = Tables<"ratings">;
/** A revealed rating with its author. */
export type RatingWithRater = RowOf<"list_ratings">;
/** A part of a member's trust; the amounts of all parts, positive or negative, add up to `trust_score`. */
export type TrustPart = RowOf<"explain_trust">;

/** A review of a place. */
export type PlaceReview = Tables<"place_reviews">;
/** A review of a place with who wrote it. */
export type PlaceReviewWithUser = PlaceReview & { user: UserCard };
/** What the member who is signed in said about a category. */
export type Preference = Tables<"preferences">;
/** A place with why it is recommended. Parts and score lie between 0 and 1; the score is the parts, weighed as set. */
export type RecommendedPlace = RowOf<"recommended_places">;
/** An open task with why it is recommended; as {@link RecommendedPlace}. */
export type RecommendedTask = RowOf<"recommended_tasks">;
/** A member who might help, and why. */
export type SuggestedHelper = RowOf<"suggest_helpers">;

/**
 * A task found by words. Its rank says how well the words fit and how near it is, 0 to 1; below 0.5 some word is only spelt
 * alike. Its snippet is plain text with the hits in «».
 */
export type FoundTask = RowOf<"search_tasks">;
/** A place found by words; as {@link FoundTask}. */
export type FoundPlace = RowOf<"search_places">;

/** How helping each other works here; see `private.settings` for each. */
export type TaskRules = RowOf<"task_rules">;

/** A row of a leaderboard. Equal points share a rank. */
export type LeaderboardEntry = RowOf<"leaderboard">;
/** What a member did so far. Points are null unless the member is the one who is signed in. */
export type UserStatistics = RowOf<"user_statistics">;
/** The figures of the month that begins with the day `month`; null is held back. */
export type MonthlyStatistics = RowOf<"monthly_statistics">;
