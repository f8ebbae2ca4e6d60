/**
 * What the database refuses about the times of tasks and offers made before a change. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors about times of tasks and outdated offers. */
export const TASK_ERRORS = {
  starts_at_in_past: {
    status: 400,
    en: "This start has passed. Please choose a later one.",
    de: "Dieser Beginn ist schon vorbei. Bitte wähle einen späteren.",
  },
  starts_at_too_far: {
    status: 400,
    en: "Please choose a start within the next year.",
    de: "Bitte wähle einen Beginn innerhalb des nächsten Jahres.",
  },
  ends_at_invalid: {
    status: 400,
    en: "The end must come after the start, by 31 days at most.",
    de: "Das Ende muss nach dem Beginn liegen, höchstens 31 Tage.",
  },
  offer_outdated: {
    status: 409,
    en: "The task was changed after this offer. It has to be renewed first.",
    de: "Die Aufgabe wurde nach diesem Angebot geändert. Es muss zuerst erneuert werden.",
  },
} as const;
