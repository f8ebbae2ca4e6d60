/**
 * Inputs of the search room.
 *
 * @module
 */
import { z } from "zod";
import { after, latitude, longitude, pageSize, rowId } from "./fields.ts";
import { PLACE_CATEGORIES } from "./places.ts";
import { nearbyTasksInput } from "./tasks.ts";

/** Characters of a query that are looked at. */
export const MAX_QUERY_LENGTH = 1000;
/** Rank from which all words of a search were found as written; below it some are only spelt alike. */
export const AS_WRITTEN_RANK = 0.5;

// what PostgreSQL cannot hold: the null character, and halves of surrogate pairs
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding it is the point
const UNSTORABLE = /[\u0000\uD800-\uDFFF]/gu;

/** Whatever somebody types is a query: it is shortened and cleaned, never refused. */
const query = z
  .string({ error: "validation_failed" })
  .transform((text) => text.slice(0, MAX_QUERY_LENGTH).replace(UNSTORABLE, " "));

const { radiusM, category } = nearbyTasksInput.shape;
const neighbourhoodId = rowId("neighbourhood_not_found").optional();

/** Input of `search_tasks`. */
export const searchTasksInput = z.strictObject({
  query,
  latitude,
  longitude,
  /** 5000 when left out; at most 50000. */
  radiusM,
  /** Slug of a category; the ones below it are included. */
  category,
  /** Only what lies in this neighbourhood. */
  neighbourhoodId,
  pageSize,
  after,
});

/** Input of `search_places`. */
export const searchPlacesInput = z.strictObject({
  query,
  latitude,
  longitude,
  /** 5000 when left out; at most 50000. */
  radiusM,
  category: z.enum(PLACE_CATEGORIES, { error: "validation_failed" }).optional(),
  /** Only what lies in this neighbourhood. */
  neighbourhoodId,
  pageSize,
  after,
});

/** See {@link searchTasksInput}. */
export type SearchTasksInput = z.input<typeof searchTasksInput>;
/** See {@link searchPlacesInput}. */
export type SearchPlacesInput = z.input<typeof searchPlacesInput>;
