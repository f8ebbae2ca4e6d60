import { ApiError, type NeighbourhoodClient, type RedemptionWithCode, type Reward } from "@neighbourhood-help/client";

/** What was asked for and has no answer yet. */
interface Wish {
  readonly expected_points: number;
  readonly idempotency_key: string;
}

interface Redeemed {
  readonly member_id: string;
  readonly reward_id: string;
}

// It survives signing out, too: the same member, back again, still means the same wish.
const nameOf = ({ member_id, reward_id }: Redeemed): string => `redeem ${member_id} ${reward_id}`;

function keptWish(of: Redeemed): Wish | undefined {
  const text = localStorage.getItem(nameOf(of));
  return text === null ? undefined : (JSON.parse(text) as Wish);
}

/** Whether an earlier try to redeem this has had no answer: it may have spent the points, or not. */
export function isUnanswered(of: Redeemed): boolean {
  return keptWish(of) !== undefined;
}

/** Whether the backend has refused for sure, so that nothing was spent. Who must sign in again, or wait, does not know that. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)
  );
}

/**
 * Redeems a reward. Its idempotency key stays on the device until there is an answer, with the price it was for: after a lost
 * reply, a reload or a closed app, the next try is the same wish, and is answered with what became of it.
 */
export async function redeem(
  client: NeighbourhoodClient,
  member_id: string,
  reward: Pick<Reward, "id" | "points_cost">,
): Promise<RedemptionWithCode> {
  const of = { member_id, reward_id: reward.id };
  const wish = keptWish(of) ?? { expected_points: reward.points_cost, idempotency_key: crypto.randomUUID() };
  localStorage.setItem(nameOf(of), JSON.stringify(wish));
  try {
    const answer = await client.redemptions.redeem({ reward_id: reward.id, ...wish });
    localStorage.removeItem(nameOf(of));
    return answer;
  } catch (error) {
    if (isRefused(error)) localStorage.removeItem(nameOf(of));
    throw error;
  }
}
