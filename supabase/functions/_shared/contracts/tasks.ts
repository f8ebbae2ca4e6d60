/**
 * Inputs and fixed words of the tasks room.
 *
 * @module
 */
import { z } from "zod";
import {
  after,
  keysetAfter,
  latitude,
  longitude,
  moment,
  oneOrMore,
  optionalText,
  pageSize,
  radiusM,
  requiredText,
  rowId,
} from "./fields.ts";
import { isPicturePath } from "./pictures.ts";
import {
  MAX_ADDRESS_LENGTH,
  MAX_DESCRIPTION_LENGTH,
  MAX_IMAGES,
  MAX_MESSAGE_LENGTH,
  MAX_METADATA_BYTES,
  MAX_POINTS_REWARD,
  MAX_TITLE_LENGTH,
  MIN_POINTS_REWARD,
  MIN_TITLE_LENGTH,
  NEARBY_SORTS,
  OFFER_STATUSES,
  TASK_STATUSES,
} from "./words-and-limits.ts";

/** A side from which a member looks at tasks. */
export type TaskRole = "creator" | "helper";

/** A task that a marker of the map stands for. */
export interface MarkedTask {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  readonly points_reward: number;
  readonly starts_at: string | null;
}
/** Tasks that a marker of the map stands for, newest first. */
export type MarkedTasks = readonly MarkedTask[];

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };
/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue | undefined };

/** No map is zoomed in further; more is lowered to it. */
const MAX_ZOOM = 22;

// PostgreSQL stores neither the null character nor halves of surrogate pairs
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding it is the point
const UNSTORABLE = /[\u0000\uD800-\uDFFF]/u;

function isJsonValue(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return !UNSTORABLE.test(value);
  return Array.isArray(value) ? value.every(isJsonValue) : isJsonObject(value);
}

function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(([key, entry]) => isJsonValue(key) && isJsonValue(entry));
}

function isMetadata(value: unknown): boolean {
  return isJsonObject(value) && new TextEncoder().encode(JSON.stringify(value)).byteLength <= MAX_METADATA_BYTES;
}

const taskId = rowId("task_not_found");
const title = requiredText({ min: MIN_TITLE_LENGTH, max: MAX_TITLE_LENGTH });
const description = requiredText({ min: 1, max: MAX_DESCRIPTION_LENGTH, isMultiline: true });
const category = z.string({ error: "category_not_found" }).min(1, "category_not_found");
const pointsReward = z
  .int({ error: "points_reward_out_of_range" })
  .min(MIN_POINTS_REWARD, "points_reward_out_of_range")
  .max(MAX_POINTS_REWARD, "points_reward_out_of_range");
const message = optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true });
// Whether the moment has passed is for the database to say: a phone's clock may be wrong.
const momentOrDate = z
  .union([z.date(), moment], { error: "validation_failed" })
  .transform((value) => (typeof value === "string" ? value : value.toISOString()));
const expiresAt = momentOrDate.optional();
/** A time that may be taken away again. */
const changedTime = z.union([z.literal(""), momentOrDate], { error: "validation_failed" }).optional();
const isFlexible = z.boolean({ error: "validation_failed" }).optional();
const imagePaths = z
  .array(z.string({ error: "image_paths_invalid" }).refine(isPicturePath, "image_paths_invalid"), {
    error: "image_paths_invalid",
  })
  .max(MAX_IMAGES, "image_paths_invalid")
  .optional();
const metadata = z.custom<JsonObject>(isMetadata, "metadata_invalid").optional();

/** Names a task. */
export const taskRef = z.strictObject({ task_id: taskId });

/** Names an offer. */
export const offerRef = z.strictObject({ offer_id: rowId("offer_not_found") });

/** Input of `create_task`. */
export const createTaskInput = z.strictObject({
  title,
  description,
  /** Slug of a category, for example `handwerk`. */
  category,
  /** Exact latitude; others see only the centre of a 300 m cell. */
  latitude,
  /** Exact longitude; others see only the centre of a 300 m cell. */
  longitude,
  /** What the helper receives. */
  points_reward: pointsReward,
  /** Postal address; only the accepted helper gets to see it. */
  address: optionalText({ max: MAX_ADDRESS_LENGTH }),
  /** Up to 10 paths in the bucket `task-images`, in your own folder: `<your user id>/<name>`. */
  image_paths: imagePaths,
  /** When the task ends by itself: a `Date` or an ISO 8601 text with offset, at most a year ahead. */
  expires_at: expiresAt,
  /** When help is wanted, at most a year ahead. Unless `is_flexible`, an open task ends by itself then. */
  starts_at: momentOrDate.optional(),
  /** Until when, at most 31 days after `starts_at`. */
  ends_at: momentOrDate.optional(),
  /** Whether another time would do, too. */
  is_flexible: isFlexible,
  /** Free JSON object of at most 8 kB. Public. */
  metadata,
  /** A UUID: the same key gives the same task, however often it is sent. */
  idempotency_key: z.guid({ error: "validation_failed" }).optional(),
});

