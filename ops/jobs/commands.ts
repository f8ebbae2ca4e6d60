import type { TurnOptions } from "./turns.ts";

/** What `npm run jobs` does itself, as far as this machine is set up for it. */
export function commands(): NonNullable<TurnOptions["commands"]> {
  return {};
}
