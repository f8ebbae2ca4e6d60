import type en from "./texts.en.ts";

export default {
  title: "Meine Aufgaben",
  lists: "Welche meiner Aufgaben",
  tabs: { creator: "Ich suche", helper: "Ich helfe", offers: "Angeboten" },
  filter: "Zeige",
  all: "alle",
  your_turn: "Du bist dran",
  all_of_them: "Alle",
  new_task: "Um Hilfe bitten",
  empty: {
    creator: "Hier hast du um nichts gebeten.",
    helper: "Hier wurdest du für nichts gewählt.",
    offers: "Hier hast du keine Hilfe angeboten.",
  },
  find: "Nachsehen, was in der Nähe gebraucht wird",
  turn: {
    confirm: "Bitte bestätigen",
    choose: "{count, plural, one {Ein Angebot zur Wahl} other {# Angebote zur Wahl}}",
    start: "Du wirst erwartet",
    finish: "Sag, wenn du fertig bist",
    renew: "Wurde geändert: Angebot erneuern",
  },
  offer_status: {
    pending: "Angeboten",
    accepted: "Du wurdest gewählt",
    not_chosen: "Nicht gewählt",
    declined: "Abgelehnt",
    withdrawn: "Zurückgezogen",
  },
  hidden_task: "Eine Aufgabe, die du nicht mehr sehen kannst",
} satisfies typeof en;
