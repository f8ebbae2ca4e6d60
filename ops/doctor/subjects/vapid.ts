import { createECDH } from "node:crypto";
import { readVapidSettings } from "../../../supabase/functions/send-notifications/vapid.ts";
import { type Findings, fine, ill, unasked } from "../finding.ts";
import { reasonOf, type Variables } from "../patient.ts";
import type { FirstSubject } from "../subject.ts";
import { ELSEWHERE, HAND_OVER } from "./secrets.ts";

export const vapid: FirstSubject = {
  name: "vapid",
  about: "whether the keys of push messages can be read and are a pair",
  examine: ({ secrets }) => judgeVapid(secrets),
};

/** Whether push messages can be signed so that browsers take them. */
export function judgeVapid(secrets: Variables): Findings {
  try {
    const settings = readVapidSettings((name) => secrets[name]);
    if (settings === undefined) {
      if (!secrets["SEALING_KEYS"]) return [unasked(ELSEWHERE, HAND_OVER)];
      return [
        ill(
          "push_off",
          "VAPID_PUBLIC_KEY is not set: push messages wait in the outbox for three days",
          "npm run --silent functions:keys prints both keys; set VAPID_SUBJECT, too",
        ),
      ];
    }
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(settings.privateKey, "base64url");
    if (pair.getPublicKey("base64url") === settings.publicKey.replace(/=+$/u, ""))
      return [fine("the keys are a pair, and sign")];
    return [
      ill(
        "vapid_pair_differs",
        "VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY: every push is refused",
        "set both from where you keep the keys; with new ones every browser has to subscribe anew",
      ),
    ];
  } catch (error) {
    return [
      ill(
        "vapid_malformed",
        reasonOf(error),
        "set VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY as npm run --silent functions:keys prints them, VAPID_SUBJECT as mailto:…",
      ),
    ];
  }
}
