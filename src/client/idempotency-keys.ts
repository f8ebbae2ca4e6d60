/**
 * Idempotency keys of redemptions that came without one and have no answer yet. Whoever taps twice, or tries again after a
 * connection that broke, still means the same redemption: it is sent with the same key, so points are spent once.
 *
 * @module
 */
import type { ErrorSlug, RedeemInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

interface PendingKey {
  readonly key: string;
  readonly since: number;
}

/** How long the key of a redemption without an answer is kept, in milliseconds. */
export const KEPT_MS = 600_000;

/** After these nobody knows whether the redemption was made. */
const UNDECIDED: ReadonlySet<ErrorSlug> = new Set([
  "network_error",
  "service_unavailable",
  "internal_error",
  "unexpected_response",
  "request_aborted",
  // an earlier attempt may have arrived before the token expired
  "not_signed_in",
]);

const pendingKeys = new WeakMap<NeighbourhoodSupabase, Map<string, PendingKey>>();

const nameOf = (input: RedeemInput): string => `${input.reward_id} ${input.expected_points}`;

/** The redemption with the key it was sent with before, if that has no answer yet; otherwise with its own, kept from now on. */
export function withPendingKey(supabase: NeighbourhoodSupabase, input: RedeemInput): RedeemInput {
  const keys = pendingKeys.get(supabase) ?? new Map<string, PendingKey>();
  pendingKeys.set(supabase, keys);
  const pending = keys.get(nameOf(input));
  if (pending !== undefined && Date.now() - pending.since < KEPT_MS) return { ...input, idempotency_key: pending.key };
  keys.set(nameOf(input), { key: input.idempotency_key, since: Date.now() });
  return input;
}

/** The redemption has its answer: the next one like it is another one. */
export function forgetKey(supabase: NeighbourhoodSupabase, input: RedeemInput): void {
  const keys = pendingKeys.get(supabase);
  if (keys?.get(nameOf(input))?.key === input.idempotency_key) keys.delete(nameOf(input));
}

/** Whether an error tells for sure what became of the redemption. */
export function isDecided(error: unknown): boolean {
  return error instanceof ApiError && !UNDECIDED.has(error.code);
}
