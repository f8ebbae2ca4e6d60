import {
  type RedeemInput,
  type RedemptionsInput,
  redeemAnswer,
  redeemInput,
  redemptionRef,
  redemptionsInput,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { withKey } from "./idempotency-keys.ts";
import { type Page, toPage } from "./paging.ts";
import { callIdempotent, checked, pause, type RequestOptions, randomId, send } from "./request.ts";
import type { Redemption, RedemptionWithCode } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/** What to redeem. Without an idempotency key the client makes one. */
export type RedeemRewardInput = Omit<RedeemInput, "idempotency_key"> & {
  /** A UUID; see {@link redeemReward}. */
  readonly idempotency_key?: string | undefined;
};

/** Last argument of {@link waitForCode}. */
export interface WaitOptions extends RequestOptions {
  /** How long to wait at most, in milliseconds; two minutes when left out. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 16_000;

// the columns that function redeem shows as well
const COLUMNS = `id, reward_id, partner_id, partner_name, title_de, title_en, points_spent, discount_type,
  discount_value, discount_currency, status, end_reason, redeemed_at, expires_at, returnable_until, used_at, ended_at`;

/**
 * Spends points on a reward and returns the code for the till, also as a QR picture (SVG text).
 *
 * While the partner has not given a code, the status is `pending` and `code` is null: {@link waitForCode} waits for it. When
 * the partner gives none in the end, the status is `failed` and the points are back.
 *
 * Points are spent once, however often the call is repeated: by itself when the connection fails, by a double tap, or by
 * somebody who tries again within ten minutes after an error that left the outcome open. All of them carry the same
 * idempotency key. Pass a key of your own, and keep it until there is an answer, where this has to outlive the app.
 *
 * @throws {@link ApiError} `price_changed` (detail: what it costs now), `insufficient_points`, `reward_not_found`,
 * `reward_inactive`, `reward_not_started`, `reward_ended`, `reward_sold_out`, `reward_limit_reached`, `email_not_verified`,
 * `user_banned`, `user_inactive`, `idempotency_key_reused`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const { redemption, code, qr } = await client.redemptions.redeem({
 *   reward_id: reward.id,
 *   expected_points: reward.points_cost,
 * });
 * ```
 */
export async function redeemReward(
  supabase: NeighbourhoodSupabase,
  input: RedeemRewardInput,
  options: RequestOptions = {},
): Promise<RedemptionWithCode> {
  const sent = checked(redeemInput, { ...input, idempotency_key: input.idempotency_key ?? randomId() });
  return withKey(supabase, { input: sent, isOwnKey: input.idempotency_key !== undefined }, (body) =>
    callIdempotent(supabase, redeemAnswer, { path: "redeem", method: "POST", body }, options),
  );
}

/**
 * A redemption of the member who is signed in, with its code and the QR picture of it.
 *
 * @throws {@link ApiError} `redemption_not_found`, `not_signed_in`
 * @example
 * ```ts
 * const { redemption, code, qr } = await client.redemptions.get(redemptionId);
 * ```
 */
export async function getRedemption(
  supabase: NeighbourhoodSupabase,
  redemptionId: string,
  options: RequestOptions = {},
): Promise<RedemptionWithCode> {
  const { redemption_id } = checked(redemptionRef, { redemption_id: redemptionId });
  return callIdempotent(supabase, redeemAnswer, { path: `redeem/${redemption_id}`, method: "GET" }, options);
}

/**
 * Gives an unused code back; the points return. Possible until `returnable_until`. Giving it back again gives the same answer.
 *
 * @throws {@link ApiError} `redemption_not_found`, `redemption_pending`, `redemption_not_returnable`, `return_limit_reached`,
 * `not_signed_in`
 * @example
 * ```ts
 * const { status } = await client.redemptions.return(redemptionId); // "cancelled"
 * ```
 */
export async function returnRedemption(
  supabase: NeighbourhoodSupabase,
  redemptionId: string,
  options: RequestOptions = {},
): Promise<Redemption> {
  const { redemption_id } = checked(redemptionRef, { redemption_id: redemptionId });
  const call = { path: `redeem/${redemption_id}/return`, method: "POST" } as const;
  const { redemption } = await callIdempotent(supabase, redeemAnswer, call, options);
  return redemption;
}

/**
 * Waits until a pending redemption is decided, and returns it: with its code, or `failed` and the points are back. Looks at
 * once, then after 1, 2, 4, 8 and every 16 seconds.
 *
 * @throws {@link ApiError} `redemption_pending` when the time is over (the redemption goes on), and as {@link getRedemption}
 * @example
 * ```ts
 * let answer = await client.redemptions.redeem({ reward_id, expected_points });
 * if (answer.redemption.status === "pending") {
 *   answer = await client.redemptions.waitForCode(answer.redemption.id, { signal: page.signal });
 * }
 * ```
 */
export async function waitForCode(
  supabase: NeighbourhoodSupabase,
  redemptionId: string,
  options: WaitOptions = {},
): Promise<RedemptionWithCode> {
  const end = Date.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    let problem: ApiError;
    try {
      const answer = await getRedemption(supabase, redemptionId, options);
      if (answer.redemption.status !== "pending") return answer;
      problem = new ApiError({ code: "redemption_pending" });
    } catch (error) {
      // a phone in a tunnel goes on waiting
      if (!(error instanceof ApiError && error.isRetryable)) throw error;
      problem = error;
    }
    const left = end - Date.now();
    // written this way round, it also ends when the time is not a number
    if (!(left > 0)) throw problem;
    await pause(Math.min(wait, left), options.signal);
  }
}

/**
 * One page of the redemptions of the member who is signed in, newest first, without their codes.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.redemptions.listPage({ status: ["pending", "active"] });
 * ```
 */
export async function getRedemptionsPage(
  supabase: NeighbourhoodSupabase,
  input: RedemptionsInput = {},
  options: RequestOptions = {},
): Promise<Page<Redemption>> {
  const { status, page_size, after } = checked(redemptionsInput, input);
  const rows = await send((signal) => {
    let query = supabase.from("redemptions").select(COLUMNS);
    if (status !== undefined) query = query.in("status", [status].flat());
    // ids are in order of time
    if (after !== undefined) query = query.lt("id", after);
    return query.order("id", { ascending: false }).limit(page_size).abortSignal(signal);
  }, options);
  return toPage(rows, page_size, ({ id }) => id);
}
