/**
 * Inputs and fixed words of the recommendations room.
 *
 * @module
 */
import { z } from "zod";
import { after, latitude, longitude, pageSize } from "./fields.ts";
import { DEFAULT_RADIUS_M, MAX_RADIUS_M } from "./tasks.ts";

/** How far away a suggested helper lives. Nothing finer is known. */
export const DISTANCE_BANDS = ["under_1_km", "1_to_3_km", "3_to_10_km"] as const;
/** See {@link DISTANCE_BANDS}. */
export type DistanceBand = (typeof DISTANCE_BANDS)[number];

/** Input of `set_preference`. */
export const setPreferenceInput = z.strictObject({
  /** Slug of a category of tasks, or a category of places. */
  category: z.string({ error: "category_not_found" }).min(1, "category_not_found"),
  /** 0 (not at all) to 5 (very much); null takes the word back. */
  rating: z
    .int({ error: "preference_rating_out_of_range" })
    .min(0, "preference_rating_out_of_range")
    .max(5, "preference_rating_out_of_range")
    .nullable(),
});

/** Input of `recommended_places` and `recommended_tasks`. */
export const recommendationsInput = z.strictObject({
  latitude,
  longitude,
  /** 5000 when left out; at most 50000. */
  radiusM: z
    .int({ error: "validation_failed" })
    .default(DEFAULT_RADIUS_M)
    .transform((radius) => Math.min(Math.max(radius, 1), MAX_RADIUS_M)),
  pageSize,
  after,
});

/** See {@link setPreferenceInput}. */
export type SetPreferenceInput = z.input<typeof setPreferenceInput>;
/** See {@link recommendationsInput}. */
export type RecommendationsInput = z.input<typeof recommendationsInput>;
