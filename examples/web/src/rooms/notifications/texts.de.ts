import type en from "./texts.en.ts";

export default {
  title: "Eingang",
  none: "Noch nichts. Hier erfährst du, was sich bei deinen Aufgaben tut.",
  mark_all: "Alles als gelesen markieren",
  unread: "Neu:",
  settings: "Was du erfährst",
} satisfies typeof en;
