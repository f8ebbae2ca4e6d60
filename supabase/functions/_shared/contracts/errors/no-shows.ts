/**
 * What is refused when somebody does not come. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of stepping back, of replacing a helper, and of what is said and decided about a no-show. */
export const NO_SHOW_ERRORS = {
  task_not_releasable: {
    status: 409,
    en: "You can't step back from this task any more.",
    de: "Du kannst diese Aufgabe nicht mehr abgeben.",
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
} as const;
