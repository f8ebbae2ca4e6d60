import { afterAll, afterEach, beforeAll, inject } from "vitest";
import type { Sql } from "./admin.ts";
import { Arena } from "./arena.ts";
import { expectBooksRight } from "./books.ts";
import { expectLegalHistories } from "./history.ts";

/** Columns of private.settings that tests change. */
export type Settings = Partial<{
  reward_funding: "community" | "creator";
  points_limit_per_creator: number;
  points_limit_per_pair: number;
  open_task_limit: number;
}>;

/**
 * Opens the connections of a file of race tests. After every test it proves that books, search projection and
 * histories are right, and puts the settings back to their defaults.
 */
export function useArena(size: number): Arena {
  const arena = new Arena(inject("server"), size);
  beforeAll(async () => {
    const processes = await arena.connect();
    if (processes !== size) throw new Error(`${size} connections have only ${processes} server processes`);
  });
  afterEach(async () => {
    await resetSettings(arena.sql);
    await expectBooksRight(arena.sql);
    await expectLegalHistories(arena.sql);
  });
  afterAll(() => arena.close());
  return arena;
}

/** Changes product settings, as an admin does in Studio. */
export async function changeSettings(sql: Sql, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await sql(`update private.settings set ${name} = $1`, [value]);
  }
}

/** Puts the settings that tests change back to their defaults. */
export async function resetSettings(sql: Sql): Promise<void> {
  await sql(`update private.settings
    set reward_funding = default, points_limit_per_creator = default, points_limit_per_pair = default, open_task_limit = default`);
}
