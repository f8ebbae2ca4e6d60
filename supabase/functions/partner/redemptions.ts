import { z } from "zod";
import { generateCode, printCode, readCode } from "../_shared/codes.ts";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { missingOr, optionalText, rowId } from "../_shared/contracts/fields.ts";
import { afterId, discount, moment, next, pageSize, wholeNumber, word } from "../_shared/contracts/partners.ts";
import { MAX_MESSAGE_LENGTH, REDEMPTION_STATUSES } from "../_shared/contracts/words-and-limits.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type Route, route } from "./route.ts";

const MINUTES_OF_A_DAY = 1440;
const TILL_REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;

/** A redemption as the partner sees it: never whose it is. */
export const redemption = z
  .object({
    id: z.guid(),
    reward_id: z.guid(),
    title_de: z.string(),
    title_en: z.string(),
    points_spent: z.int(),
    ...discount,
    status: z.enum(REDEMPTION_STATUSES),
    end_reason: z.string().nullable(),
    redeemed_at: moment,
    expires_at: moment.nullable(),
    used_at: moment.nullable(),
    till_reference: z.string().nullable(),
    ended_at: moment.nullable(),
    is_test: z.boolean().meta({ description: "Of a test code, which no member has: give nothing, settle nothing." }),
  })
  .meta({ id: "Redemption" });

const code = z
  .string({ error: "validation_failed" })
  .meta({ description: "As typed or scanned: case, spaces, dashes and what copying and scanners add do not matter." });

/** A redemption, for examples. */
export const redemptionExample = {
  id: "9b0c1d2e-0000-4000-8000-000000000003",
  reward_id: "9b0c1d2e-0000-4000-8000-000000000002",
  title_de: "Ein Brot nach Wahl",
  title_en: "One loaf of your choice",
  points_spent: 120,
  discount_type: "fixed_amount",
  discount_value: 4.5,
  discount_currency: "EUR",
  status: "active",
  end_reason: null,
  redeemed_at: "2026-11-20T17:03:11.482193+00:00",
  expires_at: "2027-02-18T17:03:11.482193+00:00",
  used_at: null,
  till_reference: null,
  ended_at: null,
  is_test: false,
};
const MOMENT = "2026-11-21T09:12:40.071554+00:00";
const used = { ...redemptionExample, status: "used", used_at: MOMENT, till_reference: "till-3/000471" };
const codeExample = { code: "NH4K-7QWE-RT2Z-XC8V-BM3P" };

const CODE_ERRORS: ErrorSlug[] = [
  "code_not_found",
  "code_mistyped",
  "code_expired",
  "code_cancelled",
  "already_used",
  "too_many_wrong_codes",
];

