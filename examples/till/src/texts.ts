const en = {
  title: "Till",
  language: "Deutsch",
  offline: "This till is offline. Codes cannot be checked until it is connected again.",
  code: "Code",
  code_hint: "Scan it, or type it and press Enter. Spaces, dashes and small letters do not matter.",
  check: "Check",
  scan: "Scan with the camera",
  stop_scanning: "Stop the camera",
  no_camera: "The camera cannot be used. Please allow it for this page, or type the code.",
  checking: "Checking …",
  taking: "Taking the code …",
  valid: "This code is good",
  valid_until: "Valid until {moment}",
  take: "Take the code",
  give_back: "Give the points back",
  give_back_question: "Give the points back? The code will be void. Do this when you cannot hand out what it is for.",
  give_back_reason: "Not available in the shop",
  keep: "No, go back",
  used: "Done: give the discount",
  used_before: "Done already: this is the same sale",
  receipt: "Receipt number",
  test_code: "A code to try with: give nothing.",
  given_back: "The points are back with the member. The code is void.",
  next: "Next code",
  refused: "Give nothing",
  own_sale: "This till has just taken it, with receipt number {reference}.",
  other_sale: "Used on {moment}, receipt number {reference}.",
  wait: "In {seconds} seconds it goes on. Another till can take codes meanwhile.",
  call_for_help: "Please call whoever set up this till.",
  type_again: "Please type or scan it again: a character is wrong, missing or too much.",
  lost: "No answer yet",
  lost_use:
    "It is not known whether the code was taken. Try again before you give the discount: it counts as the same sale.",
  lost_check: "Nothing was taken. Please try again.",
  retry: "Try again",
  free_item: "Free",
};

const de: typeof en = {
  title: "Kasse",
  language: "English",
  offline: "Diese Kasse ist offline. Codes lassen sich erst prüfen, wenn sie wieder verbunden ist.",
  code: "Code",
  code_hint:
    "Scannen, oder eintippen und die Eingabetaste drücken. Leerzeichen, Striche und Kleinbuchstaben stören nicht.",
  check: "Prüfen",
  scan: "Mit der Kamera scannen",
  stop_scanning: "Kamera ausschalten",
  no_camera: "Die Kamera lässt sich nicht benutzen. Bitte erlaube sie für diese Seite, oder tippe den Code ein.",
  checking: "Wird geprüft …",
  taking: "Wird angenommen …",
  valid: "Dieser Code gilt",
  valid_until: "Gültig bis {moment}",
  take: "Code annehmen",
  give_back: "Punkte zurückgeben",
  give_back_question:
    "Punkte zurückgeben? Der Code ist danach ungültig. Das ist richtig, wenn es nicht gibt, wofür er gilt.",
  give_back_reason: "Im Laden nicht vorrätig",
  keep: "Nein, zurück",
  used: "Fertig: gib den Rabatt",
  used_before: "Schon fertig: das ist derselbe Verkauf",
  receipt: "Belegnummer",
  test_code: "Ein Code zum Ausprobieren: gib nichts heraus.",
  given_back: "Die Punkte sind wieder beim Mitglied. Der Code ist ungültig.",
  next: "Nächster Code",
  refused: "Gib nichts heraus",
  own_sale: "Diese Kasse hat ihn gerade angenommen, mit der Belegnummer {reference}.",
  other_sale: "Benutzt am {moment}, Belegnummer {reference}.",
  wait: "In {seconds} Sekunden geht es weiter. Eine andere Kasse kann solange Codes annehmen.",
  call_for_help: "Bitte ruf an, wer diese Kasse eingerichtet hat.",
  type_again: "Bitte tippe oder scanne ihn noch einmal: ein Zeichen ist falsch, fehlt oder ist zu viel.",
  lost: "Noch keine Antwort",
  lost_use:
    "Es ist nicht bekannt, ob der Code angenommen wurde. Versuche es noch einmal, bevor du den Rabatt gibst: es zählt als derselbe Verkauf.",
  lost_check: "Es wurde nichts angenommen. Bitte versuche es noch einmal.",
  retry: "Noch einmal versuchen",
  free_item: "Gratis",
};

/** The languages of the till. */
export type Language = "de" | "en";
/** Name of a text. */
export type TextName = keyof typeof en;

const texts: Readonly<Record<Language, typeof en>> = { en, de };
const STORED = "language";
const stored = localStorage.getItem(STORED);
let chosen: Language = stored === "de" || (stored === null && navigator.language.startsWith("de")) ? "de" : "en";

/** The language on the screen. */
export const language = (): Language => chosen;

/** Changes to the other language, on this till from now on. */
export function changeLanguage(): void {
  chosen = chosen === "de" ? "en" : "de";
  localStorage.setItem(STORED, chosen);
}

/** A text in the language on the screen; names in braces are replaced. */
export function text(name: TextName, values: Readonly<Record<string, string | number>> = {}): string {
  return texts[chosen][name].replaceAll(/\{(\w+)\}/gu, (_, value: string) => String(values[value]));
}

/** A moment as people write it. */
export function moment(at: string): string {
  return new Intl.DateTimeFormat(chosen, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}
