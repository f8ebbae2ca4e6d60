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
import { keysetCursor, newestFirst, type Page, toPage } from "./paging.ts";
import { anywhere } from "./replica.ts";
import { checked, type RequestOptions, rpc, send, sendIdempotent, sendIdempotentVoid, sendMaybe } from "./request.ts";
import type { Place, PlaceReview, PlaceReviewWithUser } from "./rows.ts";
import { type NeighbourhoodSupabase, USER_CARD } from "./supabase.ts";

const COLUMNS = `id, partner_id, name, category, types, description, rating_average, rating_count, rating_sum, address,
  latitude, longitude, opening_hours, source, source_id, is_active, created_at, updated_at`;

/**
 * One page of the places on the map: branches of partners, and places of the community. Also readable without signing in.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.places.listPage({ page_size: 100 });
 * for (const place of page.items) addMarker(place.latitude, place.longitude, place.name);
 * ```
 */
export async function getPlacesPage(
  supabase: NeighbourhoodSupabase,
  input: PlacesInput = {},
  options: RequestOptions = {},
): Promise<Page<Place>> {
  const { partner_id, page_size, after } = checked(placesInput, input);
  const request = anywhere<Place[]>(supabase, (server) => (signal) => {
    let query = server.from("places").select(COLUMNS);
    if (partner_id !== undefined) query = query.eq("partner_id", partner_id);
    if (after !== undefined) query = query.gt("id", after);
    return query.order("id").limit(page_size).abortSignal(signal);
  });
  const rows = await send(request, options);
  return toPage(rows, page_size, ({ id }) => id);
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
  const { place_id } = checked(placeRef, { place_id: placeId });
  const place = await sendMaybe(
    anywhere<Place | null>(
      supabase,
      (server) => (signal) =>
        server.from("places").select(COLUMNS).eq("id", place_id).abortSignal(signal).maybeSingle(),
    ),
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
  const { location: _, ...added } = await sendIdempotent(
    rpc(supabase, "add_place", checked(addPlaceInput, place)),
    options,
  );
  return added;
}

/**
 * Reviews a place, or changes the review that the member who is signed in has written. Repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `place_not_found`, `review_rating_out_of_range`, `review_limit_reached`, `text_too_long`,
 * `text_has_control_characters`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.places.review({ place_id, rating: 5, comment: "The best rolls." });
 * ```
 */
export async function reviewPlace(
  supabase: NeighbourhoodSupabase,
  review: ReviewPlaceInput,
  options: RequestOptions = {},
): Promise<PlaceReview> {
  return sendIdempotent(rpc(supabase, "review_place", checked(reviewPlaceInput, review)), options);
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
  await sendIdempotentVoid(rpc(supabase, "delete_review", checked(placeRef, { place_id: placeId })), options);
}

/**
 * One page of a place's reviews, newest first, each with who wrote it.
 *
 * @throws {@link ApiError} `place_not_found` for what is no id, `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.places.reviewsPage({ place_id });
 * for (const { rating, comment, user } of page.items) console.log(user.name, rating, comment);
 * ```
 */
export async function getPlaceReviewsPage(
  supabase: NeighbourhoodSupabase,
  input: PlaceReviewsInput,
  options: RequestOptions = {},
): Promise<Page<PlaceReviewWithUser>> {
  const { place_id, user_id, page_size, after } = checked(placeReviewsInput, input);
  const request = anywhere<PlaceReviewWithUser[]>(supabase, (server) => (signal) => {
    let query = server
      .from("place_reviews")
      .select(`*, user:users!place_reviews_user_id_fkey(${USER_CARD})`)
      .eq("place_id", place_id);
    if (user_id !== undefined) query = query.eq("user_id", user_id);
    return newestFirst(query, page_size, after).abortSignal(signal);
  });
  const rows = await send(request, options);
  return toPage(rows, page_size, keysetCursor);
}
