import type en from "./texts.en.ts";

export default {
  title: "Bewertungen",
  about: "Wie war es mit {name}?",
  stars: "{count, plural, one {# Stern} other {# Sterne}}",
  comment: "Ein paar Worte",
  comment_hint: "Alle Mitglieder können sie später lesen.",
  blind: "Keiner von euch sieht die Bewertung des anderen, bevor beide bewertet haben oder 7 Tage vorbei sind.",
  rate: "Bewerten",
  choose: "Bitte wähle einen bis fünf Sterne.",
  yours: "Deine Bewertung",
  theirs: "{name} über dich",
  hidden: "{name} sieht sie, wenn ihr beide bewertet habt, oder nach 7 Tagen.",
  theirs_later:
    "Was {name} über dich sagt, siehst du, wenn ihr beide bewertet habt, oder 7 Tage, nachdem es gesagt wurde.",
  change: "Ändern",
  withdraw: "Meine Worte zurücknehmen",
  withdraw_explained: "Die Sterne bleiben, deine Worte verschwinden. Das lässt sich nicht rückgängig machen.",
  over: "Die Zeit für Bewertungen ist vorbei.",
} satisfies typeof en;
