import { ILLNESSES, type Illness } from "./illnesses.ts";
import type { Patient } from "./patient.ts";

/** How something is: fine, to be looked at, ill, or nobody could say. */
export type Level = "fine" | "warning" | "problem" | "unasked";

/** A safe repair of one illness. */
export interface Repair {
  /** What would be done, in words that stand alone. */
  readonly title: string;
  /**
   * Does it.
   *
   * @returns what became of it.
   * @throws Error when the database refuses it.
   */
  run(patient: Patient): Promise<string>;
}

/** One line of the doctor's. */
export interface Finding {
  readonly level: Level;
  /** Undefined where nothing is wrong, or nobody could say. */
  readonly illness?: Illness;
  /** What was found, or why it could not be asked. */
  readonly says: string;
  /** The exact next command, or where to look. */
  readonly next?: string;
  readonly repairs?: readonly Repair[];
}

/** What a subject finds; an empty list is no answer, so that nobody takes silence for health. */
export type Findings = readonly [Finding, ...Finding[]];

/** What is right. */
export const fine = (says: string): Finding => ({ level: "fine", says });

/** What could not be asked, and why; never counted as fine. */
export const unasked = (says: string, next?: string): Finding => ({
  level: "unasked",
  says,
  ...(next === undefined ? {} : { next }),
});

/** What is wrong, and what to do next. */
export const ill = (illness: Illness, says: string, next: string, ...repairs: Repair[]): Finding => ({
  level: ILLNESSES[illness].level,
  illness,
  says,
  next,
  ...(repairs.length === 0 ? {} : { repairs }),
});

/** The findings, or that all is well when there are none. */
export const orFine = (findings: readonly Finding[], says: string): Findings => {
  const [first = fine(says), ...others] = findings;
  return [first, ...others];
};
