import {
  ERRORS,
  type ErrorSlug,
  errorText,
  type InputProblem,
  isErrorSlug,
  type Locale,
} from "../../supabase/functions/_shared/contracts/index.ts";

/** What an {@link ApiError} is made of. */
export interface ApiErrorInit {
  readonly code: ErrorSlug;
  /** Defaults to the slug's status. */
  readonly status?: number;
  readonly hint?: string | null;
  readonly detail?: string | null;
  readonly cause?: unknown;
}

/**
 * The one error this client throws. `code` says what happened; show `text(locale)` to the person using the app.
 *
 * @example
 * ```ts
 * try {
 *   await client.tasks.confirm(taskId);
 * } catch (error) {
 *   if (!(error instanceof ApiError)) throw error;
 *   if (error.code === "task_not_pending_confirmation") await reload();
 *   else showToast(error.text("de"));
 * }
 * ```
 */
export class ApiError extends Error {
  override readonly name = "ApiError" as const;
  /** What happened. Stable, made for `switch`. */
  readonly code: ErrorSlug;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** A sentence in English for developers; may change. */
  readonly hint: string | null;
  /** The field or fact it is about, for example `points_reward`. */
  readonly detail: string | null;

  constructor(init: ApiErrorInit) {
    const hint = init.hint ?? null;
    super(`${init.code}: ${hint ?? errorText(init.code, "en")}`, init.cause === undefined ? {} : { cause: init.cause });
    this.code = init.code;
    this.status = init.status ?? ERRORS[init.code].status;
    this.hint = hint;
    this.detail = init.detail ?? null;
  }

  /** True when nothing is wrong with the request itself and the same one may succeed in a moment. */
  get isRetryable(): boolean {
    return this.code === "network_error" || this.code === "service_unavailable" || this.code === "internal_error";
  }

  /** How many characters a text may or must have, where that is the problem: the number that `hint` names. */
  get limit(): number | null {
    const [digits] = (this.code.startsWith("text_too_") ? this.hint?.match(/[0-9]+/u) : null) ?? [];
    return digits === undefined ? null : Number(digits);
  }

  /** Seconds after which the same may be tried again, where the limit says so. */
  get retryAfter(): number | null {
    const seconds = this.detail?.match(/^retry_after=([0-9]+)$/u)?.[1];
    return seconds === undefined ? null : Number(seconds);
  }

  /** The text to show, in German or English. */
  text(locale: Locale): string {
    return errorText(this.code, locale, this);
  }
}

/** The error for an input that a contract refused. */
export function inputError(problem: InputProblem): ApiError {
  const { code, detail, limit } = problem;
  return new ApiError({ code, detail, hint: limit === undefined ? null : errorText(code, "en", { limit }) });
}

/** The error for a call that its `AbortSignal` ended; the cause is the signal's reason. */
export function abortError(signal: AbortSignal): ApiError {
  return new ApiError({ code: "request_aborted", cause: signal.reason });
}

/** What PostgREST, an edge function, or whatever stood in their place, answered. Anything may be missing. */
interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: string | null;
  readonly hint: string | null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function readBody(error: unknown): ErrorBody {
  const body: { readonly [key: string]: unknown } = typeof error === "object" && error !== null ? { ...error } : {};
  // supabase-js may answer with an Error, whose message is not enumerable
  const message = error instanceof Error ? error.message : body["message"];
  return {
    code: textOrNull(body["code"]) ?? "",
    message: textOrNull(message) ?? "",
    // PostgREST says details, the edge functions say detail
    details: textOrNull(body["details"] ?? body["detail"]),
    hint: textOrNull(body["hint"]),
  };
}

/** PostgREST: token missing where needed, broken, or expired. */
const SIGN_IN_CODES: ReadonlySet<string> = new Set(["PGRST301", "PGRST302", "PGRST303"]);
/** PostgREST has lost the database, or waits for it. */
const CONNECTION_CODE = /^PGRST00[0-3]$/u;
/** PostgreSQL: a value is not of the type that it has to be; which one, PostgREST does not say. */
const DATA_SQLSTATE = /^22[0-9A-Z]{3}$/u;
/** PostgreSQL: connection lost, transaction to be repeated, out of resources, lock not to be had, cancelled or shut down. */
const TRANSIENT_SQLSTATE = /^(?:08|40|53|55P03|57)/u;
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

function slugOf(body: ErrorBody, status: number): ErrorSlug {
  if (body.code.startsWith("PT") && isErrorSlug(body.message)) return body.message;
  if (isErrorSlug(body.code)) return body.code;
  if (SIGN_IN_CODES.has(body.code)) return "not_signed_in";
  if (body.code === "42501") return status === 401 ? "not_signed_in" : "not_permitted";
  if (status === 0) return "network_error";
  if (DATA_SQLSTATE.test(body.code)) return "validation_failed";
  if (CONNECTION_CODE.test(body.code) || TRANSIENT_SQLSTATE.test(body.code) || GATEWAY_STATUSES.has(status)) {
    return "service_unavailable";
  }
  return "unexpected_response";
}

/**
 * The {@link ApiError} for a failed supabase-js answer, or for the error body of an edge function. Useful for your own queries
 * next to this client.
 *
 * @example
 * ```ts
 * const { data, error, status } = await supabase.from("categories").select();
 * if (error) throw apiErrorFrom(error, status);
 * ```
 */
export function apiErrorFrom(error: unknown, status: number): ApiError {
  const body = readBody(error);
  const code = slugOf(body, status);
  const isOurs = body.code.startsWith("PT") || isErrorSlug(body.code);
  return new ApiError({
    code,
    // an answer that was no error to HTTP still is one to the caller
    ...(status >= 400 || code === "network_error" ? { status } : {}),
    // foreign details may hold SQL or HTML: they stay in the cause
    hint: isOurs ? body.hint : null,
    detail: isOurs ? body.details : null,
    cause: error,
  });
}

/**
 * The {@link ApiError} for an edge function's answer that is no success. Where its body is not the function's own, it comes
 * from the gateway, which checks the token first, or from the platform, which may have lost the function.
 */
export function functionError(body: unknown, status: number): ApiError {
  const error = apiErrorFrom(body, status);
  if (error.code !== "unexpected_response") return error;
  if (status === 401) return new ApiError({ code: "not_signed_in", cause: body });
  if (status >= 500) return new ApiError({ code: "service_unavailable", status, cause: body });
  return error;
}
