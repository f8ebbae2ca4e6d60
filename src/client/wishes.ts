/**
 * Wishes to redeem that came without an idempotency key and have no answer yet. Whoever taps twice, or tries again after a
 * connection that broke, still has the same wish: it is sent with the same key, so points are spent once.
 *
 * @module
 */
import type { ErrorSlug, RedeemInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

interface OpenWish {
  readonly wish: RedeemInput;
  readonly openedAt: number;
}

/** How long a wish without an answer stays open, in milliseconds. */
export const OPEN_WISH_MS = 600_000;

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

const openWishes = new WeakMap<NeighbourhoodSupabase, Map<string, OpenWish>>();

const nameOf = (wish: RedeemInput): string => `${wish.reward_id} ${wish.expected_points}`;

/** The wish as it was sent before, if that is still open; otherwise this one, which is open from now on. */
export function openWish(supabase: NeighbourhoodSupabase, wish: RedeemInput): RedeemInput {
  const wishes = openWishes.get(supabase) ?? new Map<string, OpenWish>();
  openWishes.set(supabase, wishes);
  const open = wishes.get(nameOf(wish));
  if (open !== undefined && Date.now() - open.openedAt < OPEN_WISH_MS) return open.wish;
  wishes.set(nameOf(wish), { wish, openedAt: Date.now() });
  return wish;
}

/** The wish has its answer: the next one like it is another wish. */
export function closeWish(supabase: NeighbourhoodSupabase, wish: RedeemInput): void {
  const wishes = openWishes.get(supabase);
  if (wishes?.get(nameOf(wish))?.wish.idempotency_key === wish.idempotency_key) wishes.delete(nameOf(wish));
}

/** Whether an error tells for sure what became of the wish. */
export function isDecided(error: unknown): boolean {
  return error instanceof ApiError && !UNDECIDED.has(error.code);
}
