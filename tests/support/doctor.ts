import { vi } from "vitest";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { examine, type SubjectReport } from "../../ops/doctor/examine.ts";
import type { Finding } from "../../ops/doctor/finding.ts";
import { type Consent, fix, type Repaired } from "../../ops/doctor/fix.ts";
import { meet, type PatientOptions } from "../../ops/doctor/patient.ts";
import { findAddress } from "../../ops/doctor/subjects/environment.ts";

/** What the doctor is told besides the address. */
export type Circumstances = Partial<Pick<PatientOptions, "secrets" | "limitSeconds" | "patience">>;

/** One visit: what was found, what was repaired, and what is found after that. */
export interface Visit {
  readonly reports: readonly SubjectReport[];
  readonly repaired: readonly Repaired[];
  /** Names of what is wrong, of the subjects asked for and of those that everything rests on. */
  readonly illnesses: readonly string[];
  readonly findings: readonly Finding[];
}

/** Sees the doctor with the database of an address; an empty one is none. */
export async function visit(
  url: string,
  only: readonly string[],
  circumstances: Circumstances = {},
  consent?: Consent,
): Promise<Visit> {
  vi.stubEnv("DATABASE_URL", url);
  const patient = meet({ ...findAddress(), secrets: {}, limitSeconds: 300, patience: 60, ...circumstances });
  try {
    const reports = await examine(patient, only);
    const repaired = consent === undefined ? [] : await fix(patient, reports, consent, () => undefined);
    const findings = reports.flatMap((report) => [...report.findings]);
    return { reports, repaired, findings, illnesses: findings.flatMap(({ illness = [] }) => illness) };
  } finally {
    await patient.close();
    vi.unstubAllEnvs();
  }
}

/** A client of the database that is about to do harm. */
export function openClient(url: string, applicationName = "till"): SqlSession {
  return openServerSession(url, { applicationName });
}
