/**
 * Fixed words, limits and field types of the partner API. What its routes take and answer stands with the routes.
 *
 * @module
 */
import { z } from "zod";
import type { ErrorSlug } from "./errors.ts";
import { rowId } from "./fields.ts";
import { DEFAULT_PAGE_SIZE, DISCOUNT_TYPES, MAX_PAGE_SIZE } from "./words-and-limits.ts";

/** Where a webhook message is: still to be delivered, delivered, or given up. */
export const WEBHOOK_MESSAGE_STATUSES = ["pending", "delivered", "dead"] as const;
/** See {@link WEBHOOK_MESSAGE_STATUSES}. */
export type WebhookMessageStatus = (typeof WEBHOOK_MESSAGE_STATUSES)[number];

/** What became of a line of an upload. A `reserved` code looks like one of those made here. */
export const CODE_LINE_OUTCOMES = ["accepted", "duplicate", "invalid", "reserved"] as const;
/** See {@link CODE_LINE_OUTCOMES}. */
export type CodeLineOutcome = (typeof CODE_LINE_OUTCOMES)[number];
/** Why a line of an upload is `invalid`. */
export const CODE_LINE_REASONS = [
  "too_short",
  "too_long",
  "characters",
  "columns",
  "column_name",
  "spreadsheet_number",
  "spreadsheet_formula",
] as const;
/** See {@link CODE_LINE_REASONS}. */
export type CodeLineReason = (typeof CODE_LINE_REASONS)[number];
/** What became of a code that was to be withdrawn. A code that is `given` is a member's. */
export const WITHDRAWAL_OUTCOMES = ["withdrawn", "given", "not_found"] as const;

/** Fewest characters of a reward's title. */
export const MIN_REWARD_TITLE_LENGTH = 2;
/** Most characters of a reward's title. */
export const MAX_REWARD_TITLE_LENGTH = 255;
/** Most characters of a reward's description. */
export const MAX_REWARD_DESCRIPTION_LENGTH = 2000;
/** Most characters of a reward's terms. */
export const MAX_REWARD_TERMS_LENGTH = 5000;
/** Largest stock of a reward. */
export const MAX_STOCK = 10_000_000;
/** Most codes of one upload. */
export const MAX_CODES = 10_000;
/** Most characters of an address that is called. */
export const MAX_URL_LENGTH = 2000;

export { moment } from "./fields.ts";

/** One of these words. */
export const word = <const Words extends readonly string[]>(words: Words, error: ErrorSlug = "validation_failed") =>
  z.enum(words, { error });

/** A whole number within limits. */
export const wholeNumber = (min: number, max: number, error: ErrorSlug = "reward_invalid") =>
  z.int({ error: "validation_failed" }).min(min, error).max(max, error);

/** An address that is called. */
export const url = z
  .string({ error: "webhook_url_invalid" })
  .min(1, "webhook_url_invalid")
  .max(MAX_URL_LENGTH, "webhook_url_invalid")
  .meta({ description: "A public https address." });

/** Items of a page. Everything in a query is text. */
export const pageSize = z
  .preprocess(
    (value) => (typeof value === "string" && /^[0-9]{1,9}$/u.test(value) ? Number(value) : value),
    wholeNumber(1, MAX_PAGE_SIZE, "validation_failed").default(DEFAULT_PAGE_SIZE),
  )
  .meta({ description: `Items of the page, 1 to ${MAX_PAGE_SIZE}.` });

/** What the documentation says of cursors. */
export const CURSOR = { description: "`next` of the page before." };
/** Where a page starts, in lists whose cursors are ids. */
export const afterId = rowId("cursor_invalid").optional().meta(CURSOR);
/** A number of the database. */
export const BIGINT: RegExp = /^[1-9][0-9]{0,15}$/;
/** Where a page starts, in lists whose cursors are numbers. */
export const afterNumber = z
  .string({ error: "cursor_invalid" })
  .regex(BIGINT, "cursor_invalid")
  .transform(Number)
  .optional()
  .meta(CURSOR);
/** Where the next page starts. */
export const next = z
  .string()
  .nullable()
  .meta({ description: "Send it as `after` to get the next page; null on the last." });

/** A secret that was made just now. */
export const secret = z.string().meta({ description: "Signing secret (Standard Webhooks). Shown this once." });

/** What a reward gives, in answers. */
export const discount = {
  discount_type: z.enum(DISCOUNT_TYPES),
  discount_value: z.number().nullable(),
  discount_currency: z.string().nullable(),
};
