/**
 * How PostgREST writes values that the drivers hand over as text. PostgreSQL's own JSON functions write them like
 * this as well, so a row looks the same alone and embedded in another one.
 */

/** `0.00` → 0; NaN and infinity stay text, JSON has no numbers for them. */
export function numericValue(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** `2026-11-21 08:13:37.644+00` → `2026-11-21T08:13:37.644+00:00`. */
export function timestampValue(text: string): string {
  return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
}

/** Object identifiers of the types concerned. */
export const TYPE_OID = { numeric: 1700, timestamp: 1114, timestamptz: 1184, jsonb: 3802 } as const;

/** The same for postgres.js, which would hand over strings and Date objects. */
export const apiTypes = {
  numeric: { to: TYPE_OID.numeric, from: [TYPE_OID.numeric], parse: numericValue, serialize: String },
  timestamp: timestampType(TYPE_OID.timestamp),
  timestamptz: timestampType(TYPE_OID.timestamptz),
};

function timestampType(oid: number) {
  return { to: oid, from: [oid], parse: timestampValue, serialize: (value: unknown) => value as string };
}
