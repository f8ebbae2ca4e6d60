/**
 * What the database refuses about times of tasks, offers made before a change, helpers who did not come, and contact data.
 * Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors between an offer and the end of its task. */
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
  helper_not_replaceable: {
    status: 409,
    en: "Nobody is helping with this task at the moment.",
    de: "Bei dieser Aufgabe hilft gerade niemand.",
  },
  helper_not_overdue: {
    status: 409,
    en: "Please give your helper some more time.",
    de: "Bitte gib deiner Hilfe noch etwas Zeit.",
  },
  no_show_not_found: {
    status: 404,
    en: "We can't find this no-show.",
    de: "Diesen Eintrag finden wir nicht.",
  },
  no_show_already_contested: {
    status: 409,
    en: "You have said something about this already.",
    de: "Dazu hast du schon etwas gesagt.",
  },
  no_show_decided: {
    status: 409,
    en: "This has been decided already.",
    de: "Darüber ist schon entschieden.",
  },
  phone_sharing_invalid: {
    status: 400,
    en: "Please choose who may see your phone number.",
    de: "Bitte wähle, wer deine Telefonnummer sehen darf.",
  },
  contact_not_open: {
    status: 409,
    en: "Contact data is shown from the acceptance until 14 days after the help.",
    de: "Kontaktdaten gibt es ab der Zusage bis 14 Tage nach der Hilfe.",
  },
  phone_number_not_shared: {
    status: 409,
    en: "This neighbour doesn't show a phone number.",
    de: "Dieses Mitglied zeigt keine Telefonnummer.",
  },
  phone_sharing_is_off: {
    status: 409,
    en: "Your settings say never to show your phone number.",
    de: "Nach deinen Einstellungen wird deine Telefonnummer nie gezeigt.",
  },
  phone_number_missing: {
    status: 409,
    en: "Please add your phone number first.",
    de: "Bitte trage zuerst deine Telefonnummer ein.",
  },
} as const;
