import { readCode } from "../_shared/codes.ts";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import type { Handlers } from "./call.ts";

/** What the database says about a code. */
interface CodeAnswer {
  readonly outcome: "valid" | "used" | "already_used" | "expired" | "cancelled" | "not_found";
  readonly is_repeat?: boolean;
  readonly redemption: { readonly used_at: string | null; readonly till_reference: string | null } | null;
}

const REFUSALS: Partial<Record<CodeAnswer["outcome"], ErrorSlug>> = {
  used: "already_used",
  already_used: "already_used",
  expired: "code_expired",
  cancelled: "code_cancelled",
};

/** The till: is a code good, use it, give its points back. */
export const redemptionHandlers = {
  listRedemptions: ({ database, keyHash, query }) =>
    database.call("list_partner_redemptions", {
      api_key_hash: keyHash,
      status: query.status ?? null,
      reward_id: query.rewardId ?? null,
      since: query.since ?? null,
      until: query.until ?? null,
      page_size: query.pageSize,
      after: query.after ?? null,
    }),

  async verifyCode({ database, sealer, keyHash, body }) {
    const answer: CodeAnswer = await database.call("verify_code", {
      api_key_hash: keyHash,
      code_hash: await codeHash(sealer, body.code),
    });
    if (answer.outcome !== "valid") throw refusal(answer);
    return answer;
  },

  async useCode({ database, sealer, keyHash, body }) {
    const answer: CodeAnswer = await database.call("use_code", {
      api_key_hash: keyHash,
      code_hash: await codeHash(sealer, body.code),
      till_reference: body.tillReference,
    });
    if (answer.outcome !== "used") throw refusal(answer);
    return answer;
  },

  cancelRedemption: ({ database, keyHash, path, body }) =>
    database.call("cancel_redemption", {
      api_key_hash: keyHash,
      redemption_id: path.id,
      reason: body.reason ?? null,
    }),
} satisfies Partial<Handlers>;

/** What cannot be a code is not asked for: it would only count against the key. */
async function codeHash(sealer: Sealer, text: string): Promise<string> {
  const code = readCode(text);
  if (code.kind === "mistyped") throw new Problem("code_mistyped");
  if (code.kind === "invalid") throw new Problem("code_not_found");
  return sealer.codeHash(code.canonical);
}

function refusal({ outcome, redemption }: CodeAnswer): Problem {
  const slug = REFUSALS[outcome] ?? "code_not_found";
  if (slug !== "already_used" || redemption === null) return new Problem(slug);
  return new Problem(slug, {
    detail: { usedAt: redemption.used_at, tillReference: redemption.till_reference },
  });
}
