/**
 * The only list of errors in the product: every slug the database, the functions and the client can answer with, its HTTP
 * status and what to tell the person using the app. A test holds it against `supabase/migrations/*.sql`, both ways.
 *
 * @module
 */
import { MEMBER_ERRORS } from "./errors/members.ts";
import { CLIENT_ERRORS, FUNCTION_ERRORS } from "./errors/outside.ts";
import { PARTNER_ERRORS } from "./errors/partners.ts";

/** What is known about one error. */
export interface ErrorEntry {
  /** HTTP status of the answer; 0 for errors that happen before or without one. */
  readonly status: number;
  /** For the person using the app, in English. */
  readonly en: string;
  /** For the person using the app, in German. */
  readonly de: string;
}

/** Languages the texts come in. */
export type Locale = "de" | "en";

const ERROR_ENTRIES = {
  ...MEMBER_ERRORS,
  ...PARTNER_ERRORS,
  ...FUNCTION_ERRORS,
  ...CLIENT_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

/** Name of an error. Stable: the texts may change, the slugs do not. */
export type ErrorSlug = keyof typeof ERROR_ENTRIES;

/**
 * Every error: slug → HTTP status and texts.
 *
 * @example
 * ```ts
 * ERRORS.task_not_open.status; // 409
 * ```
 */
export const ERRORS: { readonly [Slug in ErrorSlug]: (typeof ERROR_ENTRIES)[Slug] } = ERROR_ENTRIES;

/**
 * Whether a value is one of the known slugs.
 *
 * @example
 * ```ts
 * isErrorSlug(response.message); // true for "task_not_open"
 * ```
 */
export function isErrorSlug(value: unknown): value is ErrorSlug {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}

/**
 * The text to show for an error.
 *
 * @example
 * ```ts
 * errorText("task_not_open", "de"); // "Diese Aufgabe ist nicht mehr offen."
 * ```
 */
export function errorText(slug: ErrorSlug, locale: Locale): string {
  return ERRORS[slug][locale];
}
