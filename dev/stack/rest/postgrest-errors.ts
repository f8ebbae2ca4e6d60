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
  if (isUnsendable(error)) return raised({ code: "22P02", message: "invalid input syntax" });
  if (!isDatabaseError(error) || isKnownToServer(error.code)) return error;
  return raised(error);
}

function raised({ code, message, detail = null, hint = null }: DatabaseError): object {
  return {
    code: "PGRST",
    message: JSON.stringify({ code, message, details: detail, hint }),
    detail: JSON.stringify({ status: httpStatus(code), headers: {} }),
  };
}

/**
 * A value of the wrong JSON type, on which the drivers fail before or while they send it. PostgREST leaves the
 * judgement to the database, which says 22P02.
 */
export function isUnsendable(error: unknown): boolean {
  if (isDatabaseError(error)) return error.code === "08P01"; // PGlite sent half a message
  if (!(error instanceof Error)) return false;
  return (
    ("code" in error && error.code === "ERR_INVALID_ARG_TYPE") || // postgres.js
    error instanceof RangeError || // lists nested too deeply to be written out
    error.message.startsWith("Invalid input for") // PGlite
  );
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
  ["54", 500],
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
