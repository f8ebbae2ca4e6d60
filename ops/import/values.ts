import { CONTROL_CHARACTERS, SPACE_CHARACTERS } from "../../supabase/functions/_shared/contracts/characters.ts";
import {
  hasControls,
  isPhoneNumber,
  isVisible,
  trimText,
  withoutIgnorable,
} from "../../supabase/functions/_shared/contracts/text.ts";

/** A value as SQLite or CSV has it. */
export type Raw = string | number | bigint | Uint8Array | null;

/** What is wrong with a value, as a slug: docs/operations/import.md lists them. */
export class Unusable extends Error {
  readonly problem: string;
  constructor(problem: string) {
    super(problem);
    this.problem = problem;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const windows = new TextDecoder("windows-1252");

/** Bytes as text, and whether they were UTF-8. What is not was written by an old program of Windows, nearly always. */
export function decode(bytes: Uint8Array): { text: string; isUtf8: boolean } {
  try {
    return { text: utf8.decode(bytes), isUtf8: true };
  } catch {
    return { text: windows.decode(bytes), isUtf8: false };
  }
}

/** A value as text without the white space around it; null for none. */
export function asText(raw: Raw): string | null {
  if (raw === null) return null;
  const text = trimText(raw instanceof Uint8Array ? decode(raw).text : String(raw));
  return text === "" ? null : text;
}

const TRUE = new Set(["1", "true", "t", "yes", "y", "on", "ja", "j", "wahr"]);
const FALSE = new Set(["0", "false", "f", "no", "n", "off", "nein", "falsch"]);

/** @throws Unusable boolean_unknown */
export function asBoolean(raw: Raw): boolean | null {
  const text = asText(raw)?.toLowerCase() ?? null;
  if (text === null) return null;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new Unusable("boolean_unknown");
}

/** A whole number from `least` to `most`. @throws Unusable */
export function asInteger(raw: Raw, least: number, most: number, problem: string): number | null {
  const text = asText(raw);
  if (text === null) return null;
  // a column of real numbers holds 12.0
  const value = /^[+-]?\d{1,15}(?:\.0*)?$/u.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new Unusable(problem);
  return value;
}

const EARLIEST = Date.UTC(1990, 0, 1);
const DAY_MS = 86_400_000;
const DATE = String.raw`(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))`;
const MOMENT = new RegExp(
  String.raw`^${DATE}(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$`,
  "iu",
);

/**
 * A moment as PostgreSQL reads it: seconds, milliseconds or microseconds since 1970, or a text, which is of the given time zone
 * when it names none.
 *
 * @param daysAhead how far in the future it may lie.
 * @throws Unusable moment_unknown, moment_unlikely
 */
export function asMoment(raw: Raw, zone: string, daysAhead = 1): string | null {
  const text = asText(raw);
  if (text === null) return null;
  const latest = Date.now() + daysAhead * DAY_MS;
  if (/^[+-]?\d+(?:\.\d+)?$/u.test(text)) {
    const value = Number(text);
    const size = Math.abs(value);
    const ms = size < 1e11 ? value * 1000 : size < 1e14 ? value : value / 1000;
    if (!(ms >= EARLIEST && ms <= latest)) throw new Unusable("moment_unlikely");
    return new Date(ms).toISOString();
  }
  const found = MOMENT.exec(text);
  if (found === null) throw new Unusable("moment_unknown");
  const [, y, m, d, germanDay, germanMonth, germanYear, hour = "0", minute = "00", second = "00", , offset] = found;
  const date = [y ?? germanYear, m ?? germanMonth, d ?? germanDay].map(Number);
  const [year = 0, month = 0, day = 0] = date;
  const [h, min, s] = [Number(hour), Number(minute), Number(second)];
  const instant = new Date(Date.UTC(year, month - 1, day, h, min, s));
  const isReal = instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day && h < 24 && min < 60 && s < 60;
  if (!isReal) throw new Unusable("moment_unknown");
  // the zone moves it by less than a day
  if (!(instant.getTime() >= EARLIEST && instant.getTime() <= latest + DAY_MS)) throw new Unusable("moment_unlikely");
  const local = instant.toISOString().slice(0, 19).replace("T", " ");
  return `${local}${found[10] === undefined ? "" : `.${found[10]}`} ${offset ?? zone}`;
}

const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/u;

/** In lower case, as Auth keeps and looks for it. @throws Unusable email_missing, email_invalid */
export function asEmail(raw: Raw): string {
  const email = asText(raw)?.toLowerCase();
  if (email === undefined) throw new Unusable("email_missing");
  if (email.length > 254 || email.indexOf("@") > 64 || !EMAIL.test(email)) throw new Unusable("email_invalid");
  return email;
}

const BCRYPT = /^\$2[aby]?\$(\d{2})\$[./A-Za-z0-9]{53}$/u;
const ARGON2 = /^\$argon2(?:i|id)\$v=\d+\$[\w=,]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/u;
/** A login with more takes seconds of the Auth server's processor. */
const HIGHEST_COST = 15;

/** A hash that Auth can check. @throws Unusable password_hash_unknown, password_hash_too_costly */
export function asPasswordHash(raw: Raw): string | null {
  const hash = asText(raw);
  if (hash === null) return null;
  const cost = Number(BCRYPT.exec(hash)?.[1] ?? Number.NaN);
  if (cost > HIGHEST_COST) throw new Unusable("password_hash_too_costly");
  if (cost >= 4 || (ARGON2.test(hash) && hash.length <= 255)) return hash;
  throw new Unusable("password_hash_unknown");
}

/** A phone number, as the member sees it, and in the digits of its country where those are known. */
export interface Phone {
  shown: string;
  digits: string | null;
}

/**
 * @param country digits of the country that numbers are of which name none, such as 49.
 * @throws Unusable phone_number_invalid
 */
export function asPhone(raw: Raw, country: string | undefined): Phone | null {
  const typed = asText(raw);
  if (typed === null) return null;
  const text = withoutIgnorable(typed.normalize("NFKC"))
    .replaceAll(/\p{Pd}/gu, "-")
    .replaceAll("\t", " ");
  if (!/^[ -~]+$/u.test(text) || !isPhoneNumber(text)) throw new Unusable("phone_number_invalid");
  // +49 (0) 30 is how Germans write +49 30
  const plain = text.replace(/^(\(?(?:\+|00).*?)\(0\)/u, "$1").replaceAll(/[^0-9+]/gu, "");
  const national = /^0(?!0)(\d+)$/u.exec(plain)?.[1];
  const digits = plain.startsWith("+")
    ? plain.slice(1)
    : plain.startsWith("00")
      ? plain.slice(2)
      : national !== undefined && country !== undefined
        ? country + national
        : "";
  const isWhole = /^[1-9]\d{6,14}$/u.test(digits);
  return isWhole ? { shown: `+${digits}`, digits } : { shown: text, digits: null };
}

const GAPS = new RegExp(`[${SPACE_CHARACTERS}${CONTROL_CHARACTERS}\\uD800-\\uDFFF]+`, "gu");
const FORBIDDEN = new RegExp(`[${CONTROL_CHARACTERS}\\uD800-\\uDFFF]+`, "gu");

/** A text that may be kept, and what had to be done for it. */
export interface Cleaned {
  text: string | null;
  problem?: "text_cut" | "text_cleaned";
}

/** A text as commands would take it: without controls, on one line unless it may have more, and not too long. */
export function cleaned(text: string | null, most: number, isMultiline = false): Cleaned {
  if (text === null) return { text: null };
  const isHostile = hasControls(text);
  const plain = trimText(text.replace(isMultiline ? FORBIDDEN : GAPS, " "));
  if (!isVisible(plain)) return { text: null, ...(isHostile ? { problem: "text_cleaned" as const } : {}) };
  const characters = plain.length > most ? [...plain] : [];
  if (characters.length > most) return { text: trimText(characters.slice(0, most).join("")), problem: "text_cut" };
  return { text: plain, ...(isHostile ? { problem: "text_cleaned" as const } : {}) };
}

/** A place on earth. */
export interface Place {
  latitude: number;
  longitude: number;
}

const POINT = /^(?:SRID=4326;)?\s*POINT\s*\(\s*([+-]?[\d.]+)\s+([+-]?[\d.]+)\s*\)$/iu;

/**
 * From two columns, or from one as `POINT(longitude latitude)` or `latitude, longitude`.
 *
 * @throws Unusable coordinates_invalid
 */
export function asPlace(latitude: Raw, longitude: Raw, location: Raw): Place | null {
  const point = asText(location);
  const [, x, y] = (point === null ? null : POINT.exec(point)) ?? [];
  const pair = x === undefined ? point?.split(/\s*[,;]\s*/u) : [y, x];
  const [lat, lng] = pair ?? [asText(latitude), asText(longitude)];
  if ((lat ?? null) === null && (lng ?? null) === null) return null;
  const place = { latitude: degrees(lat), longitude: degrees(lng) };
  // 0, 0 is in the sea: where programs put what they do not know
  const isPossible = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
  if (!isPossible || (place.latitude === 0 && place.longitude === 0)) throw new Unusable("coordinates_invalid");
  return place;
}

function degrees(text: string | null | undefined): number {
  return typeof text === "string" && /^[+-]?\d{1,3}(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
}
