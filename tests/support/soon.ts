import { vi } from "vitest";

/** Waits until an assertion holds: a moment where nothing else runs, some seconds where much does. */
export const soon = (assertion: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(assertion, { timeout: 20_000 });
