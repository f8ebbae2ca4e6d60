import { afterAll, beforeAll, inject } from "vitest";
import { Arena } from "./arena.ts";
import { proveAfterEach } from "./prove-after-each.ts";

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
  proveAfterEach(arena.sql);
  afterAll(() => arena.close());
  return arena;
}
