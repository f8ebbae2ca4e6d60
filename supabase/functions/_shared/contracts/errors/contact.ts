/**
 * What the database refuses about contact data. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of what the two sides of a task show each other. */
export const CONTACT_ERRORS = {
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
