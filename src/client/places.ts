import {
  type AddPlaceInput,
  addPlaceInput,
  type PlaceReviewsInput,
  type PlacesInput,
  placeRef,
  placeReviewsInput,
  placesInput,
  type ReviewPlaceInput,
  reviewPlaceInput,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { eachItem, keysetCursor, keysetFilter, type Page, toPage } from "./paging.ts";
import {
  checked,
  defined,
  type RequestOptions,
  send,
  sendIdempotent,
  sendIdempotentVoid,
  sendMaybe,
} from "./request.ts";
import type { Place, PlaceReview, PlaceReviewWithUser } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

const COLUMNS = `id, partner_id, name, category, types, description, rating_average, rating_count, rating_sum, address,
  latitude, longitude, opening_hours, source, source_id, is_active, created_at, updated_at`;

/**
 * One page of the places on the map: branches of partners, and places of the community. Also readable without signing in.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.places.listPage({ pageSize: 100 });
 * for (const place of page.items) addMarker(place.latitude, place.longitude, place.name);
 * ```
 */
export async function getPlacesPage(
  supabase: NeighbourhoodSupabase,
  input: PlacesInput = {},
  options: RequestOptions = {},
): Promise<Page<Place>> {
  const { partnerId, pageSize, after } = checked(placesInput, input);
  const rows = await send((signal) => {
    let query = supabase.from("places").select(COLUMNS);
    if (partnerId !== undefined) query = query.eq("partner_id", partnerId);
    if (after !== undefined) query = query.gt("id", after);
    return query.order("id").limit(pageSize).abortSignal(signal).overrideTypes<Place[], { merge: false }>();
  }, options);
  return toPage(rows, pageSize, ({ id }) => id);
}

/**
 * All places on the map, page after page. Also readable without signing in.
 *
 * @throws {@link ApiError} as {@link getPlacesPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const place of client.places.list({ partnerId: reward.partner_id })) {
 *   console.log(place.name, place.address, place.opening_hours?.sat);
 * }
 * ```
 */
export function iteratePlaces(
  supabase: NeighbourhoodSupabase,
  input: PlacesInput = {},
  options: RequestOptions = {},
): AsyncGenerator<Place, void, undefined> {
  return eachItem((after) => getPlacesPage(supabase, { ...input, after }, options), input.after, options);
}

/**
 * A place. Also readable without signing in.
 *
 * @throws {@link ApiError} `place_not_found`, also for one that is no longer shown
 * @example
 * ```ts
 * const { name, rating_average, rating_count } = await client.places.get(placeId);
 * ```
 */
export async function getPlace(
  supabase: NeighbourhoodSupabase,
  placeId: string,
  options: RequestOptions = {},
): Promise<Place> {
  const input = checked(placeRef, { placeId });
  const place = await sendMaybe(
    (signal) =>
      supabase
        .from("places")
        .select(COLUMNS)
        .eq("id", input.placeId)
        .abortSignal(signal)
        .maybeSingle()
        .overrideTypes<Place, { merge: false }>(),
    options,
  );
  if (place === null) throw new ApiError({ code: "place_not_found" });
  return place;
}

/**
 * Adds a place of the community. Nobody learns who added it. Repeated by itself when the connection fails: the same place
 * within a day is the same place.
 *
 * @throws {@link ApiError} `text_blank`, `text_too_short`, `text_too_long`, `text_has_control_characters` (`detail` names the
 * field), `place_category_invalid`, `place_types_invalid`, `coordinates_invalid`, `place_limit_reached`, `not_signed_in`,
 * `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.places.add({ name: "Bench by the canal", category: "other", latitude: 52.49, longitude: 13.42 });
 * ```
 */
export async function addPlace(
  supabase: NeighbourhoodSupabase,
  place: AddPlaceInput,
  options: RequestOptions = {},
): Promise<Place> {
  const { name, category, latitude, longitude, ...rest } = checked(addPlaceInput, place);
  const { location: _, ...added } = await sendIdempotent(
    (signal) =>
      supabase
        .rpc("add_place", { name, category, latitude, longitude, ...defined(rest) })
        .abortSignal(signal)
        .overrideTypes<Place & { location?: unknown }, { merge: false }>(),
    options,
  );
  return added;
}

/**
 * Reviews a place, or changes the review that the member who is signed in has written. Repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `place_not_found`, `review_rating_out_of_range`, `text_too_long`, `text_has_control_characters`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.places.review({ placeId, rating: 5, comment: "The best rolls." });
 * ```
 */
export async function reviewPlace(
  supabase: NeighbourhoodSupabase,
  review: ReviewPlaceInput,
  options: RequestOptions = {},
): Promise<PlaceReview> {
  const { placeId, rating, comment } = checked(reviewPlaceInput, review);
  return sendIdempotent(
    (signal) =>
      supabase
        .rpc("review_place", { place_id: placeId, rating, ...defined({ comment }) })
        .abortSignal(signal)
        .overrideTypes<PlaceReview, { merge: false }>(),
    options,
  );
}

/**
 * Takes the own review of a place back; does nothing when there is none. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `place_not_found` for what is no id, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.places.deleteReview(placeId);
 * ```
 */
export async function deleteReview(
  supabase: NeighbourhoodSupabase,
  placeId: string,
  options: RequestOptions = {},
): Promise<void> {
  const input = checked(placeRef, { placeId });
  await sendIdempotentVoid(
    (signal) => supabase.rpc("delete_review", { place_id: input.placeId }).abortSignal(signal),
    options,
  );
}

/**
 * One page of a place's reviews, newest first, each with who wrote it.
 *
 * @throws {@link ApiError} `place_not_found` for what is no id, `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.places.reviewsPage({ placeId });
 * for (const { rating, comment, user } of page.items) console.log(user.name, rating, comment);
 * ```
 */
export async function getPlaceReviewsPage(
  supabase: NeighbourhoodSupabase,
  input: PlaceReviewsInput,
  options: RequestOptions = {},
): Promise<Page<PlaceReviewWithUser>> {
  const { placeId, pageSize, after } = checked(placeReviewsInput, input);
  const rows = await send((signal) => {
    let query = supabase
      .from("place_reviews")
      .select("*, user:users!place_reviews_user_id_fkey(id, name, avatar_path, rating_average, rating_count)")
      .eq("place_id", placeId);
    if (after !== undefined) {
      const keyset = keysetFilter(after);
      query = query.lte("created_at", keyset.createdAt).or(keyset.after);
    }
    return query
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal)
      .overrideTypes<PlaceReviewWithUser[], { merge: false }>();
  }, options);
  return toPage(rows, pageSize, keysetCursor);
}

/**
 * All reviews of a place, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getPlaceReviewsPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const { rating, comment } of client.places.reviews({ placeId })) console.log(rating, comment);
 * ```
 */
export function iteratePlaceReviews(
  supabase: NeighbourhoodSupabase,
  input: PlaceReviewsInput,
  options: RequestOptions = {},
): AsyncGenerator<PlaceReviewWithUser, void, undefined> {
  return eachItem((after) => getPlaceReviewsPage(supabase, { ...input, after }, options), input.after, options);
}
