/**
 * How every function answers errors: a known slug with its text, never what broke inside.
 *
 * @module
 */
import { ERRORS, type ErrorSlug } from "./contracts/errors.ts";
import { DatabaseRefusal, DatabaseUnavailable } from "./database.ts";
import type { Log } from "./log.ts";

/** A field, a limit, a missing permission; or several facts by name. */
export type ErrorDetail = string | Readonly<Record<string, unknown>>;

/** An error as every function words it. */
export interface ErrorBody {
  readonly code: ErrorSlug;
  readonly message: string;
  readonly hint?: string;
  /** For programs. */
  readonly detail?: ErrorDetail;
  /** Names the request in the logs. */
  readonly request_id: string;
}

/** What a problem may say beyond its slug. */
export interface ProblemOptions {
  /** For programs. */
  detail?: ErrorDetail;
  /** For developers: what to do about it. */
  hint?: string;
  headers?: Record<string, string>;
}

/** A request that cannot be answered as asked. Thrown anywhere, turned into an answer by {@link problemResponse}. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ErrorSlug;
  readonly detail: ErrorDetail | undefined;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorSlug, { detail, hint, headers = {} }: ProblemOptions = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
    this.hint = hint;
    this.headers = headers;
  }
}

/** The keys that access tokens are signed with could not be fetched, so nobody knows who calls. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** The answer to whatever was thrown. What is no {@link Problem} and no refusal is logged and told as 500 or 503. */
export function problemResponse(error: unknown, requestId: string, log: Log): Response {
  const { code, detail, hint, headers } = toProblem(error, requestId, log);
  const { status, en } = ERRORS[code];
  const body: ErrorBody = {
    code,
    message: en,
    ...(hint === undefined ? {} : { hint }),
    ...(detail === undefined ? {} : { detail }),
    request_id: requestId,
  };
  return Response.json(body, { status, headers: { ...headers } });
}

function toProblem(error: unknown, requestId: string, log: Log): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseRefusal) return problemOfRefusal(error);
  log("error", "request failed", { request_id: requestId, reason: reasonOf(error) });
  const mayWorkSoon = error instanceof DatabaseUnavailable || error instanceof KeysUnavailable;
  return new Problem(mayWorkSoon ? "service_unavailable" : "internal_error");
}

function problemOfRefusal({ slug, detail, hint }: DatabaseRefusal): Problem {
  const isLimit = slug === "too_many_wrong_codes" && detail !== null;
  return new Problem(slug, {
    ...(detail === null ? {} : { detail }),
    ...(hint === null ? {} : { hint }),
    ...(isLimit ? { headers: { "retry-after": detail } } : {}),
  });
}

/** What to log of something thrown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
