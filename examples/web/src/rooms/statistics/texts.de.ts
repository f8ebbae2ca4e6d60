import type en from "./texts.en.ts";

export default {
  leaderboard: "Rangliste",
  period_of: "Zeitraum",
  period: { week: "Diese Woche", month: "Dieser Monat", year: "Dieses Jahr", all: "Insgesamt" },
  nobody: "Hier hat noch niemand Punkte bekommen. Mach den Anfang!",
  how: "Gezählt werden Punkte fürs Helfen, eine Minute nachdem sie ankommen. In der Liste steht nur, wer zugestimmt hat.",
  rank: "{rank, number}.",
  you: "{name} (du)",
  helped: "{count, plural, one {einmal} other {#-mal}} geholfen",
  points: "{points, plural, one {# Punkt} other {# Punkte}}",
  hidden: "Deinen Platz siehst hier nur du. Sollen ihn auch andere sehen?",
  show_me: "Mich zeigen",
} satisfies typeof en;
