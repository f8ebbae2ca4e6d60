import { createSealer } from "../../../supabase/functions/_shared/sealing.ts";
import { createUnsubscribeTokens } from "../../../supabase/functions/_shared/unsubscribe-tokens.ts";
import { type Finding, type Findings, ill, orFine, unasked } from "../finding.ts";
import { reasonOf, type Variables } from "../patient.ts";
import type { DatabaseSubject } from "../subject.ts";

/** A key that something in the database is sealed with. */
export interface SealedFacts {
  readonly key_id: string;
  readonly texts: number;
}

/** Where the functions' secrets are when they are not here. */
export const ELSEWHERE = "the functions' secrets are not in this environment";
/** How to hand them over. */
export const HAND_OVER =
  "npm run doctor -- --secrets functions.env (npx supabase secrets list shows the names that a project has)";

const NAMES = ["SEALING_KEYS", "CODE_INDEX_KEY", "NOTIFICATION_SIGNING_KEY"];

export const secrets: DatabaseSubject = {
  name: "secrets",
  about: "the functions' keys, and whether they open what is sealed",
  async ask({ ask, patient: { secrets: variables } }) {
    const sealed = await ask<SealedFacts>("select key_id, texts from ops.sealing_keys order by key_id");
    if (NAMES.every((name) => !variables[name])) {
      return [
        unasked(`${ELSEWHERE}; needed are the sealing keys ${idsOf(sealed).join(", ") || "(none yet)"}`, HAND_OVER),
      ];
    }
    return judgeSecrets(variables, sealed);
  },
};

const idsOf = (sealed: readonly SealedFacts[]): string[] => sealed.map(({ key_id }) => key_id);

/** Whether the functions' keys are there, can be read, and open what the database holds. Never shows one. */
export async function judgeSecrets(variables: Variables, sealed: readonly SealedFacts[]): Promise<Findings> {
  const get = (name: string) => variables[name];
  const absent = NAMES.filter((name) => !get(name));
  const findings: Finding[] = absent.map((name) =>
    ill(
      "secret_missing",
      `${name} is not set`,
      "from where you keep the keys; npm run --silent functions:keys prints new ones",
    ),
  );
  const malformed = async (names: readonly string[], read: () => Promise<unknown>) => {
    if (names.some((name) => absent.includes(name))) return;
    await read().catch((error: unknown) => {
      findings.push(ill("secret_malformed", reasonOf(error), "set it as npm run --silent functions:keys prints it"));
    });
  };
  await malformed(["SEALING_KEYS", "CODE_INDEX_KEY"], () => createSealer(get));
  await malformed(["NOTIFICATION_SIGNING_KEY"], () => createUnsubscribeTokens(get));
  const held = (get("SEALING_KEYS") ?? "").split(",").map((pair) => pair.split(":")[0]?.trim());
  for (const { key_id, texts } of sealed.filter((one) => !held.includes(one.key_id))) {
    const says = `key ${key_id} is not in SEALING_KEYS, and ${texts} codes and secrets are sealed with it`;
    findings.push(
      ill(
        "sealing_key_missing",
        says,
        "append its id:key to SEALING_KEYS, from where you keep the keys, and deploy the functions",
      ),
    );
  }
  return orFine(findings, `all keys are there, and open what is sealed (${idsOf(sealed).join(", ") || "nothing yet"})`);
}
