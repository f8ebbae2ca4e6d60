import type en from "./texts.en.ts";

export default {
  welcome_title: "Nachbarn helfen einander",
  email: "E-Mail-Adresse",
  password: "Passwort",
  sign_in: "Anmelden",
  no_ratings: "Noch keine Bewertungen",
  rating: "{average, number, ::.0} von 5 ({count, plural, one {# Bewertung} other {# Bewertungen}})",
} satisfies typeof en;
