/**
 * The rows this client returns: exactly what a supabase-js select returns, with the fixed words of text columns as unions.
 *
 * @module
 */
import type {
  CodeSource,
  DiscountType,
  DistanceBand,
  Language,
  NotificationChannel,
  NotificationDigest,
  OfferStatus,
  OpeningHours,
  PlaceCategory,
  PlaceSource,
  PointTransactionType,
  RedemptionEndReason,
  RedemptionStatus,
  RewardFunding,
  TaskEventAction,
  TaskStatus,
} from "../../supabase/functions/_shared/contracts/index.ts";
import type { LimitPeriod } from "../../supabase/functions/_shared/contracts/partners.ts";
import type { TrustPartName } from "../../supabase/functions/_shared/contracts/ratings.ts";
import type { Tables } from "./database.types.ts";

type WithWords<Row, Words> = Omit<Row, keyof Words> & Words;

/** Fixed words of a task. */
export type TaskWords = { status: TaskStatus; reward_funding: RewardFunding };
/** Fixed words of an offer. */
export type TaskOfferWords = { status: OfferStatus };
/** Fixed words of a task event. */
export type TaskEventWords = { action: TaskEventAction };
/** Fixed words of a point transaction. */
export type PointTransactionWords = { type: PointTransactionType };
/** Fixed words of a reward. */
export type RewardWords = {
  discount_type: DiscountType;
  code_source: CodeSource;
  limit_period: LimitPeriod | null;
};
/** Fixed words of a place. */
export type PlaceWords = { category: PlaceCategory; source: PlaceSource; opening_hours: OpeningHours | null };
/** Fixed words of a redemption. */
export type RedemptionWords = {
  discount_type: DiscountType;
  status: RedemptionStatus;
  end_reason: RedemptionEndReason | null;
};

/** A member, as other members see them. */
export type User = Omit<Tables<"users">, "points_balance">;
/** The member who is signed in, with their own points. */
export type Me = User & { points_balance: number | null };
/** Phone number, address and exact home of the member who is signed in. */
export type UserContact = Tables<"user_contacts">;
/** Language, time zone and what the member who is signed in agreed to. */
export type UserSettings = WithWords<Tables<"user_settings">, { language: Language }>;
/** A named area on the map; `outline` is a GeoJSON MultiPolygon. */
export type Neighbourhood = Omit<Tables<"neighbourhoods">, "area">;
/** A block set by the member who is signed in. */
export type UserBlock = Tables<"user_blocks">;
/** A ban of the member who is signed in. */
export type UserBan = Tables<"user_bans">;
/** Balance of the member who is signed in. */
export type PointAccount = Tables<"point_accounts">;
/** One movement of points of the member who is signed in. */
export type PointTransaction = WithWords<Tables<"point_transactions">, PointTransactionWords>;
/** A category of tasks. */
export type Category = Tables<"categories">;
/** A task, without its exact place. */
export type Task = WithWords<Tables<"tasks">, TaskWords>;
/** Exact place of a task. */
export type TaskLocation = Tables<"task_locations">;
/** An offer of help. */
export type TaskOffer = WithWords<Tables<"task_offers">, TaskOfferWords>;
/** Something that happened to a task. */
export type TaskEvent = WithWords<Tables<"task_events">, TaskEventWords>;

/** Somebody who gives discounts. */
export type Partner = Tables<"partners">;
/** A place on the map: a branch of a partner, or one of the community. */
export type Place = WithWords<Omit<Tables<"places">, "location">, PlaceWords>;
/** What points can buy. */
export type Reward = WithWords<Tables<"rewards">, RewardWords>;
/** Points turned into a discount, without its code. */
export type Redemption = WithWords<
  Omit<Tables<"redemptions">, "user_id" | "idempotency_key" | "till_reference" | "expiry_refund_points">,
  RedemptionWords
>;

/** Something that happened and concerns the member who is signed in. */
export interface Notification {
  /** Larger ids are newer. */
  readonly id: number;
  /** One of {@link NotificationType}. */
  readonly type: string;
  readonly title_de: string;
  readonly title_en: string;
  readonly body_de: string;
  readonly body_en: string;
  readonly task_id: string | null;
  readonly redemption_id: string | null;
  /** Who did it; null for the system and for somebody who is blocked, banned or gone. */
  readonly actor_id: string | null;
  readonly created_at: string;
  /** Null while it is unread. */
  readonly read_at: string | null;
}
/** What members can be told, with texts and defaults. */
export type NotificationType = Tables<"notification_types">;
/** Whether one type comes over one channel. */
export type NotificationPreference = WithWords<Tables<"notification_preferences">, { channel: NotificationChannel }>;
/** When and how a member is told. */
export interface NotificationSettings {
  /** Start of the quiet hours, `22:00:00`; null: none. */
  readonly quiet_from: string | null;
  readonly quiet_until: string | null;
  readonly digest: NotificationDigest;
  readonly is_email_enabled: boolean;
  readonly is_web_push_enabled: boolean;
}

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

