import {
  LANGUAGES,
  MAX_ADDRESS_LENGTH,
  MAX_BIO_LENGTH,
  MAX_NAME_LENGTH,
} from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import type { ImportMap } from "./map.ts";
import { Findings } from "./problems.ts";
import { idOf, type Seen } from "./seen.ts";
import type { SourceRow } from "./source.ts";
import {
  asBoolean,
  asEmail,
  asInteger,
  asMoment,
  asPasswordHash,
  asPhone,
  asPlace,
  asText,
  cleaned,
  type Raw,
  Unusable,
} from "./values.ts";

/** A member as the batch holds them; names and order are those of the columns there. */
export interface Member {
  n: number;
  id: string;
  email: string;
  password_hash: string | null;
  name: string;
  avatar_url: string | null;
  bio: string | null;
  phone_number: string | null;
  login_phone: string | null;
  address: string | null;
  latitude: number | null;
  longitude: number | null;
  language: string | null;
  balance: number;
  provider: string | null;
  provider_id: string | null;
  email_confirmed: boolean;
  is_banned: boolean;
  ban_reason: string | null;
  banned_at: string | null;
  created_at: string | null;
  updated_at: string | null;
  last_sign_in_at: string | null;
}

/** As much as ops.adjust_points books. */
const MOST_POINTS = 1_000_000;
const MAX_URL_LENGTH = 500;
const MAX_REASON_LENGTH = 1000;

/** What came of looking at a row. */
export interface Judgement<Entry> {
  /** What the source calls it. */
  own: string;
  findings: Findings;
  /** Undefined: not imported. */
  entry?: Entry;
}

/**
 * Judges one row by itself and beside those before it. What a login or points depend on is refused, because it would be wrong for
 * good; what only looks worse is mended.
 */
export function judgeMember({ number, values, broken }: SourceRow, map: ImportMap, seen: Seen): Judgement<Member> {
  const findings = new Findings();
  const of = (target: string): Raw => values[target] ?? null;
  const email = findings.read("refused", "email", of("email"), asEmail);
  const own = asText(of("id")) ?? email ?? "";
  const id = idOf(map.source, "member", own);
  for (const field of broken) {
    // old programs' signs are no part of an address
    if (field === "(line)") findings.add("refused", "", "line_has_too_many_cells", null);
    else if (field !== "email") findings.add("mended", field, "text_not_utf8", of(field));
  }
  const flag = (field: string, otherwise: boolean) => findings.read("mended", field, of(field), asBoolean) ?? otherwise;
  const moment = (field: string) => findings.read("mended", field, of(field), (raw) => asMoment(raw, map.time_zone));
  const text = (field: string, most: number, isMultiline = false) => {
    const { text: value, problem } = cleaned(asText(of(field)), most, isMultiline);
    if (problem !== undefined) findings.add("mended", field, problem, of(field));
    return value;
  };
  if (!flag("is_active", true)) findings.add("left_out", "is_active", "member_inactive", of("is_active"));
  const balance = findings.read("refused", "points_balance", of("points_balance"), (raw) =>
    asInteger(raw, 0, MOST_POINTS, "points_balance_invalid"),
  );
  const phone = findings.read("mended", "phone_number", of("phone_number"), (raw) => asPhone(raw, map.country_code));
  const place = findings.read("mended", "location", of("location") ?? of("latitude"), () =>
    asPlace(of("latitude"), of("longitude"), of("location")),
  );
  const createdAt = moment("created_at");
  const member: Member = {
    n: number,
    id,
    email: email ?? "",
    password_hash: findings.read("mended", "password_hash", of("password_hash"), asPasswordHash),
    name: nameOf(text("name", MAX_NAME_LENGTH), email, findings),
    avatar_url: findings.read("mended", "avatar_url", of("avatar_url"), asUrl),
    bio: text("bio", MAX_BIO_LENGTH, true),
    phone_number: phone?.shown ?? null,
    login_phone: phone !== null && flag("phone_verified", false) ? phone.digits : null,
    address: text("address", MAX_ADDRESS_LENGTH),
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    language: findings.read("mended", "language", of("language"), asLanguage),
    balance: balance ?? 0,
    provider: null,
    provider_id: null,
    email_confirmed: flag("email_verified", false),
    is_banned: flag("is_banned", false),
    ban_reason: text("banned_reason", MAX_REASON_LENGTH, true),
    banned_at: moment("banned_at"),
    created_at: createdAt,
    updated_at: moment("updated_at") ?? createdAt,
    last_sign_in_at: moment("last_login_at"),
  };
  identify(member, of, findings);
  if (findings.isAccepted) claim(member, own, findings, seen);
  return findings.isAccepted ? { own, findings, entry: member } : { own, findings };
}

/** A name that is the address would tell it to everybody. */
function nameOf(name: string | null, email: string | null, findings: Findings): string {
  if (name === null) {
    findings.add("mended", "name", "name_missing", null);
    return "Neighbour";
  }
  if (name.toLowerCase() !== email) return name;
  findings.add("mended", "name", "name_was_email", name);
  return name.replace(/@.*$/u, "");
}

function asUrl(raw: Raw): string | null {
  const url = asText(raw);
  if (url !== null && (url.length > MAX_URL_LENGTH || !/^https?:\/\/[!-~]+$/u.test(url)))
    throw new Unusable("url_invalid");
  return url;
}

function asLanguage(raw: Raw): string | null {
  const language = asText(raw)?.slice(0, 2).toLowerCase() ?? null;
  if (language !== null && !LANGUAGES.some((known) => known === language)) throw new Unusable("language_unknown");
  return language;
}

/** How they sign in with another provider, and without. */
function identify(member: Member, of: (target: string) => Raw, findings: Findings): void {
  const [provider, providerId] = [asText(of("oauth_provider"))?.toLowerCase(), asText(of("oauth_id"))];
  if (provider !== undefined && provider !== "email" && provider !== "local") {
    if (providerId !== null && /^[a-z0-9_:-]{1,50}$/u.test(provider) && /^[!-~]{1,255}$/u.test(providerId)) {
      member.provider = provider;
      member.provider_id = providerId;
    } else {
      findings.add("mended", "oauth_id", "oauth_identity_invalid", `${provider} ${providerId ?? ""}`);
    }
  }
  const isSilent = findings.problems.every(({ field }) => field !== "password_hash");
  if (member.password_hash === null && member.provider === null && isSilent) {
    findings.add("mended", "password_hash", "password_missing", null);
  }
}

/** One login for each address, number and identity: the first in the order of reading. */
function claim(member: Member, own: string, findings: Findings, seen: Seen): void {
  if (own === "") findings.add("refused", "id", "id_missing", null);
  else if (seen.has("member", member.id)) findings.add("refused", "id", "id_twice", own);
  else if (!seen.claim("email", member.email)) findings.add("refused", "email", "email_twice", member.email);
  else seen.claim("member", member.id);
  if (!findings.isAccepted) return;
  if (member.login_phone !== null && !seen.claim("phone", member.login_phone)) {
    findings.add("mended", "phone_verified", "phone_number_twice", member.phone_number);
    member.login_phone = null;
  }
  if (member.provider !== null && !seen.claim("identity", `${member.provider} ${member.provider_id}`)) {
    findings.add("mended", "oauth_id", "oauth_identity_twice", member.provider_id);
    member.provider = null;
    member.provider_id = null;
  }
}
