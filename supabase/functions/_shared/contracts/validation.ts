/**
 * Turns what zod found into the slug and the field name the database would have answered with.
 *
 * @module
 */
import type { z } from "zod";
import { type ErrorSlug, isErrorSlug } from "./errors.ts";

/** The first thing wrong with an input. */
export interface InputProblem {
  readonly code: ErrorSlug;
  /** Name of the field as the database spells it, for example `points_reward`; null for the input as a whole. */
  readonly detail: string | null;
  /** How many characters the field may or must have, where that is the problem. */
  readonly limit?: number;
}

/** Either the checked input or what is wrong with it. */
export type InputResult<Output> =
  | { readonly success: true; readonly data: Output }
  | { readonly success: false; readonly problem: InputProblem };

/** The slug and the field of the first thing that a schema found. */
export function problemOf({ issues: [issue] }: z.core.$ZodError): InputProblem {
  if (issue === undefined) return { code: "validation_failed", detail: null };
  const field = issue.code === "unrecognized_keys" ? issue.keys[0] : issue.path[0];
  const limit: unknown = issue.code === "custom" ? issue.params?.["limit"] : undefined;
  return {
    code: isErrorSlug(issue.message) ? issue.message : "validation_failed",
    detail: field === undefined ? null : String(field),
    ...(typeof limit === "number" ? { limit } : {}),
  };
}

/**
 * Checks an input against a contract.
 *
 * @example
 * ```ts
 * const result = checkInput(createTaskInput, { title: " " });
 * // { success: false, problem: { code: "text_blank", detail: "title" } }
 * ```
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): InputResult<z.output<Schema>> {
  const result = schema.safeParse(input);
  if (result.success) return { success: true, data: result.data };
  return { success: false, problem: problemOf(result.error) };
}
