import type { Sql } from "./admin.ts";

/** Columns of private.settings that tests change. */
export type Settings = Partial<{
  reward_funding: "community" | "creator";
  points_limit_per_creator: number;
  points_limit_per_pair: number;
  points_limit_per_helper: number;
  open_task_limit: number;
  task_limit_per_day: number;
  offer_limit_per_day: number;
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

/** Puts all settings back to their defaults. */
export async function resetSettings(sql: Sql): Promise<void> {
  const columns = await sql<{ name: string }>(
    "select column_name::text as name from information_schema.columns where (table_schema, table_name) = ('private', 'settings')",
  );
  await sql(`update private.settings set ${columns.map(({ name }) => `${name} = default`).join(", ")}`);
}
