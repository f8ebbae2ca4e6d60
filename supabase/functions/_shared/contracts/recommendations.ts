/**
 * Inputs and fixed words of the recommendations room.
 *
 * @module
 */
import { z } from "zod";
import { after, latitude, longitude, pageSize, radiusM } from "./fields.ts";

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
  radius_m: radiusM,
  page_size: pageSize,
  after,
});

/** See {@link setPreferenceInput}. */
export type SetPreferenceInput = z.input<typeof setPreferenceInput>;
/** See {@link recommendationsInput}. */
export type RecommendationsInput = z.input<typeof recommendationsInput>;
