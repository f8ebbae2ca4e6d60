import { type RewardsInput, rewardRef, rewardsInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { keysetCursor, newestFirst, type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, send, sendMaybe } from "./request.ts";
import type { RewardWithPartner } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

const COLUMNS = `*,
  partner:partners!rewards_partner_id_fkey(id, name, logo_url),
  stock:reward_stocks!reward_stocks_reward_id_fkey(total, taken)`;

/**
 * One page of what points can buy, newest first, each with its partner and its stock. Retired rewards are not among them;
 * `valid_from` and `valid_until` tell when the others can be redeemed. Also readable without signing in.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.rewards.listPage({ page_size: 50 });
 * console.log(page.items.map((reward) => `${reward.title_en} at ${reward.partner.name}: ${reward.points_cost} points`));
 * ```
 */
export async function getRewardsPage(
  supabase: NeighbourhoodSupabase,
  input: RewardsInput = {},
  options: RequestOptions = {},
): Promise<Page<RewardWithPartner>> {
  const { partner_id, max_points, page_size, after } = checked(rewardsInput, input);
  const rows = await send((signal) => {
    let query = supabase.from("rewards").select(COLUMNS);
    if (partner_id !== undefined) query = query.eq("partner_id", partner_id);
    if (max_points !== undefined) query = query.lte("points_cost", max_points);
    return newestFirst(query, page_size, after).abortSignal(signal);
  }, options);
  return toPage(rows, page_size, keysetCursor);
}

/**
 * A reward with its partner and its stock; `stock` is null where there is no limit. Also readable without signing in.
 *
 * @throws {@link ApiError} `reward_not_found`, also for one that is retired
 * @example
 * ```ts
 * const reward = await client.rewards.get(rewardId);
 * ```
 */
export async function getReward(
  supabase: NeighbourhoodSupabase,
  rewardId: string,
  options: RequestOptions = {},
): Promise<RewardWithPartner> {
  const { reward_id } = checked(rewardRef, { reward_id: rewardId });
  const reward = await sendMaybe(
    (signal) => supabase.from("rewards").select(COLUMNS).eq("id", reward_id).abortSignal(signal).maybeSingle(),
    options,
  );
  if (reward === null) throw new ApiError({ code: "reward_not_found" });
  return reward;
}
