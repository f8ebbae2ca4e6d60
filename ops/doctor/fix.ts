import { isAgreed } from "../../dev/commands/ask.ts";
import { codeOf } from "../core/explain.ts";
import type { SubjectReport } from "./examine.ts";
import type { Repair } from "./finding.ts";
import { type Patient, reasonOf } from "./patient.ts";

/** How repairs are agreed to: at the terminal, all of them, or none. */
export type Consent = "ask" | "yes" | "dry-run";

/** What became of one repair. */
export interface Repaired {
  readonly subject: string;
  readonly title: string;
  readonly outcome: string;
}

/**
 * Offers the repairs one by one. One that the database refuses does not stop the others.
 *
 * @param say gets a line for each.
 */
export async function fix(
  patient: Patient,
  reports: readonly SubjectReport[],
  consent: Consent,
  say: (line: string) => void,
): Promise<readonly Repaired[]> {
  const offers = reports.flatMap(({ subject, findings }) =>
    findings.flatMap(({ repairs = [] }) => repairs.map((repair) => ({ subject, repair }))),
  );
  const repaired: Repaired[] = [];
  for (const { subject, repair } of offers) {
    const outcome = await offer(patient, repair, consent);
    say(`${subject}: ${repair.title} – ${outcome}`);
    repaired.push({ subject, title: repair.title, outcome });
  }
  return repaired;
}

async function offer(patient: Patient, repair: Repair, consent: Consent): Promise<string> {
  if (consent === "dry-run") return "would be done";
  if (consent === "ask" && !(await isAgreed(`${repair.title}?`))) return "left as it is";
  try {
    return await repair.run(patient);
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return `refused: ${reasonOf(error)} (${codeOf(error)})`;
  }
}
