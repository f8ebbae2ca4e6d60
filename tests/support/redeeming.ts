import { randomUUID } from "node:crypto";
import type { RedeemAnswer } from "../../supabase/functions/_shared/contracts/redemptions.ts";
import { fingerprint } from "./catalogue.ts";
import type { Reward } from "./redemptions.ts";
import type { Answer, FunctionStack, RefusalBody } from "./use-function-stack.ts";
import type { Member } from "./use-stack.ts";

/** What a member holds after redeeming. */
export type Redeemed = RedeemAnswer & { code: string };

/** Redeems a reward over HTTP and expects a code, which is then a secret that no log may hold. */
export async function redeemed(
  stack: FunctionStack,
  member: Member,
  reward: Pick<Reward, "id" | "points_cost">,
): Promise<Redeemed> {
  const { status, json, text } = await stack.send<RedeemAnswer>("/functions/v1/redeem", {
    method: "POST",
    headers: { authorization: `Bearer ${member.token}` },
    body: { reward_id: reward.id, expected_points: reward.points_cost, idempotency_key: randomUUID() },
  });
  if (status !== 201 || json.code === null) throw new Error(`no code: ${status} ${text}`);
  stack.keepSecret(json.code);
  return { ...json, code: json.code };
}

/** Status and body without the id of the request: what two answers must share so that nobody can tell them apart. */
export function faceOf({ status, json }: Answer<RefusalBody>): { status: number; body: Partial<RefusalBody> } {
  const { request_id: _, ...body } = json;
  return { status, body };
}

/**
 * A fingerprint of everything that is stored, without the keys' own table: it says when a key was used last and how many
 * wrong codes were tried with it.
 */
export async function fingerprintWithoutKeys(sql: FunctionStack["sql"]): Promise<Record<string, string>> {
  const { "private.partner_api_keys": _, ...rest } = await fingerprint(sql);
  return rest;
}
