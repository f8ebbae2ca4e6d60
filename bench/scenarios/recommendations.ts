import type { Reading } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { AROUND, growth, LATITUDE, LONGITUDE, MEMBER } from "./growth.ts";

/** `recommended_tasks` and `recommended_places` with ten times the data, next to plain and documented queries. */
export function recommendations(bench: Bench): Promise<ScenarioResult> {
  const { small, large } = bench.sizes.neighbourhood;
  const open = ({ tasks, pending, completed }: typeof large) =>
    `${(tasks - pending - completed).toLocaleString("en")} open tasks`;
  return growth(bench, "recommendations", [
    {
      name: "recommended_tasks",
      small: open(small),
      large: open(large),
      reading: reading("recommended_tasks", `select * from public.recommended_tasks(${LATITUDE}, ${LONGITUDE}, 5000)`),
      plain: [
        reading(
          "plain ST_DWithin with limit",
          `SELECT * FROM tasks
           WHERE status = 'open' AND ST_DWithin(location, ST_MakePoint(${LONGITUDE}, ${LATITUDE})::geography, 5000) LIMIT 20`,
        ),
      ],
    },
    {
      name: "recommended_places",
      small: `${small.places.toLocaleString("en")} places`,
      large: `${large.places.toLocaleString("en")} places`,
      reading: reading(
        "recommended_places",
        `select * from public.recommended_places(${LATITUDE}, ${LONGITUDE}, 5000)`,
      ),
      plain: [
        reading(
          "plain ST_DWithin with limit",
          `SELECT * FROM place
           WHERE ST_DWithin(ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography, ST_MakePoint(${LONGITUDE}, ${LATITUDE})::geography, 5000) LIMIT 20`,
        ),
        reading("the documented ranking", DOCUMENTED),
      ],
    },
  ]);
}

/** As written in the source document on recommendations; its distance takes a degree of longitude for one of latitude. */
const DOCUMENTED = `
  WITH user_prefs AS (SELECT category, rating FROM preference WHERE user_id = :me::uuid)
  SELECT p.id, p.name, p.lat, p.lng, p.rating, p.user_ratings_total, p.category, up.rating AS user_preference,
    SQRT(POW(p.lat - (${LATITUDE}), 2) + POW(p.lng - (${LONGITUDE}), 2)) * 111.32 AS distance
  FROM place p
  JOIN user_prefs up ON p.category = up.category
  WHERE SQRT(POW(p.lat - (${LATITUDE}), 2) + POW(p.lng - (${LONGITUDE}), 2)) * 111.32 < 5
  ORDER BY (
    up.rating * 0.6 +
    COALESCE(p.rating, 0) / 5 * 0.2 +
    LEAST(1.0, LOG(COALESCE(p.user_ratings_total, 0) + 1) / 10) * 0.1 +
    (1 - LEAST(1, SQRT(POW(p.lat - (${LATITUDE}), 2) + POW(p.lng - (${LONGITUDE}), 2)) * 111.32 / 5)) * 0.1
  ) DESC
  LIMIT 20`;

function reading(name: string, sql: string): Reading {
  return { name, setup: MEMBER, draw: AROUND, sql };
}
