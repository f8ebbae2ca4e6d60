import type en from "./texts.en.ts";

export default {
  home_title: "Aufgaben in der Nähe",
} satisfies typeof en;
