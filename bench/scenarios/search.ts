import type { Reading } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { AROUND, growth, LATITUDE, LONGITUDE, MEMBER } from "./growth.ts";

/** One word of many texts, two of them, a folded and an English one, the beginning of a word, words of few texts, a typing error, nothing. */
export const TASK_QUERIES = [
  "garten",
  "rasen mähen",
  "maehen",
  "bicycle",
  "compu",
  "drucker",
  "braaba",
  "zimulstu",
  "farrad reparieren",
  "qqqqqq",
];
export const PLACE_QUERIES = [
  "cafe",
  "bäckerei",
  "buecherei",
  "sport",
  "werkst",
  "museum garten",
  "braaba",
  "zimulstu",
  "resturant",
  "qqqqqq",
];

/** `search_tasks` and `search_places` with ten times the data, next to looking for the words without an index of them. */
export function search(bench: Bench): Promise<ScenarioResult> {
  const { small, large } = bench.sizes.neighbourhood;
  const open = ({ tasks, pending, completed }: typeof large) =>
    `${(tasks - pending - completed).toLocaleString("en")} open tasks`;
  return growth(bench, "search", [
    {
      name: "search_tasks",
      small: open(small),
      large: open(large),
      reading: drawing(
        TASK_QUERIES,
        "search_tasks",
        `select * from public.search_tasks({query}, ${LATITUDE}, ${LONGITUDE}, 5000)`,
      ),
      plain: [
        drawing(TASK_QUERIES, "plain ST_DWithin with limit", tasksNearby("")),
        drawing(
          TASK_QUERIES,
          "ST_DWithin with ILIKE",
          tasksNearby("AND (title ILIKE '%' || {query} || '%' OR description ILIKE '%' || {query} || '%')"),
        ),
      ],
    },
    {
      name: "search_places",
      small: `${small.places.toLocaleString("en")} places`,
      large: `${large.places.toLocaleString("en")} places`,
      reading: drawing(
        PLACE_QUERIES,
        "search_places",
        `select * from public.search_places({query}, ${LATITUDE}, ${LONGITUDE}, 5000)`,
      ),
      plain: [
        drawing(PLACE_QUERIES, "plain ST_DWithin with limit", placesNearby("")),
        drawing(
          PLACE_QUERIES,
          "ST_DWithin with ILIKE",
          placesNearby("AND (name ILIKE '%' || {query} || '%' OR description ILIKE '%' || {query} || '%')"),
        ),
      ],
    },
  ]);
}

/** A search for one of the words after the other: `{query}` stands for it. */
export function drawing(queries: readonly string[], name: string, sql: string): Reading {
  const list = queries.map((query) => `'${query}'`).join(", ");
  return {
    name,
    setup: MEMBER,
    draw: `${AROUND}\n\\set k random(1, ${queries.length})`,
    sql: sql.replaceAll("{query}", `(array[${list}])[:k::integer]`),
  };
}

function tasksNearby(condition: string): string {
  return `SELECT * FROM tasks
    WHERE status = 'open' AND ST_DWithin(location, ST_MakePoint(${LONGITUDE}, ${LATITUDE})::geography, 5000) ${condition} LIMIT 20`;
}

function placesNearby(condition: string): string {
  return `SELECT * FROM place
    WHERE ST_DWithin(ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography, ST_MakePoint(${LONGITUDE}, ${LATITUDE})::geography, 5000) ${condition} LIMIT 20`;
}
