import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Database } from "../../src/client/database.types.ts";
import type { RedeemAnswer } from "../../supabase/functions/_shared/contracts/redemptions.ts";
import { type Sql, signUpBySql } from "./admin.ts";
import type { CommandArgs } from "./api-connection.ts";
import type { FunctionStack } from "./use-function-stack.ts";
import type { Member } from "./use-stack.ts";

/** A row of public.redemptions. */
export type Redemption = Database["public"]["Tables"]["redemptions"]["Row"];

/** A partner with an API key that may do everything. */
export interface Partner {
  id: string;
  key: string;
  /** What the database knows the key by. */
  keyHash: string;
}

/** A reward on offer. */
export interface Reward {
  id: string;
  points_cost: number;
  code_source: string;
}

/** What `begin_redemption` returns. */
export interface Begun {
  redemption: Redemption;
  code_ciphertext: string | null;
  request: object | null;
}

/** Price of a reward where a test does not say otherwise. */
export const PRICE = 10;

/** A new partner. */
export async function openPartner(sql: Sql): Promise<Partner> {
  const [partner] = await sql<{ id: string; key: string }>(
    `with p as (insert into public.partners (name) values ($1) returning id)
     select id from p`,
    [`Partner ${randomUUID()}`],
  );
  if (!partner) throw new Error("there is no partner");
  const [made] = await sql<{ key: string }>(
    "select key from ops.create_partner_key($1, 'Till', private.partner_scopes())",
    [partner.id],
  );
  if (!made) throw new Error("there is no key");
  return { id: partner.id, key: made.key, keyHash: hashOf(made.key) };
}

/** What the database knows a new sandbox key of the partner by. */
export async function sandboxKey(sql: Sql, partner: Partner): Promise<{ key: string; keyHash: string }> {
  const [made] = await sql<{ key: string }>(
    "select key from ops.create_partner_key($1, 'For trying', private.sandbox_scopes(), is_sandbox => true)",
    [partner.id],
  );
  if (!made) throw new Error("there is no key");
  return { key: made.key, keyHash: hashOf(made.key) };
}

/** A new reward, described by the columns that matter to the test. */
export async function offerReward(sql: Sql, partner: Partner, columns: object = {}): Promise<Reward> {
  const [made] = await sql<{ reward: Reward }>("select public.create_reward($1, $2::text::jsonb) as reward", [
    partner.keyHash,
    JSON.stringify({
      title_de: "Ein Brot",
      title_en: "A loaf",
      points_cost: PRICE,
      discount_type: "free_item",
      ...columns,
    }),
  ]);
  if (!made) throw new Error("there is no reward");
  return made.reward;
}

/** A code as edge functions hand it to the database: its hash, and something sealed. */
export function someCode(): { code_hash: string; code_ciphertext: string } {
  return { code_hash: hashOf(randomUUID()), code_ciphertext: `k.${randomUUID()}` };
}

/** What the database knows a key by, and what stands for the hash of a code. */
export function hashOf(text: string): string {
  return `\\x${createHash("sha256").update(text).digest("hex")}`;
}

/** So many codes for `add_codes`. */
export function poolCodes(count: number): { line: number; hash: string; ciphertext: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    line: index + 1,
    hash: `\\x${randomBytes(32).toString("hex")}`,
    ciphertext: `pool.${randomUUID()}`,
  }));
}

/** Puts codes into the pool of a reward. */
export async function fillPool(
  sql: Sql,
  partner: Partner,
  reward: Reward,
  codes: ReturnType<typeof poolCodes>,
): Promise<void> {
  await sql("select public.add_codes($1, $2, $3::text::jsonb)", [partner.keyHash, reward.id, JSON.stringify(codes)]);
}

/** Lets the partner be asked for codes at an address. */
export async function connectPartner(sql: Sql, partner: Partner, url: string, sealedSecret: string): Promise<void> {
  await sql("select public.connect_partner($1, $2, $3)", [partner.keyHash, url, sealedSecret]);
}

/** New members with so many points each. */
export async function membersWithPoints(sql: Sql, count: number, points: number): Promise<string[]> {
  const ids = await signUpBySql(sql, count);
  await sql("select ops.adjust_points(id, $2, 'Seed') from unnest($1::uuid[]) id", [ids, points]);
  return ids;
}

/** Arguments of `begin_redemption`; another key is another redemption. */
export function redeemArgs(
  memberId: string,
  reward: Reward,
  key: string = randomUUID(),
): CommandArgs<"begin_redemption"> {
  return {
    member_id: memberId,
    reward_id: reward.id,
    expected_points: reward.points_cost,
    idempotency_key: key,
    ...someCode(),
  };
}

/** What a redemption has come to, and what moved for it in the ledger. */
export interface RedemptionState {
  status: string;
  end_reason: string | null;
  till_reference: string | null;
  /** In booking order, as `type amount`. */
  bookings: string[];
  codes: number;
}

/** State of a redemption. */
export async function stateOf(sql: Sql, redemptionId: string): Promise<RedemptionState> {
  const [state] = await sql<RedemptionState>(
    `select r.status, r.end_reason, r.till_reference,
       (select coalesce(array_agg(p.type || ' ' || p.amount order by p.id), '{}')
        from public.point_transactions p where p.redemption_id = r.id) as bookings,
       (select count(*)::int from private.reward_codes c where c.redemption_id = r.id) as codes
     from public.redemptions r where r.id = $1`,
    [redemptionId],
  );
  if (!state) throw new Error(`there is no redemption ${redemptionId}`);
  return state;
}

/** Number of a reward's redemptions per status. */
export async function countRedemptions(sql: Sql, reward: Reward): Promise<Record<string, number>> {
  const rows = await sql<{ status: string; count: number }>(
    "select status, count(*)::int as count from public.redemptions where reward_id = $1 group by status",
    [reward.id],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** What a member holds after redeeming. */
export type Redeemed = RedeemAnswer & { code: string };

/** Redeems a reward over HTTP and expects a code, which is then a secret that no log may hold. */
export async function redeemed(
  stack: Pick<FunctionStack, "send"> & Partial<Pick<FunctionStack, "keepSecret">>,
  member: Member,
  reward: Pick<Reward, "id" | "points_cost">,
): Promise<Redeemed> {
  const { status, json, text } = await stack.send<RedeemAnswer>("/functions/v1/redeem", {
    method: "POST",
    headers: { authorization: `Bearer ${member.token}` },
    body: { reward_id: reward.id, expected_points: reward.points_cost, idempotency_key: randomUUID() },
  });
  if (status !== 201 || json.code === null) throw new Error(`no code: ${status} ${text}`);
  stack.keepSecret?.(json.code);
  return { ...json, code: json.code };
}