/** Input of `update_task`. What is left out stays; an empty address or time clears it. */
export const updateTaskInput = z
  .strictObject({
    task_id: taskId,
    title: title.optional(),
    description: description.optional(),
    /** Slug of a category, for example `handwerk`. */
    category: category.optional(),
    /** Exact place; give both or neither. */
    latitude: latitude.optional(),
    /** Exact place; give both or neither. */
    longitude: longitude.optional(),
    /** Once somebody has offered help it may only rise. */
    points_reward: pointsReward.optional(),
    address: optionalText({ max: MAX_ADDRESS_LENGTH }),
    image_paths: imagePaths,
    expires_at: expiresAt,
    /** An empty text takes both times away. */
    starts_at: changedTime,
    ends_at: changedTime,
    is_flexible: isFlexible,
    metadata,
  })
  .refine((input) => (input.latitude === undefined) === (input.longitude === undefined), {
    error: "coordinates_invalid",
    path: ["latitude"],
  });

/** Input of `offer_help`. */
export const offerHelpInput = z.strictObject({ task_id: taskId, message });

/** Input of `renew_offer`. */
export const renewOfferInput = z.strictObject({
  offer_id: rowId("offer_not_found"),
  /** `terms_version` of the task you have seen; when it has another one by now, the offer stays outdated. */
  terms_version: z.int32({ error: "validation_failed" }).optional(),
});

/** Input of `finish_task`. */
export const finishTaskInput = z.strictObject({ task_id: taskId, note: message });

/** Input of `reject_completion`. */
export const rejectCompletionInput = z.strictObject({
  task_id: taskId,
  reason: requiredText({ min: 1, max: MAX_MESSAGE_LENGTH, isMultiline: true }),
});

/** Input of `release_task`. */
export const releaseTaskInput = z.strictObject({ task_id: taskId, reason: message });

/** Input of `replace_helper`. */
export const replaceHelperInput = rejectCompletionInput;

/** Input of `contest_no_show`. */
export const contestNoShowInput = z.strictObject({
  no_show_id: z.int({ error: "no_show_not_found" }).positive("no_show_not_found"),
  statement: requiredText({ min: 1, max: MAX_MESSAGE_LENGTH, isMultiline: true }),
});

/** Input of `cancel_task`. */
export const cancelTaskInput = z.strictObject({ task_id: taskId, reason: message });

/** Input of `nearby_tasks`. */
export const nearbyTasksInput = z.strictObject({
  latitude,
  longitude,
  radius_m: radiusM,
  /** Slug of a category; the ones below it are included. */
  category: category.optional(),
  /** Only what starts then or later: a `Date` or an ISO 8601 text with offset. */
  starts_from: momentOrDate.optional(),
  /** Only what starts before then. */
  starts_until: momentOrDate.optional(),
  sort: z.enum(NEARBY_SORTS, { error: "sort_invalid" }).default("newest"),
  page_size: pageSize,
  after,
});

const edge = z.number({ error: "coordinates_invalid" });

/** Input of `map_tasks`: the bounds of a map, as MapLibre's `getBounds` gives them, and how far it is zoomed in. */
export const taskMapInput = z
  .strictObject({
    /** Longitude of the left edge. Past the date line it may go on below -180, or the right one above 180. */
    west: edge,
    south: latitude,
    /** Longitude of the right edge. */
    east: edge,
    north: latitude,
    /** As MapLibre counts, where the world is 512 pixels wide at zoom 0. Where it is 256 pixels wide, one less. */
    zoom: z
      .number({ error: "validation_failed" })
      .transform((zoom) => Math.floor(Math.min(Math.max(zoom, 0), MAX_ZOOM))),
    /** Slug of a category; the ones below it are included. */
    category: category.optional(),
    /** Only what starts then or later: a `Date` or an ISO 8601 text with offset. */
    starts_from: momentOrDate.optional(),
    /** Only what starts before then. */
    starts_until: momentOrDate.optional(),
  })
  .refine(({ south, north }) => south <= north, { error: "validation_failed", path: ["north"] });

/** Input of the list of one's own tasks, newest first. */
export const myTasksInput = z.strictObject({
  /** Tasks you posted (`creator`) or tasks you were accepted for (`helper`). */
  as: z.enum(["creator", "helper"], { error: "validation_failed" }),
  /** Only tasks in this state, or in one of these. */
  status: oneOrMore(TASK_STATUSES),
  page_size: pageSize,
  after: keysetAfter,
});

/** Input of the list of offers one has made, newest first. */
export const myOffersInput = z.strictObject({
  /** Only offers in this state, or in one of these. */
  status: oneOrMore(OFFER_STATUSES),
  page_size: pageSize,
  after: keysetAfter,
});

/** See {@link createTaskInput}. */
export type CreateTaskInput = z.input<typeof createTaskInput>;
/** See {@link updateTaskInput}. */
export type UpdateTaskInput = z.input<typeof updateTaskInput>;
/** See {@link taskMapInput}. */
export type TaskMapInput = z.input<typeof taskMapInput>;
/** See {@link nearbyTasksInput}. */
export type NearbyTasksInput = z.input<typeof nearbyTasksInput>;
/** See {@link myTasksInput}. */
export type MyTasksInput = z.input<typeof myTasksInput>;
/** See {@link myOffersInput}. */
export type MyOffersInput = z.input<typeof myOffersInput>;
