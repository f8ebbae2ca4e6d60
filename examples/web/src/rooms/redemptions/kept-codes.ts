import type { RedemptionWithCode } from "@neighbourhood-help/client";
import type { SupabaseClient } from "@supabase/supabase-js";

/** A code as it is kept, and when it was so. */
export interface KeptCode {
  readonly answer: RedemptionWithCode;
  readonly at: number;
}

const PREFIX = "redemption ";
const nameOf = (memberId: string, redemptionId: string): string => `${PREFIX}${memberId} ${redemptionId}`;

/** Keeps a code on the device while it can be used, so that it is there at a till without a network. */
export function keepCode(memberId: string, answer: RedemptionWithCode): void {
  const name = nameOf(memberId, answer.redemption.id);
  if (isUsable(answer)) localStorage.setItem(name, JSON.stringify({ answer, at: Date.now() } satisfies KeptCode));
  else localStorage.removeItem(name);
}

/** A code that was opened on this device before, as it was then. */
export function keptCode(memberId: string, redemptionId: string): KeptCode | undefined {
  const name = nameOf(memberId, redemptionId);
  const text = localStorage.getItem(name);
  if (text === null) return undefined;
  const kept = JSON.parse(text) as KeptCode;
  if (isUsable(kept.answer)) return kept;
  localStorage.removeItem(name);
  return undefined;
}

/** Whoever has the device next must not find a code on it. */
export function forgetCodesOnSignOut(supabase: SupabaseClient): () => void {
  const { data } = supabase.auth.onAuthStateChange((event) => {
    if (event !== "SIGNED_OUT") return;
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  });
  return () => data.subscription.unsubscribe();
}

function isUsable({ redemption }: RedemptionWithCode): boolean {
  return redemption.status === "active" && new Date(redemption.expires_at) > new Date();
}
