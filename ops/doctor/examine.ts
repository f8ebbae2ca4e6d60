import { StackError } from "../../dev/base/stack-error.ts";
import { codeOf } from "../core/explain.ts";
import { type Alert, readAlerts } from "./alerts.ts";
import { type Findings, unasked } from "./finding.ts";
import { type Ask, type Patient, reasonOf } from "./patient.ts";
import type { DatabaseSubject, Subject } from "./subject.ts";
import { credentials } from "./subjects/credentials.ts";
import { FIRST_SUBJECTS, SUBJECTS } from "./subjects/index.ts";

/** What one subject found. */
export interface SubjectReport {
  readonly subject: string;
  readonly findings: Findings;
}

/**
 * Goes through the subjects in order. One that cannot be asked says why, and the next one is asked.
 *
 * @param only names of subjects; those that everything rests on are told besides when they are ill.
 * @param onReport gets each report as soon as it is there.
 */
export async function examine(
  patient: Patient,
  only: readonly string[],
  onReport: (report: SubjectReport) => void = () => undefined,
): Promise<readonly SubjectReport[]> {
  const reports: SubjectReport[] = [];
  const found = new Set<string>();
  let isAway = false;
  let alerts: Promise<readonly Alert[]> | undefined;
  const alertsOnce = (ask: Ask) => {
    alerts ??= readAlerts(ask);
    return alerts;
  };
  for (const subject of SUBJECTS) {
    const isWanted = only.length === 0 || only.includes(subject.name);
    const isFirst = FIRST_SUBJECTS.includes(subject);
    if (!isWanted && !isFirst) continue;
    const needs = "ask" in subject || isFirst;
    const findings: Findings =
      needs && isAway ? [unasked(NOT_REACHED)] : await findingsOf(subject, patient, found, alertsOnce);
    const report = { subject: subject.name, findings };
    // what does not speak our language would be waited for without end
    isAway ||= isFirst && subject !== credentials && isIll(report);
    if (report.findings.some(({ illness }) => illness !== undefined)) found.add(subject.name);
    if (!isWanted && !isIll(report)) continue;
    reports.push(report);
    onReport(report);
  }
  return reports;
}

type AlertsOnce = (ask: Ask) => Promise<readonly Alert[]>;

const NOT_REACHED = "not asked: the database was not reached";

const isIll = ({ findings }: SubjectReport): boolean => findings.some(({ level }) => level === "problem");

async function findingsOf(
  subject: Subject,
  patient: Patient,
  found: ReadonlySet<string>,
  alerts: AlertsOnce,
): Promise<Findings> {
  try {
    if ("examine" in subject) return await subject.examine(patient);
    return await askDatabase(subject, patient, found, alerts);
  } catch (error) {
    return [whyNot(error, subject.name, patient)];
  }
}

async function askDatabase(
  subject: DatabaseSubject,
  patient: Patient,
  found: ReadonlySet<string>,
  alerts: AlertsOnce,
): Promise<Findings> {
  const kind = await patient.connect().catch(() => undefined);
  if (kind === undefined) return [unasked(NOT_REACHED)];
  if (kind === "embedded" && subject.notEmbedded !== undefined) return [unasked(subject.notEmbedded)];
  return patient.inTransaction((ask) => subject.ask({ patient, kind, ask, found, alerts: () => alerts(ask) }));
}

/** What an error of the database says about the subject; a mistake of our own is none. */
function whyNot(error: unknown, subject: string, { patience }: Patient) {
  const reason = reasonOf(error);
  switch (codeOf(error)) {
    case "57014":
      return unasked(
        `not asked to the end: it takes more than ${patience} s here`,
        `npm run doctor -- --only ${subject} (takes its time)`,
      );
    case "55P03":
      return unasked(
        `not asked: somebody holds a lock on what it reads (${reason})`,
        "npm run doctor -- --only queries",
      );
    case "42501":
      return unasked(`not asked: this role may not (${reason})`, "ask as the owner of the tables");
    case "42P01":
    case "42703":
    case "42883":
    case "3F000":
      return unasked(`not asked: the database lacks it (${reason})`, "npm run db:push, when the migrations are behind");
    case "":
      if (!(error instanceof StackError)) throw error;
      return unasked(`not asked: ${reason}`);
    default:
      return unasked(`not asked: ${reason} (${codeOf(error)})`);
  }
}
