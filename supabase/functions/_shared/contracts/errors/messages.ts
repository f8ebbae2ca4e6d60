/**
 * What the database refuses members who write to each other. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of the messages room. */
export const MESSAGE_ERRORS = {
  message_not_found: {
    status: 404,
    en: "We can't find this message.",
    de: "Wir finden diese Nachricht nicht.",
  },
  conversation_closed: {
    status: 409,
    en: "You can't write here any more.",
    de: "Hier lässt sich nicht mehr schreiben.",
  },
  message_final: {
    status: 409,
    en: "A message can only be deleted in the first 15 minutes.",
    de: "Eine Nachricht lässt sich nur in den ersten 15 Minuten löschen.",
  },
  message_limit_reached: {
    status: 429,
    en: "You are writing very fast. Please wait a moment.",
    de: "Du schreibst gerade sehr schnell. Bitte warte einen Moment.",
  },
  conversation_limit_reached: {
    status: 429,
    en: "You have written a lot here. Please wait a moment.",
    de: "Du hast hier gerade sehr viel geschrieben. Bitte warte einen Moment.",
  },
} as const;
