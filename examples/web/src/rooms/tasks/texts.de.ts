import form from "./form-texts.de.ts";
import mine from "./mine/texts.de.ts";
import page from "./page/texts.de.ts";
import type en from "./texts.en.ts";

export default {
  form,
  mine,
  page,
  points: "{points, plural, one {# Punkt} other {# Punkte}}",
  status: {
    open: "Offen",
    assigned: "Vergeben",
    in_progress: "In Arbeit",
    pending_confirmation: "Wartet auf Bestätigung",
    completed: "Erledigt",
    cancelled: "Abgesagt",
    expired: "Abgelaufen",
    archived: "Archiviert",
  },
} satisfies typeof en;
