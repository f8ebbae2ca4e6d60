import type { Sql } from "./admin.ts";

/** Limits of what a member may do in 24 hours. */
const DAILY_LIMITS = [
  "task_limit_per_day",
  "offer_limit_per_day",
  "task_change_limit_per_day",
  "block_limit_per_day",
  "consent_limit_per_day",
  "review_limit_per_day",
  "return_limit_per_day",
  "place_limit_per_day",
  "suggestion_limit_per_day",
] as const;

/** All of them at once, for tests that do more than a member in a day. */
export function dailyLimits(limit: number): Settings {
  return Object.fromEntries(DAILY_LIMITS.map((name) => [name, limit]));
}

/** Columns of private.settings that tests change. */
export type Settings = Partial<{
  time_zone: string;
  reward_funding: "community" | "creator";
  points_limit_per_creator: number;
  points_limit_per_pair: number;
  points_limit_per_helper: number;
  open_task_limit: number;
  welcome_points: number;
  picture_limit: number;
  start_reminder_days: number;
  replace_grace_hours: number;
  unended_task_days: number;
}> & { [Name in (typeof DAILY_LIMITS)[number]]?: number };

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
