/**
 * Field types that several rooms share. They refuse what the database would refuse, with the same slug, and never more:
 * where only the database can know (the clock, existing categories, your own folder), it has the last word.
 *
 * @module
 */
import { z } from "zod";
import type { ErrorSlug } from "./errors.ts";
import { hasControls, isMoment, isVisible, lengthOf, trimText } from "./text.ts";
import { DEFAULT_PAGE_SIZE, DEFAULT_RADIUS_M, MAX_PAGE_SIZE, MAX_RADIUS_M } from "./words-and-limits.ts";

/** Limits of a text field, in characters (code points, as PostgreSQL counts). */
export interface TextRules {
  readonly min: number;
  readonly max: number;
  /** Line breaks and tabs are welcome. */
  readonly isMultiline?: boolean;
}

const LINE_BREAK_OR_TAB = /[\t\n\r\u2028\u2029]/u;

function textProblem(value: string, rules: TextRules): ErrorSlug | undefined {
  const text = trimText(value);
  if (hasControls(text) || (!rules.isMultiline && LINE_BREAK_OR_TAB.test(text))) return "text_has_control_characters";
  if (!isVisible(text)) return "text_blank";
  // what shows nothing counts for nothing, but has to be kept
  if (lengthOf(text) < rules.min) return "text_too_short";
  if ([...text].length > rules.max) return "text_too_long";
  return undefined;
}

function textIssue(input: string, rules: TextRules, message: ErrorSlug): z.core.$ZodRawIssue {
  const limit = { text_too_short: rules.min, text_too_long: rules.max }[message as string];
  return { code: "custom", input, message, ...(limit === undefined ? {} : { params: { limit } }) };
}

/** A slug for a missing value, `validation_failed` for one of the wrong type. */
export function missingOr(slug: ErrorSlug): (issue: { readonly input?: unknown }) => ErrorSlug {
  return (issue) => (issue.input === undefined || issue.input === null ? slug : "validation_failed");
}

/** Text that must be there. */
export function requiredText(rules: TextRules): z.ZodString {
  return z.string({ error: missingOr("text_blank") }).check((context) => {
    const problem = textProblem(context.value, rules);
    if (problem) context.issues.push(textIssue(context.value, rules, problem));
  });
}

/** Text that may be left out; blank means absent, or cleared where something is changed. */
export function optionalText(rules: Omit<TextRules, "min">): z.ZodOptional<z.ZodString> {
  return z
    .string({ error: "validation_failed" })
    .check((context) => {
      const withMin = { ...rules, min: 1 };
      const problem = textProblem(context.value, withMin);
      if (problem && problem !== "text_blank") context.issues.push(textIssue(context.value, withMin, problem));
    })
    .optional();
}

/** A reference to a row; one that cannot exist is as good as not found. */
export function rowId(notFound: ErrorSlug): z.ZodGUID {
  return z.guid({ error: notFound });
}

/** A moment as ISO 8601 writes it, with an offset. */
export const moment: z.ZodString = z
  .string({ error: "validation_failed" })
  .refine(isMoment, "validation_failed")
  .meta({ format: "date-time" });

/** Latitude in WGS 84 degrees. */
export const latitude: z.ZodNumber = z
  .number({ error: "coordinates_invalid" })
  .min(-90, "coordinates_invalid")
  .max(90, "coordinates_invalid");

/** Longitude in WGS 84 degrees. */
export const longitude: z.ZodNumber = z
  .number({ error: "coordinates_invalid" })
  .min(-180, "coordinates_invalid")
  .max(180, "coordinates_invalid");

/** Rows of a page, lowered to {@link MAX_PAGE_SIZE} and raised to 1, as the database does. */
export const pageSize = z
  .int({ error: "validation_failed" })
  .default(DEFAULT_PAGE_SIZE)
  .transform((size) => Math.min(Math.max(size, 1), MAX_PAGE_SIZE));

/** How far to look, lowered to {@link MAX_RADIUS_M} and raised to 1, as the database does. */
export const radiusM = z
  .int({ error: "validation_failed" })
  .default(DEFAULT_RADIUS_M)
  .transform((radius) => Math.min(Math.max(radius, 1), MAX_RADIUS_M));

/** A filter: one of the words, or several of them. */
export function oneOrMore<const Words extends readonly [string, ...string[]]>(words: Words) {
  const word = z.enum(words);
  return z.union([word, z.array(word).min(1)], { error: "validation_failed" }).optional();
}

/** Where the next page of a list starts: the `next` of the page before. Opaque. */
export const after = z
  .string({ error: "cursor_invalid" })
  .min(1, "cursor_invalid")
  .max(500, "cursor_invalid")
  .optional();

const UUID_SOURCE = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const MOMENT_SOURCE = "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?(?:Z|[+-]\\d{2}:\\d{2})";
const KEYSET_CURSOR = new RegExp(`^${MOMENT_SOURCE}_${UUID_SOURCE}$`, "u");

/** As {@link after}, where the cursor becomes part of a filter: nothing but a moment and an id may pass. */
export const keysetAfter = after.refine(
  (cursor) => cursor === undefined || KEYSET_CURSOR.test(cursor),
  "cursor_invalid",
);

/** As {@link after}, where the cursor is the number of a row, which it becomes. */
export const numberAfter = after
  .refine((cursor) => cursor === undefined || /^[1-9][0-9]{0,15}$/u.test(cursor), "cursor_invalid")
  .transform((cursor) => (cursor === undefined ? undefined : Number(cursor)));

/** As {@link after}, where the cursor is the id of a row. */
export const idAfter = rowId("cursor_invalid").optional();
