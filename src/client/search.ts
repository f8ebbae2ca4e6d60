import {
  type SearchPlacesInput,
  type SearchTasksInput,
  searchPlacesInput,
  searchTasksInput,
} from "../../supabase/functions/_shared/contracts/search.ts";
import { type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, readNear, sendIdempotent } from "./request.ts";
import type { FoundPlace, FoundTask } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * One page of the open tasks around a point that match words in German or English, best first. Words are found by their
 * beginning and their stem, with or without umlauts and accents; where few match, similarly spelt titles follow, with a
 * `rank` below 0.5. Any text is a query; one without words finds nothing. Own tasks are found too, those of blocked or banned
 * members are not.
 *
 * `snippet` is text of a member with the hits in «»: show it as text, never as HTML; {@link splitSnippet} takes it apart.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `category_not_found`, `neighbourhood_not_found`, `cursor_invalid`, `validation_failed`,
 * `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.search.tasksPage({ query: "Rasen mähen", latitude: 52.52, longitude: 13.405 });
 * page.items[0]?.snippet; // "Der «Rasen» müsste «gemäht» werden."
 * ```
 */
export async function getTaskSearchPage(
  supabase: NeighbourhoodSupabase,
  input: SearchTasksInput,
  options: RequestOptions = {},
): Promise<Page<FoundTask>> {
  const args = checked(searchTasksInput, input);
  const rows = await sendIdempotent(readNear(supabase, "search_tasks", args), options);
  return toPage(rows, args.page_size, ({ cursor }) => cursor);
}

/**
 * One page of the places around a point whose name, category, types, description or address match, best first; as
 * {@link getTaskSearchPage}. Also without signing in.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `neighbourhood_not_found`, `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.search.placesPage({ query: "Bäckerei", latitude: 52.52, longitude: 13.405 });
 * ```
 */
export async function getPlaceSearchPage(
  supabase: NeighbourhoodSupabase,
  input: SearchPlacesInput,
  options: RequestOptions = {},
): Promise<Page<FoundPlace>> {
  const args = checked(searchPlacesInput, input);
  const rows = await sendIdempotent(readNear(supabase, "search_places", args), options);
  return toPage(rows, args.page_size, ({ cursor }) => cursor);
}

/** A piece of a snippet. */
export interface SnippetPart {
  readonly text: string;
  /** Whether it is one of the words that were looked for. */
  readonly isHit: boolean;
}

/**
 * The pieces of a snippet, to be shown one by one as text: whatever a member wrote, it stays text.
 *
 * @throws Nothing.
 * @example
 * ```tsx
 * splitSnippet(task.snippet).map(({ text, isHit }) => (isHit ? <mark>{text}</mark> : text));
 * ```
 */
export function splitSnippet(snippet: string): SnippetPart[] {
  return snippet
    .split(/(«[^»]*»)/u)
    .filter((text) => text !== "")
    .map((text) => (text.startsWith("«") ? { text: text.slice(1, -1), isHit: true } : { text, isHit: false }));
}
