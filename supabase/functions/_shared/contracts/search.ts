/**
 * Inputs of the search room.
 *
 * @module
 */
import { z } from "zod";
import { after, latitude, longitude, pageSize, radiusM, rowId } from "./fields.ts";

import { nearbyTasksInput } from "./tasks.ts";
import { MAX_QUERY_LENGTH, PLACE_CATEGORIES } from "./words-and-limits.ts";

// what PostgreSQL cannot hold: the null character, and halves of surrogate pairs
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding it is the point
const UNSTORABLE = /[\u0000\uD800-\uDFFF]/gu;

/** Whatever somebody types is a query: it is shortened and cleaned, never refused. */
const query = z
  .string({ error: "validation_failed" })
  .transform((text) => text.slice(0, MAX_QUERY_LENGTH).replace(UNSTORABLE, " "));

const { category, starts_from, starts_until } = nearbyTasksInput.shape;
const neighbourhoodId = rowId("neighbourhood_not_found").optional();

/** Input of `search_tasks`. */
export const searchTasksInput = z.strictObject({
  query,
  latitude,
  longitude,
  radius_m: radiusM,
  /** Slug of a category; the ones below it are included. */
  category,
  /** Only what starts then or later: a `Date` or an ISO 8601 text with offset. */
  starts_from,
  /** Only what starts before then. */
  starts_until,
  /** Only what lies in this neighbourhood. */
  neighbourhood_id: neighbourhoodId,
  page_size: pageSize,
  after,
});

/** Input of `search_places`. */
export const searchPlacesInput = z.strictObject({
  query,
  latitude,
  longitude,
  radius_m: radiusM,
  category: z.enum(PLACE_CATEGORIES, { error: "validation_failed" }).optional(),
  /** Only what lies in this neighbourhood. */
  neighbourhood_id: neighbourhoodId,
  page_size: pageSize,
  after,
});

/** See {@link searchTasksInput}. */
export type SearchTasksInput = z.input<typeof searchTasksInput>;
/** See {@link searchPlacesInput}. */
export type SearchPlacesInput = z.input<typeof searchPlacesInput>;
