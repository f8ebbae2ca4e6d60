/** The fields of a PostgreSQL error, as both drivers report them. */
interface DatabaseError {
  code: string;
  message: string;
  detail?: string | null;
  hint?: string | null;
}

/**
 * Gives a database error the HTTP status and body that PostgREST gives it. The REST server knows only some
 * SQLSTATEs and answers 500 to the rest (P0001, 23514, 40001, 57014, …); those are handed to it in the form
 * of PostgREST's own `RAISE SQLSTATE 'PGRST'`, which it passes through unchanged.
 */
export function toPostgrestError(error: unknown): unknown {
  if (!isDatabaseError(error) || isKnownToServer(error.code)) return error;
  return {
    code: "PGRST",
    message: JSON.stringify({
      code: error.code,
      message: error.message,
      details: error.detail ?? null,
      hint: error.hint ?? null,
    }),
    detail: JSON.stringify({ status: httpStatus(error.code), headers: {} }),
  };
}

/** Whether PostgreSQL itself raised this; a lost connection also has a `code`, but no `severity`. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return (
    typeof error === "object" &&
    error !== null &&
    "severity" in error &&
    "code" in error &&
    typeof error.code === "string" &&
    /^[0-9A-Z]{5}$/.test(error.code) &&
    "message" in error
  );
}

/** PTxyz and PGRST carry their own status; the 42… ones are answered with names from the schema cache. */
function isKnownToServer(code: string): boolean {
  return code.startsWith("PT") || code === "PGRST" || (code.startsWith("42") && code !== "42P17");
}

/** PostgREST's table of SQLSTATEs, most specific first. */
const STATUS_BY_PREFIX: readonly (readonly [prefix: string, status: number])[] = [
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53", 503],
  ["54", 413],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0001", 400],
  ["P0", 500],
  ["XX", 500],
  ["42P17", 500],
];

function httpStatus(code: string): number {
  return STATUS_BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}
