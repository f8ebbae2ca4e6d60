/**
 * What is refused in Studio. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of the database that only admins meet. */
export const ADMIN_ERRORS = {
  ledger_is_append_only: {
    status: 409,
    en: "The books are never changed. Correct points with ops.adjust_points.",
    de: "Die Bücher werden nie geändert. Korrigiere Punkte mit ops.adjust_points.",
  },
  balance_not_editable: {
    status: 409,
    en: "A balance can't be edited. Correct points with ops.adjust_points.",
    de: "Ein Punktestand lässt sich nicht ändern. Korrigiere Punkte mit ops.adjust_points.",
  },
  amount_invalid: {
    status: 400,
    en: "Please give an amount of points other than 0.",
    de: "Bitte gib eine Punktzahl an, die nicht 0 ist.",
  },
  job_not_found: {
    status: 404,
    en: "There is no such job. ops.jobs lists them.",
    de: "Diesen Job gibt es nicht. ops.jobs nennt alle.",
  },
  category_cycle: {
    status: 400,
    en: "A category can't be placed below itself.",
    de: "Eine Kategorie kann nicht unter sich selbst stehen.",
  },
  decision_invalid: {
    status: 400,
    en: "A no-show is either upheld or withdrawn.",
    de: "Ein Nichterscheinen wird bestätigt (upheld) oder zurückgenommen (withdrawn).",
  },
  backfill_refused: {
    status: 400,
    en: "This can't be filled. The detail says what is wrong with table, column or batch.",
    de: "Das lässt sich nicht füllen. Woran es liegt, an Tabelle, Spalte oder Stapel, steht dabei.",
  },
  backfill_under_way: {
    status: 409,
    en: "This column is being filled already. See ops.backfills.",
    de: "Diese Spalte wird schon gefüllt. Siehe ops.backfills.",
  },
  backfill_incomplete: {
    status: 409,
    en: "Some rows are left. The detail says why; call it again then.",
    de: "Einige Zeilen sind übrig. Warum, steht dabei; rufe es dann noch einmal auf.",
  },
} as const;
