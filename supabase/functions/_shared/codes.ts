/**
 * Codes that members show at a till: making ours, printing them, and reading what a cashier typed or scanned.
 *
 * @module
 */

/** Digits and capital letters without 0 and O, 1, I and L. 31 is prime, which the check character needs. */
export const CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

const PREFIX = "NH";
const RANDOM_LENGTH = 17;
const CODE_LENGTH = PREFIX.length + RANDOM_LENGTH + 1;
const FAIR_BYTES = 256 - (256 % CODE_ALPHABET.length);
const GROUP = /.{4}(?=.)/gu;

/** Fewest and most characters of a partner's own code. */
const FOREIGN_LENGTH = { min: 4, max: 100 };
const SPACES_AND_DASHES = /[\s\p{Dash}]/gu;
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

/** Reads what somebody typed, pasted or scanned; case, spaces and dashes do not matter. */
export function readCode(text: string): ReadCode {
  const canonical = text.normalize("NFKC").replace(SPACES_AND_DASHES, "").toUpperCase();
  if (canonical.startsWith(PREFIX) && canonical.length === CODE_LENGTH) {
    return isOurs(canonical) ? { kind: "ours", canonical } : { kind: "mistyped" };
  }
  const { length } = [...canonical];
  const isCode = length >= FOREIGN_LENGTH.min && length <= FOREIGN_LENGTH.max && !UNPRINTABLE.test(canonical);
  return isCode ? { kind: "foreign", canonical } : { kind: "invalid" };
}

function isOurs(canonical: string): boolean {
  if (canonical.length !== CODE_LENGTH || !canonical.startsWith(PREFIX)) return false;
  const rest = canonical.slice(PREFIX.length);
  return [...rest].every((character) => CODE_ALPHABET.includes(character)) && weightedSum(rest) === 0;
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
