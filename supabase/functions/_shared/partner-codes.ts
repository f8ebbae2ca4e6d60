/**
 * Asks a partner's own system for the code of a redemption and records what it said. The redemption's id is the idempotency
 * key: whoever asks, and however often, the partner gives one code.
 *
 * @module
 */
import { z } from "zod";
import { cleanCode, isPrintable, readCode } from "./codes.ts";
import { moment } from "./contracts/fields.ts";
import type { Database } from "./database.ts";
import type { Log } from "./log.ts";
import type { Outbound, OutboundResult } from "./outbound.ts";
import { reasonOf } from "./problem.ts";
import type { Sealer } from "./sealing.ts";
import { signatureHeaders } from "./signatures.ts";

/** A redemption as the database's commands give it to the member's side. */
export interface RedemptionRow {
  readonly id: string;
  readonly status: "pending" | "active" | "used" | "expired" | "cancelled" | "failed";
  readonly [column: string]: unknown;
}

/** A redemption with its code, as the database keeps it. */
export interface SealedRedemption {
  readonly redemption: RedemptionRow;
  readonly code_ciphertext: string | null;
}

/** Permission to ask a partner for a code, for the next 60 seconds. */
export interface PartnerRequest {
  readonly redemption_id: string;
  /** Null where the partner wants no questions and sends its codes as events. */
  readonly url: string | null;
  /** Sealed secrets of the connection. Each makes a signature. */
  readonly secrets: readonly string[];
  /** How often the partner was asked, this time included. */
  readonly attempt: number;
  /** What the partner is told; never who the member is. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the partner's answer came to. */
export interface PartnerReply {
  /** `waiting`: not known yet, the partner is asked again. `failed`: too late or not usable, the points are back. */
  readonly outcome: "attached" | "refused" | "failed" | "waiting";
  readonly redemption: RedemptionRow;
  readonly codeCiphertext: string | null;
}

/** Asks for one code. Rejects when the database does not take the answer; the request can then be claimed again. */
export type AskPartner = (request: PartnerRequest) => Promise<PartnerReply>;

/** What asking needs from outside. */
export interface PartnerCodeDependencies {
  database: Database;
  sealer: Sealer;
  outbound: Outbound;
  now: () => Date;
  log: Log;
  /** How long a partner may take. Default: as long as {@link Outbound} allows. */
  timeoutMs?: number;
}

/** A partner's answer, understood. */
type Answer =
  | { kind: "code"; code: string; canonical: string; expiresAt: string | null }
  | { kind: "refusal"; reason: string }
  | Failure;

/** No code yet, and perhaps never. */
interface Failure {
  kind: "failure";
  reason: string;
  retryAfterSeconds: number | null;
}

/** The partner understood and says no: asking again would not help. */
const REFUSALS = [400, 401, 403, 404, 409, 410, 422];
const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;
const NOT_ASKED: Failure = { kind: "failure", reason: "partner sends codes by itself", retryAfterSeconds: null };

const codeAnswer = z.object({ code: z.string(), expires_at: z.unknown().optional() });

/** Makes the one piece that talks to partners' code services. */
export function createPartnerCodes(dependencies: PartnerCodeDependencies): AskPartner {
  return async (request) => {
    if (request.url === null) return recordFailure(request, NOT_ASKED, null, dependencies);
    const started = dependencies.now().getTime();
    const answer = await ask(request, request.url, dependencies);
    const durationMs = dependencies.now().getTime() - started;
    const { kind } = answer;
    dependencies.log(kind === "code" ? "info" : "warn", "partner asked for a code", {
      redemption_id: request.redemption_id,
      attempt: request.attempt,
      answer: kind,
      reason: kind === "code" ? null : answer.reason,
    });
    switch (kind) {
      case "code":
        return recordCode(request, answer, durationMs, dependencies);
      case "refusal":
        return recordRefusal(request, answer.reason, dependencies);
      case "failure":
        return recordFailure(request, answer, durationMs, dependencies);
    }
  };
}

async function ask(request: PartnerRequest, url: string, dependencies: PartnerCodeDependencies): Promise<Answer> {
  const { sealer, outbound, now, timeoutMs } = dependencies;
  const { redemption_id: redemptionId } = request;
  let secrets: string[];
  try {
    secrets = await Promise.all(request.secrets.map((secret) => sealer.open("secret", secret)));
  } catch (error) {
    return { kind: "failure", reason: reasonOf(error), retryAfterSeconds: null };
  }
  const at = now();
  const body = JSON.stringify({ type: "code.requested", timestamp: at.toISOString(), data: request.body });
  const result = await outbound.post({
    url,
    headers: {
      ...signatureHeaders(secrets, redemptionId, at, body),
      "content-type": "application/json",
      "idempotency-key": redemptionId,
    },
    body,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return understand(result, now());
}

/** Only a usable code and a clear no are answers. After everything else the partner may have made a code, or not. */
function understand(result: OutboundResult, now: Date): Answer {
  if (result.kind !== "answered") return { kind: "failure", reason: result.reason, retryAfterSeconds: null };
  const { status, headers, body, isCut } = result;
  if (REFUSALS.includes(status)) return { kind: "refusal", reason: `partner answered ${status}` };
  if (status !== 200 && status !== 201) {
    return {
      kind: "failure",
      reason: `partner answered ${status}`,
      retryAfterSeconds: retryAfterSeconds(headers.get("retry-after"), now),
    };
  }
  const code = isCut ? undefined : codeOf(body, now);
  return (
    code ?? { kind: "failure", reason: `partner answered ${status} without a usable code`, retryAfterSeconds: null }
  );
}

/** Undefined where there is none, or one that could be mistaken for ours. */
function codeOf(body: string, now: Date): Answer | undefined {
  const answer = codeAnswer.safeParse(parse(body));
  if (!answer.success) return undefined;
  const code = cleanCode(answer.data.code);
  const read = readCode(code);
  if (read.kind !== "foreign" || !isPrintable(code)) return undefined;
  const expiresAt = moment.safeParse(answer.data.expires_at);
  const isInFuture = expiresAt.success && new Date(expiresAt.data) > now;
  return { kind: "code", code, canonical: read.canonical, expiresAt: isInFuture ? expiresAt.data : null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date, as in RFC 9110; null where it is neither. */
function retryAfterSeconds(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? "";
  const untilDate = () => Math.ceil((Date.parse(text) - now.getTime()) / 1000);
  const seconds = /^\d+$/u.test(text) ? Number(text) : text.endsWith(" GMT") ? untilDate() : Number.NaN;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}

interface RecordedCode extends SealedRedemption {
  readonly outcome: "attached" | "repeated" | "conflict" | "ended" | "duplicate";
}

async function recordCode(
  { redemption_id }: PartnerRequest,
  { code, canonical, expiresAt }: Extract<Answer, { kind: "code" }>,
  duration_ms: number,
  { database, sealer, log }: PartnerCodeDependencies,
): Promise<PartnerReply> {
  const recorded: RecordedCode = await database.call("record_partner_code", {
    redemption_id,
    code_hash: await sealer.codeHash(canonical),
    code_ciphertext: await sealer.seal("code", code),
    code_expires_at: expiresAt,
    duration_ms,
  });
  const { outcome, redemption, code_ciphertext: codeCiphertext } = recorded;
  if (outcome !== "attached" && outcome !== "repeated") {
    log("warn", "a partner's code was not taken", { redemption_id, outcome });
  }
  const isLost = outcome === "ended" || outcome === "duplicate";
  return { outcome: isLost ? "failed" : "attached", redemption, codeCiphertext };
}

async function recordRefusal(
  { redemption_id }: PartnerRequest,
  reason: string,
  { database }: PartnerCodeDependencies,
): Promise<PartnerReply> {
  const { redemption }: Pick<SealedRedemption, "redemption"> = await database.call("record_partner_refusal", {
    redemption_id,
    reason,
  });
  return { outcome: "refused", redemption, codeCiphertext: null };
}

async function recordFailure(
  { redemption_id }: PartnerRequest,
  { reason, retryAfterSeconds: retry_after_seconds }: Failure,
  duration_ms: number | null,
  { database }: PartnerCodeDependencies,
): Promise<PartnerReply> {
  const { redemption }: Pick<SealedRedemption, "redemption"> = await database.call("record_partner_failure", {
    redemption_id,
    error: reason,
    retry_after_seconds,
    duration_ms,
  });
  return { outcome: redemption.status === "failed" ? "failed" : "waiting", redemption, codeCiphertext: null };
}
