import type { z } from "zod";
import type { redemption } from "../../../supabase/functions/partner/redemptions.ts";

/** A redemption as the partner API tells it, from the schema that it answers with. */
export type Redemption = z.output<typeof redemption>;

/** The till, and whether its key may give points back. */
export interface Till {
  readonly till: string;
  readonly shop: string;
  readonly can_cancel: boolean;
}

/** The API said no. */
export interface Refusal {
  readonly code: string;
  readonly detail?: { readonly used_at?: string; readonly till_reference?: string };
  /** Seconds until it may be asked again. */
  readonly wait?: number;
}

/** What came of a question: an answer, a refusal, or nothing that can be trusted: then it has to be asked again. */
export type Outcome<Answer> = { answer: Answer } | { refusal: Refusal } | "lost";

const PAUSES_MS = [500, 1500];
const PATIENCE_MS = 12_000;

/**
 * Asks until there is an answer, three times at most. Asking again is safe: a code is used once for each till reference, and
 * cancelling twice is cancelling once.
 */
async function ask<Answer>(path: string, body?: object): Promise<Outcome<Answer>> {
  for (const pause of [...PAUSES_MS, undefined]) {
    const outcome = await askOnce<Answer>(path, body);
    if (outcome !== "lost" || pause === undefined) return outcome;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return "lost";
}

async function askOnce<Answer>(path: string, body?: object): Promise<Outcome<Answer>> {
  try {
    const response = await fetch(path, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (response.status >= 500) return "lost";
    const json = await response.json();
    if (response.ok) return { answer: json };
    const wait = Number(response.headers.get("retry-after"));
    return { refusal: { ...json, ...(wait > 0 && { wait }) } };
  } catch {
    return "lost";
  }
}

export const till = () => ask<Till>("/api/till");
export const verify = (code: string) => ask<{ redemption: Redemption }>("/api/verify", { code });
export const use = (code: string, till_reference: string) =>
  ask<{ redemption: Redemption; is_repeat: boolean }>("/api/use", { code, till_reference });
export const cancel = (id: string, reason: string) => ask<Redemption>(`/api/redemptions/${id}/cancel`, { reason });
