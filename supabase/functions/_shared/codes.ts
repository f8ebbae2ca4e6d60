/**
 * Codes that members show at a till: making ours, printing them, and reading what a cashier typed or scanned.
 *
 * @module
 */

import { DASH_CHARACTERS, IGNORABLE_CHARACTERS, SPACE_CHARACTERS } from "./contracts/characters.ts";
import { trimText } from "./contracts/text.ts";

/** Digits and capital letters without 0 and O, 1, I and L. 31 is prime, which the check character needs. */
export const CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

const PREFIX = "NH";
const RANDOM_LENGTH = 17;
const CODE_LENGTH = PREFIX.length + RANDOM_LENGTH + 1;
const FAIR_BYTES = 256 - (256 % CODE_ALPHABET.length);
const GROUP_LENGTH = 4;
const GROUP = /.{4}(?=.)/gu;
/** The prefix with a letter missing, wrong, too much or in the wrong place. */
const PREFIX_SLIP = /^(?:N|H|N.|.H|HN|N.H|.NH)$/u;

/** Fewest and most characters of a partner's own code. */
export const FOREIGN_LENGTH = { min: 4, max: 100 } as const;
const SPACES_AND_DASHES = new RegExp(`[${SPACE_CHARACTERS}${DASH_CHARACTERS}]`, "gu");
/** What copying adds anywhere, and the separators of scanners. Other controls, and overrides, nobody adds by accident. */
const ADDED = new RegExp(`(?![\\0-\\x1B\\x7F-\\x9F\\u202D\\u202E])[${IGNORABLE_CHARACTERS}]`, "gu");
/** Scanners put controls around what they read, and may say first what kind of code it was (ISO/IEC 15424). */
const FRAME = /^\p{Cc}+|\p{Cc}+$/gu;
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/u;
/** Quotation marks or brackets around a code, and the end of a sentence behind it. */
const WRAPPED = /^[\p{Ps}\p{Pi}\p{Pf}"'`](.*)[\p{Pe}\p{Pi}\p{Pf}"'`]$/su;
const SENTENCE_END = /[.,:;]+$/u;
const UNPRINTABLE = /\p{C}/u;

/** What a typed or scanned text is. */
export type ReadCode =
  /** A code made here, its check character right; or a code that a partner made. */
  | { kind: "ours" | "foreign"; canonical: string }
  /** Meant to be one of ours, but with a typing error. */
  | { kind: "mistyped" }
  /** No code at all. */
  | { kind: "invalid" };

/**
 * A new code, unguessable: 17 random characters are 84 bits.
 *
 * @returns the canonical form, "NH" and 18 characters without dashes.
 */
export function generateCode(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, randomCharacter).join("");
  return `${PREFIX}${random}${checkCharacter(random)}`;
}

/** A code as people read it: one of ours in groups of four, a partner's own as it is. */
export function printCode(canonical: string): string {
  return isOurs(canonical) ? canonical.replace(GROUP, "$&-") : canonical;
}

/** A code as somebody may be shown it, without what copying and scanning added to it. */
export function cleanCode(text: string): string {
  const bare = trimText(text.replace(FRAME, "").replace(ADDED, ""));
  return trimText(bare.replace(SYMBOLOGY, "").replace(SENTENCE_END, "").replace(WRAPPED, "$1"));
}

/** Whether a code that a partner made is fit to be shown as it is. */
export function isPrintable(code: string): boolean {
  return [...code].length <= FOREIGN_LENGTH.max && !UNPRINTABLE.test(code);
}

/** Reads what somebody typed, pasted or scanned; case, spaces, dashes and what was added around it do not matter. */
export function readCode(text: string): ReadCode {
  const canonical = cleanCode(text).normalize("NFKC").replace(SPACES_AND_DASHES, "").toUpperCase();
  if (isOurs(canonical)) return { kind: "ours", canonical };
  if (looksLikeOurs(canonical)) return { kind: "mistyped" };
  const isCode = [...canonical].length >= FOREIGN_LENGTH.min && isPrintable(canonical);
  return isCode ? { kind: "foreign", canonical } : { kind: "invalid" };
}

function isOurs(canonical: string): boolean {
  if (canonical.length !== CODE_LENGTH || !canonical.startsWith(PREFIX)) return false;
  const rest = canonical.slice(PREFIX.length);
  return [...rest].every((character) => CODE_ALPHABET.includes(character)) && weightedSum(rest) === 0;
}

/** Up to one group of four too short or too long; or ours, but for one slip in the prefix. */
function looksLikeOurs(canonical: string): boolean {
  if (canonical.startsWith(PREFIX)) return Math.abs(CODE_LENGTH - canonical.length) <= GROUP_LENGTH;
  const [start, rest] = [canonical.slice(0, -RANDOM_LENGTH - 1), canonical.slice(-RANDOM_LENGTH - 1)];
  return PREFIX_SLIP.test(start) && isOurs(`${PREFIX}${rest}`);
}

/** Bytes from 248 on are drawn again: 256 is no multiple of 31, and the first characters would come more often. */
function randomCharacter(): string {
  const [byte = FAIR_BYTES] = crypto.getRandomValues(new Uint8Array(1));
  return byte < FAIR_BYTES ? CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length) : randomCharacter();
}

/** The character that makes the weighted sum 0. Its own weight is 1. */
function checkCharacter(random: string): string {
  const { length } = CODE_ALPHABET;
  return CODE_ALPHABET.charAt((length - weightedSum(`${random}${CODE_ALPHABET.charAt(0)}`)) % length);
}

/**
 * Every character times its distance from the end, modulo 31. The weights are different from each other and from 0, and
 * 31 is prime: one wrong character, or two that changed places, always changes the sum.
 */
function weightedSum(characters: string): number {
  const sum = [...characters].reduce(
    (total, character, index) => total + CODE_ALPHABET.indexOf(character) * (characters.length - index),
    0,
  );
  return sum % CODE_ALPHABET.length;
}
