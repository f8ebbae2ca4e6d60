import { type RewardsInput, rewardRef, rewardsInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { eachItem, keysetCursor, keysetFilter, type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, send, sendMaybe } from "./request.ts";
import type { Partner, RewardWithPartner } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * One page of what points can buy, newest first, each with its partner and its stock. Retired rewards are not among them;
 * `valid_from` and `valid_until` tell when the others can be redeemed. Also readable without signing in.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`
 * @example
 * ```ts
 * const page = await client.rewards.listPage({ pageSize: 50 });
 * console.log(page.items.map((reward) => `${reward.title_en} at ${reward.partner.name}: ${reward.points_cost} points`));
 * ```
 */
export async function getRewardsPage(
  supabase: NeighbourhoodSupabase,
  input: RewardsInput = {},
  options: RequestOptions = {},
): Promise<Page<RewardWithPartner>> {
  const { partnerId, pageSize, after } = checked(rewardsInput, input);
  const rows = await send((signal) => {
    let query = supabase.from("rewards").select(
      `*,
        partner:partners!rewards_partner_id_fkey(id, name, logo_url),
        stock:reward_stocks!reward_stocks_reward_id_fkey(total, taken)`,
    );
    if (partnerId !== undefined) query = query.eq("partner_id", partnerId);
    if (after !== undefined) {
      const keyset = keysetFilter(after);
      query = query.lte("created_at", keyset.createdAt).or(keyset.after);
    }
    return query
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal)
      .overrideTypes<RewardWithPartner[], { merge: false }>();
  }, options);
  return toPage(rows, pageSize, keysetCursor);
}

/**
 * Everything points can buy, newest first, page after page. Also readable without signing in.
 *
 * @throws {@link ApiError} as {@link getRewardsPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const { title_en, stock } of client.rewards.list()) {
 *   console.log(title_en, stock === null ? "" : `${stock.total - stock.taken} left`);
 * }
 * ```
 */
export function iterateRewards(
  supabase: NeighbourhoodSupabase,
  input: RewardsInput = {},
  options: RequestOptions = {},
): AsyncGenerator<RewardWithPartner, void, undefined> {
  return eachItem((after) => getRewardsPage(supabase, { ...input, after }, options), input.after, options);
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
  const input = checked(rewardRef, { rewardId });
  const reward = await sendMaybe(
    (signal) =>
      supabase
        .from("rewards")
        .select(
          `*,
          partner:partners!rewards_partner_id_fkey(id, name, logo_url),
          stock:reward_stocks!reward_stocks_reward_id_fkey(total, taken)`,
        )
        .eq("id", input.rewardId)
        .abortSignal(signal)
        .maybeSingle()
        .overrideTypes<RewardWithPartner, { merge: false }>(),
    options,
  );
  if (reward === null) throw new ApiError({ code: "reward_not_found" });
  return reward;
}

/**
 * The partners who give discounts, by name. Also readable without signing in.
 *
 * @throws {@link ApiError} `network_error`, `service_unavailable`, `unexpected_response`
 * @example
 * ```ts
 * for (const partner of await client.rewards.partners()) console.log(partner.name, partner.website_url);
 * ```
 */
export async function listPartners(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<Partner[]> {
  return send((signal) => supabase.from("partners").select("*").order("name").order("id").abortSignal(signal), options);
}
