import type en from "./texts.en.ts";

export default {
  name: "Nachbarschaftshilfe",
  skip: "Zum Inhalt",
  navigation: "Hauptnavigation",
  nearby: "In der Nähe",
  my_tasks: "Meine",
  inbox: "Eingang",
  rewards: "Prämien",
  me: "Ich",
  loading: "Lädt …",
  offline:
    "Du bist offline. Was du siehst, kann veraltet sein; was du tust, geht hinaus, sobald du wieder verbunden bist.",
  new_version: "Es gibt eine neue Version der App.",
  reload: "Neu laden",
  retry: "Noch einmal versuchen",
  problem: "Das hat nicht geklappt",
  unknown_problem: "In der App ist etwas schiefgegangen. Bitte versuche es noch einmal.",
  not_found: "Diese Seite gibt es nicht.",
  home: "Zum Anfang",
  close: "Schließen",
  cancel: "Abbrechen",
  save: "Speichern",
  saved: "Gespeichert.",
  more: "Mehr zeigen",
  back: "Zurück",
  optional: "freiwillig",
} satisfies typeof en;
