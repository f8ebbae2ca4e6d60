import type { Sql } from "./admin.ts";

/** Columns of private.settings that tests change. */
export type Settings = Partial<{
  reward_funding: "community" | "creator";
  points_limit_per_creator: number;
  points_limit_per_pair: number;
  open_task_limit: number;
  welcome_points: number;
  place_limit_per_day: number;
  suggestion_limit_per_day: number;
}>;

/** Changes product settings, as an admin does in Studio. */
export async function changeSettings(sql: Sql, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await sql(`update private.settings set ${name} = $1`, [value]);
  }
}

/** Puts the settings that tests change back to their defaults. */
export async function resetSettings(sql: Sql): Promise<void> {
  await sql(`update private.settings
    set reward_funding = default, points_limit_per_creator = default, points_limit_per_pair = default,
      open_task_limit = default, welcome_points = default,
      trust_formula = default, trust_prior = default, trust_weight = default, place_limit_per_day = default, suggestion_limit_per_day = default`);
}
