/**
 * Answers of edge functions. Every error has the same body, and 5xx never tell what broke inside.
 *
 * @module
 */

/** Pages of any origin may call the functions, like the rest of the API. */
export const corsHeaders: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, x-client-info, apikey, content-type",
  "access-control-expose-headers": "retry-after, sb-request-id",
};

/** A JSON answer. */
export function jsonResponse(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { ...corsHeaders, ...headers } });
}

/** A field, a limit, a missing permission; or several facts by name. */
export type ErrorDetail = string | Readonly<Record<string, unknown>>;

/** An error as every function words it. */
export interface ErrorBody {
  /** Stable slug. */
  code: string;
  message: string;
  hint?: string;
  /** For programs. */
  detail?: ErrorDetail;
  /** Names the request in the logs. */
  requestId: string;
}

/** An error answer. */
export function errorResponse(
  status: number,
  body: ErrorBody,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonResponse(status, body, headers);
}

/** Answers a browser's preflight request. */
export function preflightResponse(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: { ...corsHeaders, "access-control-allow-methods": methods.join(", ") },
  });
}

/** Answers a method that the function does not have. */
export function methodNotAllowed(method: string, allowed: readonly string[], requestId: string): Response {
  return errorResponse(
    405,
    {
      code: "method_not_allowed",
      message: `${method} is not possible here`,
      hint: `Use ${allowed.join(" or ")}.`,
      requestId,
    },
    { allow: allowed.join(", ") },
  );
}

/** The platform's id of a request, or a new one where there is none. */
export function requestIdOf(request: Request): string {
  return request.headers.get("sb-request-id") ?? request.headers.get("x-request-id") ?? crypto.randomUUID();
}
