/**
 * What people type, judged as room `text` of the database judges it.
 *
 * @module
 */
import {
  CONTROL_CHARACTERS,
  DASH_CHARACTERS,
  DIGIT_CHARACTERS,
  EDGE_CHARACTERS,
  IGNORABLE_CHARACTERS,
  SPACE_CHARACTERS,
} from "./characters.ts";
import { MAX_PHONE_NUMBER_LENGTH } from "./words-and-limits.ts";

const some = (characters: string, flags = "u"): RegExp => new RegExp(`[${characters}]`, flags);

const EDGES = new RegExp(`^[${EDGE_CHARACTERS}]+|[${EDGE_CHARACTERS}]+$`, "gu");
const VISIBLE = some(`^${SPACE_CHARACTERS}${IGNORABLE_CHARACTERS}`);
const IGNORABLE = some(IGNORABLE_CHARACTERS, "gu");
// halves of surrogate pairs are no characters at all
const CONTROL = some(`${CONTROL_CHARACTERS}\\uD800-\\uDFFF`);
const DASH = some(DASH_CHARACTERS, "gu");
const DIGIT = some(DIGIT_CHARACTERS, "gu");

/** A text without the white space around it, and without what copying leaves there. */
export function trimText(text: string): string {
  return text.replace(EDGES, "");
}

/** Whether there is anything to see in a text. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/** Whether a text holds what no text may hold. */
export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}

/** A text without what shows nothing, not even a gap. */
export function withoutIgnorable(text: string): string {
  return text.replace(IGNORABLE, "");
}

/** Characters of a text that show, and the spaces between them, as PostgreSQL counts: in code points. */
export function lengthOf(text: string): number {
  return [...withoutIgnorable(text)].length;
}

const PHONE_NUMBER = /^\(?\+? ?\(?[0-9][0-9 ()/.-]*$/u;

/** Whether a text is a phone number, however it was written or copied. */
export function isPhoneNumber(text: string): boolean {
  const plain = withoutIgnorable(trimText(text).normalize("NFKC"));
  const number = plain.replace(DASH, "-").replaceAll("\t", " ").replace(DIGIT, "0");
  const digits = number.replace(/[^0-9]/gu, "").length;
  return PHONE_NUMBER.test(number) && digits >= 4 && number.length <= MAX_PHONE_NUMBER_LENGTH;
}

const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)$/u;

/** Whether a text is a moment as ISO 8601 writes it, with an offset, on a day that the calendar has. */
export function isMoment(text: string): boolean {
  const [year = 0, month = 0, day = 0] = (MOMENT.exec(text) ?? []).slice(1).map(Number);
  // the calendar repeats itself after 400 years, and knows years before 100 by another name
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}
