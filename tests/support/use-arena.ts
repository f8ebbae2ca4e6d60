import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { Arena } from "./arena.ts";
import { expectBooksRight } from "./books.ts";
import { expectLegalHistories } from "./history.ts";
import { resetSettings } from "./settings.ts";

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
