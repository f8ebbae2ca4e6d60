/**
 * The only list of errors in the product: every slug the database, the functions and the client can answer with, its HTTP
 * status and what to tell the person using the app. A test holds it against `supabase/migrations/*.sql`, both ways.
 *
 * @module
 */
import { ADMIN_ERRORS } from "./errors/admins.ts";
import { MEMBER_ERRORS } from "./errors/members.ts";
import { MESSAGE_ERRORS } from "./errors/messages.ts";
import { CLIENT_ERRORS, FUNCTION_ERRORS } from "./errors/outside.ts";
import { PARTNER_ERRORS } from "./errors/partners.ts";
import { TASK_ERRORS } from "./errors/tasks.ts";

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
  ...ADMIN_ERRORS,
  ...TASK_ERRORS,
  ...MESSAGE_ERRORS,
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

/** What an error is about, as {@link InputProblem} and `ApiError` know it. */
export interface ErrorSubject {
  /** Name of the field. */
  readonly detail?: string | null;
  /** How many characters it may or must have. */
  readonly limit?: number | null;
}

const FIELDS: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  title: { en: "Title", de: "Titel" },
  description: { en: "Description", de: "Beschreibung" },
  name: { en: "Name", de: "Name" },
  address: { en: "Address", de: "Adresse" },
  bio: { en: "About you", de: "Über dich" },
  message: { en: "Message", de: "Nachricht" },
  body: { en: "Message", de: "Nachricht" },
  note: { en: "Note", de: "Notiz" },
  reason: { en: "Reason", de: "Grund" },
  statement: { en: "Statement", de: "Stellungnahme" },
  comment: { en: "Comment", de: "Kommentar" },
  types: { en: "Kind of place", de: "Art des Ortes" },
};

const LENGTHS = {
  text_too_long: { en: "at most", de: "höchstens" },
  text_too_short: { en: "at least", de: "mindestens" },
} as const;

function textOfLength(slug: keyof typeof LENGTHS, locale: Locale, limit: number, field: string | undefined): string {
  const most = LENGTHS[slug][locale];
  const characters = locale === "de" ? "Zeichen" : limit === 1 ? "character" : "characters";
  const start = field === undefined ? `${most.charAt(0).toUpperCase()}${most.slice(1)}` : `${field}: ${most}`;
  return `${start} ${limit} ${characters}.`;
}

/**
 * The text to show for an error. With what it is about, texts that somebody typed are named, and their limit.
 *
 * @example
 * ```ts
 * errorText("task_not_open", "de"); // "Diese Aufgabe ist nicht mehr offen."
 * errorText("text_too_long", "en", { detail: "title", limit: 255 }); // "Title: at most 255 characters."
 * ```
 */
export function errorText(slug: ErrorSlug, locale: Locale, { detail, limit }: ErrorSubject = {}): string {
  const text = ERRORS[slug][locale];
  if (!slug.startsWith("text_")) return text;
  const field = detail && Object.hasOwn(FIELDS, detail) ? FIELDS[detail]?.[locale] : undefined;
  if ((slug === "text_too_long" || slug === "text_too_short") && limit) return textOfLength(slug, locale, limit, field);
  return field === undefined ? text : `${field}: ${text}`;
}
