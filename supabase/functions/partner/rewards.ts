import { z } from "zod";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { optionalText, requiredText, rowId } from "../_shared/contracts/fields.ts";
import {
  afterId,
  discount,
  MAX_REWARD_DESCRIPTION_LENGTH,
  MAX_REWARD_TERMS_LENGTH,
  MAX_REWARD_TITLE_LENGTH,
  MAX_STOCK,
  MIN_REWARD_TITLE_LENGTH,
  moment,
  next,
  pageSize,
  wholeNumber,
  word,
} from "../_shared/contracts/partners.ts";
import {
  CODE_SOURCES,
  DISCOUNT_TYPES,
  LIMIT_PERIODS,
  MAX_POINTS_COST,
  MIN_POINTS_COST,
} from "../_shared/contracts/words-and-limits.ts";
import { type Route, route } from "./route.ts";

const title = requiredText({ min: MIN_REWARD_TITLE_LENGTH, max: MAX_REWARD_TITLE_LENGTH }).meta({
  minLength: MIN_REWARD_TITLE_LENGTH,
  maxLength: MAX_REWARD_TITLE_LENGTH,
});
const optionalRewardText = (max: number) =>
  optionalText({ max, isMultiline: true }).nullable().meta({ maxLength: max });

/** What a partner may say about a reward, at any time. */
const rewardFields = {
  title_de: title,
  title_en: title,
  description_de: optionalRewardText(MAX_REWARD_DESCRIPTION_LENGTH),
  description_en: optionalRewardText(MAX_REWARD_DESCRIPTION_LENGTH),
  points_cost: wholeNumber(MIN_POINTS_COST, MAX_POINTS_COST).meta({ description: "What a member pays." }),
  discount_type: word(DISCOUNT_TYPES),
  discount_value: z
    .number({ error: "validation_failed" })
    .nullish()
    .meta({ description: "Per cent, or amount of money with two decimals; none where something is free." }),
  discount_currency: z
    .string({ error: "validation_failed" })
    .regex(/^[A-Z]{3}$/, "reward_invalid")
    .nullish()
    .meta({ description: "ISO 4217 code of an amount of money." }),
  terms_de: optionalRewardText(MAX_REWARD_TERMS_LENGTH),
  terms_en: optionalRewardText(MAX_REWARD_TERMS_LENGTH),
  valid_from: moment.optional().meta({ description: "From when it can be redeemed. Default: now." }),
  valid_until: moment.nullish().meta({ description: "Until when it can be redeemed. Default: without end." }),
  limit_per_member: wholeNumber(1, 1000).nullish().meta({ description: "How often a member may redeem it." }),
  limit_period: word(LIMIT_PERIODS)
    .nullish()
    .meta({ description: "Over which time the limit counts. Default: for ever." }),
  code_valid_days: wholeNumber(1, 730).optional().meta({ description: "How long a code can be used. Default: 90." }),
  return_days: wholeNumber(0, 365)
    .optional()
    .meta({ description: "How long a member can give an unused code back. Default: 0, not at all." }),
  expiry_refund_percent: wholeNumber(0, 100)
    .optional()
    .meta({ description: "Share of the points that comes back when a code expires unused. Default: 0." }),
  is_active: z.boolean({ error: "validation_failed" }).optional().meta({ description: "Default: true." }),
};
const stockTotal = wholeNumber(1, MAX_STOCK, "stock_not_editable");

const newReward = z
  .strictObject({
    ...rewardFields,
    code_source: word(CODE_SOURCES)
      .optional()
      .meta({ description: "Where the codes come from; never changes. Default: generated." }),
    stock_total: stockTotal
      .nullish()
      .meta({ description: "How many may be given out. Default: unlimited. The stock of a pool is its codes." }),
  })
  .meta({ id: "NewReward" });

const rewardChanges = z
  .strictObject({ ...rewardFields, stock_total: stockTotal })
  .partial()
  .meta({ id: "RewardChanges" });