/** What one side of a completed task says about the other. */
export type Rating = Tables<"ratings">;
/** A revealed rating with its author. */
export type RatingWithRater = Omit<Rating, "ratee_id" | "revealed_at"> & {
  revealed_at: string;
  rater_name: string;
  rater_avatar_path: string | null;
};
/** A part of a member's trust. */
export interface TrustPart {
  readonly part: TrustPartName;
  /** Positive or negative; all of them add up to `trust_score`. */
  readonly amount: number;
  readonly text_de: string;
  readonly text_en: string;
}

/** A review of a place. */
export type PlaceReview = Tables<"place_reviews">;
/** A review of a place with who wrote it. */
export type PlaceReviewWithUser = PlaceReview & { user: UserCard };
/** What the member who is signed in said about a category. */
export type Preference = Tables<"preferences">;
/** Why something is recommended. Parts and score lie between 0 and 1; the score is the parts, weighed as the community set. */
export interface Recommendation {
  readonly distance_m: number;
  readonly score: number;
  /** How much the member likes the category; neutral when nothing was said. */
  readonly part_preference: number;
  /** Mean rating of the place, or of who asks; neutral without ratings. */
  readonly part_rating: number;
  /** How many ratings there are; 1 from one hundred on. */
  readonly part_popularity: number;
  /** 1 here, 0 at the radius. */
  readonly part_proximity: number;
  readonly explanation_de: string;
  readonly explanation_en: string;
  readonly cursor: string;
}
/** A place with why it is recommended. */
export type RecommendedPlace = Place & Recommendation;
/** An open task with why it is recommended. */
export type RecommendedTask = Omit<Task, "location"> & Recommendation;
/** A member who might help, and why. */
export interface SuggestedHelper {
  readonly user_id: string;
  readonly name: string;
  readonly avatar_path: string | null;
  readonly distance_band: DistanceBand;
  readonly trust_score: number;
  readonly rating_average: number;
  readonly rating_count: number;
  readonly score: number;
  readonly part_distance: number;
  readonly part_preference: number;
  readonly part_trust: number;
  /** 1 for somebody rested, less for somebody who helped or was suggested lately. */
  readonly part_fatigue: number;
  readonly explanation_de: string;
  readonly explanation_en: string;
}

/** A task with the two people it is about. */
export type TaskWithPeople = Task & { creator: UserCard; helper: UserCard | null };
/** One's own task with its people and the offers one may see. */
export type MyTask = TaskWithPeople & { offers: TaskOfferWithHelper[] };
/** An offer with the member who made it. */
export type TaskOfferWithHelper = TaskOffer & { helper: UserCard };
/** An offer with its task; the task is null when it may no longer be read. */
export type TaskOfferWithTask = TaskOffer & { task: (Task & { creator: UserCard }) | null };
/** A blocked member. */
export type UserBlockWithUser = UserBlock & { blocked: UserCard };
/** A task found by words. */
export type FoundTask = NearbyTask & {
  /** How well the words fit and how near it is, 0 to 1; below 0.5 some word is only spelt alike. */
  rank: number;
  /** Where the words are: plain text with the hits in «». */
  snippet: string;
};
/** A place found by words. */
export type FoundPlace = Omit<Place, "is_active" | "source_id" | "rating_sum"> & {
  /** Metres to the place. */
  distance_m: number;
  /** How well the words fit and how near it is, 0 to 1; below 0.5 some word is only spelt alike. */
  rank: number;
  /** Where the words are: plain text with the hits in «». */
  snippet: string;
  /** Where the next page starts when this is the last row. */
  cursor: string;
};
/** A task found nearby. */
export type NearbyTask = Omit<Task, "location"> & {
  /** Metres to the task's 300 m cell, rounded to 100. */
  distance_m: number;
  /** Where the next page starts when this is the last row. */
  cursor: string;
};

/** A row of a leaderboard. */
export interface LeaderboardEntry {
  /** Equal points share a rank. */
  readonly rank: number;
  readonly user_id: string;
  readonly name: string;
  readonly avatar_path: string | null;
  /** Received for completed tasks in the period. */
  readonly points: number;
  readonly tasks_helped: number;
  readonly is_me: boolean;
}
/** What a member did so far. Points are null unless the member is the one who is signed in. */
export interface UserStatistics {
  readonly id: string;
  readonly name: string;
  readonly avatar_path: string | null;
  readonly member_since: string;
  /** Tasks posted. */
  readonly tasks_created: number;
  /** Own tasks that were completed. */
  readonly tasks_completed: number;
  /** Completed tasks in which the member was the helper. */
  readonly tasks_helped: number;
  readonly trust_score: number;
  readonly rating_average: number;
  readonly rating_count: number;
  readonly points_balance: number | null;
  /** Ever received for completed tasks. */
  readonly points_earned: number | null;
  /** Ever spent on rewards, less refunds. */
  readonly points_redeemed: number | null;
}
/** The figures of a month; null is held back. */
export interface MonthlyStatistics {
  /** First day, for example `2026-11-01`. */
  readonly month: string;
  readonly tasks_created: number | null;
  readonly tasks_completed: number | null;
  /** New points: for tasks that the community funds, and as bonus. */
  readonly points_issued: number | null;
  /** Points spent on rewards, less refunds of the month; null for a neighbourhood. */
  readonly points_redeemed: number | null;
  /** Members who did any of it. */
  readonly people: number | null;
  readonly is_suppressed: boolean;
}
