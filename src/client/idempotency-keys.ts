/**
 * Idempotency keys of redemptions and new tasks that came without one and have no answer yet. Whoever taps twice, or tries
 * again after a connection that broke, still means the same: it is sent with the same key, so it happens once.
 *
 * @module
 */
import type { ErrorSlug } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

interface PendingKey {
  readonly key: string;
  readonly since: number;
}

/** How long a key without an answer is kept, in milliseconds. */
export const KEPT_MS = 600_000;

/** After these nobody knows whether it happened. */
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

/** What is sent with a key. */
interface WithKey {
  readonly idempotency_key: string;
}

/** What is sent, and whether its key is the app's own. */
export interface KeyedInput<Input extends WithKey> {
  readonly input: Input;
  readonly isOwnKey: boolean;
}

const nameOf = (input: WithKey): string => JSON.stringify({ ...input, idempotency_key: null });

/**
 * Sends an input with the key it was sent with before, if that has no answer yet; otherwise with its own, kept until there is
 * one. An app that brings keys of its own keeps them itself.
 */
export async function withKey<Input extends WithKey, Answer>(
  supabase: NeighbourhoodSupabase,
  { input, isOwnKey }: KeyedInput<Input>,
  send: (input: Input) => Promise<Answer>,
): Promise<Answer> {
  const sent = isOwnKey ? input : withPendingKey(supabase, input);
  try {
    const answer = await send(sent);
    forgetKey(supabase, sent);
    return answer;
  } catch (error) {
    if (isDecided(error)) forgetKey(supabase, sent);
    throw error;
  }
}

function withPendingKey<Input extends WithKey>(supabase: NeighbourhoodSupabase, input: Input): Input {
  const keys = pendingKeys.get(supabase) ?? new Map<string, PendingKey>();
  pendingKeys.set(supabase, keys);
  const pending = keys.get(nameOf(input));
  if (pending !== undefined && Date.now() - pending.since < KEPT_MS) return { ...input, idempotency_key: pending.key };
  keys.set(nameOf(input), { key: input.idempotency_key, since: Date.now() });
  return input;
}

/** It has its answer: the next one like it is another one. */
function forgetKey(supabase: NeighbourhoodSupabase, input: WithKey): void {
  const keys = pendingKeys.get(supabase);
  if (keys?.get(nameOf(input))?.key === input.idempotency_key) keys.delete(nameOf(input));
}

/** Whether an error tells for sure what became of what was sent. */
function isDecided(error: unknown): boolean {
  return error instanceof ApiError && !UNDECIDED.has(error.code);
}
