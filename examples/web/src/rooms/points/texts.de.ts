import type en from "./texts.en.ts";

export default {
  title: "Meine Punkte",
  amount: "{points, plural, one {# Punkt} other {# Punkte}}",
  balance: "Du hast",
  earned: "Bisher verdient",
  spent: "Bisher ausgegeben",
  explanation: "Punkte bekommst du fürs Helfen. Sie verfallen nicht, und nur du siehst, wie viele du hast.",
  to_rewards: "Prämien ansehen",
  to_redemptions: "Meine Codes",
  history: "Was geschehen ist",
  empty: "Noch nichts. Hilf in der Nachbarschaft: Deine ersten Punkte kommen, sobald die Hilfe bestätigt ist.",
  balance_after: "danach {points, plural, one {# Punkt} other {# Punkte}}",
  types: {
    task_completed: "Danke fürs Helfen",
    task_hold: "Zurückgelegt für deine Aufgabe",
    redemption: "Gegen eine Prämie getauscht",
    bonus: "Willkommensgeschenk",
    refund_of_task: "Zurück von deiner Aufgabe",
    refund_of_redemption: "Zurück von einer Prämie",
    admin_adjustment: "Von der Gemeinschaft berichtigt",
  },
} satisfies typeof en;