const reward = z
  .object({
    id: z.guid(),
    partner_id: z.guid(),
    title_de: z.string(),
    title_en: z.string(),
    description_de: z.string().nullable(),
    description_en: z.string().nullable(),
    points_cost: z.int(),
    ...discount,
    terms_de: z.string().nullable(),
    terms_en: z.string().nullable(),
    valid_from: moment,
    valid_until: moment.nullable(),
    limit_per_member: z.int().nullable(),
    limit_period: z.enum(LIMIT_PERIODS).nullable(),
    code_source: z.enum(CODE_SOURCES),
    code_valid_days: z.int(),
    return_days: z.int(),
    expiry_refund_percent: z.int(),
    is_active: z.boolean(),
    stock_total: z.int().nullable().meta({ description: "Null: unlimited." }),
    stock_taken: z.int().nullable().meta({ description: "How many have been given out and not come back." }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Reward" });

/** Path of a reward. */
export const rewardPath = z.strictObject({ id: rowId("reward_not_found") });

const newExample = {
  title_de: "Ein Brot nach Wahl",
  title_en: "One loaf of your choice",
  points_cost: 120,
  discount_type: "fixed_amount",
  discount_value: 4.5,
  discount_currency: "EUR",
  stock_total: 200,
} as const;
const example = {
  ...newExample,
  id: "9b0c1d2e-0000-4000-8000-000000000002",
  partner_id: "9b0c1d2e-0000-4000-8000-000000000001",
  description_de: null,
  description_en: null,
  terms_de: null,
  terms_en: null,
  valid_from: "2026-11-01T00:00:00+00:00",
  valid_until: null,
  limit_per_member: null,
  limit_period: null,
  code_source: "generated",
  code_valid_days: 90,
  return_days: 0,
  expiry_refund_percent: 0,
  is_active: true,
  stock_taken: 17,
  created_at: "2026-11-01T00:00:00+00:00",
  updated_at: "2026-11-01T00:00:00+00:00",
} as const;

const REWARD_ERRORS: ErrorSlug[] = [
  "reward_invalid",
  "text_blank",
  "text_too_short",
  "text_too_long",
  "text_has_control_characters",
  "stock_not_editable",
];

/** What a partner offers. */
export const rewardRoutes = {
  listRewards: route({
    method: "get",
    path: "/v1/rewards",
    group: "Rewards",
    summary: "Your rewards, retired ones included",
    scope: "rewards:read",
    query: z.strictObject({ page_size: pageSize, after: afterId }),
    answer: {
      status: 200,
      description: "A page of rewards.",
      schema: z.object({ items: z.array(reward), next }).meta({ id: "RewardPage" }),
      example: { items: [example], next: null },
    },
    errors: ["cursor_invalid"],
    work: ({ ask, query }) => ask("list_partner_rewards", { page_size: query.page_size, after: query.after ?? null }),
  }),
  createReward: route({
    method: "post",
    path: "/v1/rewards",
    group: "Rewards",
    summary: "Offer a reward",
    description: "Members see it at once, unless `valid_from` says later or `is_active` is false.",
    scope: "rewards:write",
    body: newReward,
    bodyExample: newExample,
    answer: { status: 201, description: "The new reward.", schema: reward, example },
    errors: REWARD_ERRORS,
    work: ({ ask, body }) => ask("create_reward", { reward: body }),
  }),
  changeReward: route({
    method: "patch",
    path: "/v1/rewards/{id}",
    group: "Rewards",
    summary: "Change a reward",
    description: "What is left out stays. What members already redeemed keeps its conditions.",
    scope: "rewards:write",
    params: rewardPath,
    body: rewardChanges,
    bodyExample: { points_cost: 100, stock_total: 300 },
    answer: { status: 200, description: "The reward.", schema: reward, example },
    errors: [...REWARD_ERRORS, "reward_not_found", "stock_too_low"],
    work: ({ ask, params, body }) => ask("change_reward", { reward_id: params.id, changes: body }),
  }),
  retireReward: route({
    method: "delete",
    path: "/v1/rewards/{id}",
    group: "Rewards",
    summary: "Retire a reward",
    description: "Nobody can redeem it any more; codes already given stay good. Offer it again with `is_active: true`.",
    scope: "rewards:write",
    params: rewardPath,
    answer: {
      status: 200,
      description: "The retired reward.",
      schema: reward,
      example: { ...example, is_active: false },
    },
    errors: ["reward_not_found"],
    work: ({ ask, params }) => ask("retire_reward", { reward_id: params.id }),
  }),
} satisfies Record<string, Route>;
