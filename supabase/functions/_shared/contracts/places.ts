/**
 * Inputs and fixed words of places: branches of partners, and places of the community with their reviews.
 *
 * @module
 */
import { z } from "zod";
import { idAfter, keysetAfter, latitude, longitude, optionalText, pageSize, requiredText, rowId } from "./fields.ts";
import {
  MAX_ADDRESS_LENGTH,
  MAX_MESSAGE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PLACE_DESCRIPTION_LENGTH,
  MAX_PLACE_TYPE_LENGTH,
  MAX_PLACE_TYPES,
  PLACE_CATEGORIES,
} from "./words-and-limits.ts";

/** A day of opening hours. */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/**
 * When a place is open, in its local time: for each day the spans `[from, to]`; one that ends before it begins goes on into
 * the next day. A day that is missing is closed.
 */
export type OpeningHours = { readonly [Day in Weekday]?: readonly (readonly [from: string, to: string])[] };

const placeId = rowId("place_not_found");

/** Names a place. */
export const placeRef = z.strictObject({ place_id: placeId });

/** Input of the list of places, in the order of their ids. */
export const placesInput = z.strictObject({
  /** Only the branches of this partner. */
  partner_id: rowId("validation_failed").optional(),
  page_size: pageSize,
  after: idAfter,
});

/** Input of `add_place`. */
export const addPlaceInput = z.strictObject({
  name: requiredText({ min: 1, max: MAX_NAME_LENGTH }),
  category: z.enum(PLACE_CATEGORIES, { error: "place_category_invalid" }),
  /** Exact latitude; public. */
  latitude,
  /** Exact longitude; public. */
  longitude,
  /** Postal address. */
  address: optionalText({ max: MAX_ADDRESS_LENGTH }),
  /** Finer words for what it is, for example `["bakery", "organic"]`; at most 20. */
  types: z
    .array(requiredText({ min: 1, max: MAX_PLACE_TYPE_LENGTH }), { error: "place_types_invalid" })
    .max(MAX_PLACE_TYPES, "place_types_invalid")
    .optional(),
  /** A few words about the place. */
  description: optionalText({ max: MAX_PLACE_DESCRIPTION_LENGTH, isMultiline: true }),
});

/** Input of `review_place`. */
export const reviewPlaceInput = z.strictObject({
  place_id: placeId,
  /** 1 to 5 stars. */
  rating: z
    .int({ error: "review_rating_out_of_range" })
    .min(1, "review_rating_out_of_range")
    .max(5, "review_rating_out_of_range"),
  /** A few words; left out, an earlier comment goes. */
  comment: optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true }),
});

/** Input of the list of a place's reviews, newest first. */
export const placeReviewsInput = z.strictObject({
  place_id: placeId,
  /** Only the review of this member. */
  user_id: rowId("validation_failed").optional(),
  page_size: pageSize,
  after: keysetAfter,
});

/** See {@link placesInput}. */
export type PlacesInput = z.input<typeof placesInput>;
/** See {@link addPlaceInput}. */
export type AddPlaceInput = z.input<typeof addPlaceInput>;
/** See {@link reviewPlaceInput}. */
export type ReviewPlaceInput = z.input<typeof reviewPlaceInput>;
/** See {@link placeReviewsInput}. */
export type PlaceReviewsInput = z.input<typeof placeReviewsInput>;
