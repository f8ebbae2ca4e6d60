import type { Alert } from "./alerts.ts";
import type { Findings } from "./finding.ts";
import type { Ask, DatabaseKind, Patient } from "./patient.ts";

/** What a subject works with. */
export interface Examination {
  readonly patient: Patient;
  readonly kind: DatabaseKind;
  readonly ask: Ask;
  /** What monitoring says, read once in a visit. */
  readonly alerts: () => Promise<readonly Alert[]>;
  /** Names of the subjects before this one that are ill. */
  readonly found: ReadonlySet<string>;
}

interface About {
  /** For `--only`, and the title of its lines. */
  readonly name: string;
  /** What is looked at, for `--help`. */
  readonly about: string;
}

/** Looked at without the database, or before it is known to answer. */
export interface FirstSubject extends About {
  readonly examine: (patient: Patient) => Findings | Promise<Findings>;
}

/** Asked of the database; an error of the database says why it could not be asked. */
export interface DatabaseSubject extends About {
  /** Why the embedded database has nothing to say. */
  readonly notEmbedded?: string;
  readonly ask: (examination: Examination) => Promise<Findings>;
}

/** One part of the examination. */
export type Subject = FirstSubject | DatabaseSubject;
