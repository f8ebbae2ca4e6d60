import form from "./form-texts.de.ts";
import type en from "./texts.en.ts";

export default {
  form,
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