/** The till: is a code good, use it, give its points back. */
export const redemptionRoutes = {
  listRedemptions: route({
    method: "get",
    path: "/v1/redemptions",
    group: "Redemptions",
    summary: "What members redeemed at your shop",
    scope: "redemptions:read",
    query: z.strictObject({
      status: word(REDEMPTION_STATUSES).optional(),
      reward_id: rowId("reward_not_found").optional(),
      since: moment.optional().meta({ description: "Redeemed at this moment or later." }),
      until: moment.optional().meta({ description: "Redeemed before this moment." }),
      page_size: pageSize,
      after: afterId,
    }),
    answer: {
      status: 200,
      description: "A page of redemptions.",
      schema: z.object({ items: z.array(redemption), next }).meta({ id: "RedemptionPage" }),
      example: { items: [used], next: used.id },
    },
    errors: ["cursor_invalid", "reward_not_found"],
    work: ({ ask, query }) =>
      ask("list_partner_redemptions", {
        status: query.status ?? null,
        reward_id: query.reward_id ?? null,
        since: query.since ?? null,
        until: query.until ?? null,
        page_size: query.page_size,
        after: query.after ?? null,
      }),
  }),
  verifyCode: route({
    method: "post",
    path: "/v1/redemptions/verify",
    group: "Redemptions",
    summary: "Is this code good?",
    description:
      "Changes nothing. `code_mistyped` is a typing error and worth another look; `code_not_found` is everything that is " +
      "no code of yours. Wrong codes are counted for each key: after too many of them the key has to wait.",
    scope: "redemptions:use",
    body: z.strictObject({ code }).meta({ id: "Code" }),
    bodyExample: codeExample,
    answer: {
      status: 200,
      description: "It can be used.",
      schema: z.object({ outcome: z.literal("valid"), redemption }).meta({ id: "ValidCode" }),
      example: { outcome: "valid", redemption: redemptionExample },
    },
    errors: CODE_ERRORS,
    async work({ ask, sealer, body }) {
      const answer: CodeAnswer = await ask("verify_code", { code_hash: await codeHash(sealer, body.code) });
      if (answer.outcome !== "valid") throw refusal(answer);
      return answer;
    },
  }),
  useCode: route({
    method: "post",
    path: "/v1/redemptions/use",
    group: "Redemptions",
    summary: "Use a code, once",
    description:
      "Repeat it with the same till reference when you got no answer: it is the same use, and `is_repeat` says so. With " +
      "another till reference the answer is `already_used`, and its detail tells when and where.",
    scope: "redemptions:use",
    body: z
      .strictObject({
        code,
        till_reference: z
          .string({ error: missingOr("till_reference_invalid") })
          .regex(TILL_REFERENCE, "till_reference_invalid")
          .meta({ description: "Names the sale at your till. The same code with the same reference is the same use." }),
      })
      .meta({ id: "CodeUse" }),
    bodyExample: { ...codeExample, till_reference: used.till_reference },
    answer: {
      status: 200,
      description: "It was used with this till reference.",
      schema: z
        .object({
          redemption,
          is_repeat: z.boolean().meta({ description: "This code had been used with this till reference before." }),
        })
        .meta({ id: "UsedCode" }),
      example: { redemption: used, is_repeat: false },
    },
    errors: [...CODE_ERRORS, "till_reference_invalid"],
    async work({ ask, sealer, body }) {
      const answer: CodeAnswer = await ask("use_code", {
        code_hash: await codeHash(sealer, body.code),
        till_reference: body.till_reference,
      });
      if (answer.outcome !== "used") throw refusal(answer);
      return answer;
    },
  }),
  createTestCode: route({
    method: "post",
    path: "/v1/test-codes",
    group: "Redemptions",
    summary: "Make a code to try with",
    description:
      "For sandbox keys. It looks and works as a member's code, but with sandbox keys alone; other keys answer " +
      "`code_not_found`. No points, stock, limit or settlement is touched. Events about it, marked `is_test`, go to webhook " +
      "endpoints that a sandbox key made. At most 100 in 24 hours; a week after its end it is forgotten.",
    scope: "redemptions:use",
    body: z
      .strictObject({
        reward_id: rowId("reward_not_found").meta({ description: "A reward of yours, also a retired one." }),
        valid_minutes: wholeNumber(1, MINUTES_OF_A_DAY, "validation_failed")
          .default(MINUTES_OF_A_DAY)
          .meta({ description: `How long it can be used, 1 to ${MINUTES_OF_A_DAY}.` }),
      })
      .meta({ id: "TestCodeWish" }),
    bodyExample: { reward_id: redemptionExample.reward_id },
    answer: {
      status: 201,
      description: "The code, this one time, and the redemption that it is of.",
      schema: z.object({ code: z.string(), redemption }).meta({ id: "TestCode" }),
      example: { ...codeExample, redemption: { ...redemptionExample, is_test: true } },
    },
    errors: ["sandbox_key_required", "reward_not_found", "test_code_limit"],
    async work({ ask, sealer, body }) {
      const code = generateCode();
      const redemption = await ask("create_test_code", { ...body, code_hash: await sealer.codeHash(code) });
      return { code: printCode(code), redemption };
    },
  }),
  cancelRedemption: route({
    method: "post",
    path: "/v1/redemptions/{id}/cancel",
    group: "Redemptions",
    summary: "Give the points back",
    description: "For a code that was not used. The member gets all points back and the code is void.",
    scope: "redemptions:cancel",
    params: z.strictObject({ id: rowId("redemption_not_found") }),
    body: z
      .strictObject({
        reason: optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true }).meta({ maxLength: MAX_MESSAGE_LENGTH }),
      })
      .meta({ id: "Cancellation" }),
    bodyExample: { reason: "Sold out in the shop" },
    isBodyOptional: true,
    answer: {
      status: 200,
      description: "The cancelled redemption.",
      schema: redemption,
      example: { ...redemptionExample, status: "cancelled", end_reason: "partner_cancelled", ended_at: MOMENT },
    },
    errors: ["redemption_not_found", "redemption_not_cancellable", "text_too_long", "text_has_control_characters"],
    work: ({ ask, params, body }) =>
      ask("cancel_redemption", { redemption_id: params.id, reason: body.reason ?? null }),
  }),
} satisfies Record<string, Route>;

/** What the database says about a code. */
interface CodeAnswer {
  readonly outcome: "valid" | "used" | "already_used" | "expired" | "cancelled" | "not_found";
  readonly redemption: { readonly used_at: string | null; readonly till_reference: string | null } | null;
}

const REFUSALS: Partial<Record<CodeAnswer["outcome"], ErrorSlug>> = {
  used: "already_used",
  already_used: "already_used",
  expired: "code_expired",
  cancelled: "code_cancelled",
};

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
  const { used_at, till_reference } = redemption;
  return new Problem(slug, { detail: { used_at, till_reference } });
}
