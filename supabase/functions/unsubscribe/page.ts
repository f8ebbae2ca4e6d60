/**
 * The pages behind an unsubscribe link, in German and English. They hold nothing about the member.
 *
 * @module
 */
import type { Locale } from "../_shared/contracts/errors.ts";

const WORDS = {
  de: {
    title: "E-Mails abbestellen",
    askAll: "Möchtest du keine E-Mails mehr von uns bekommen?",
    askType: "Möchtest du solche E-Mails nicht mehr bekommen?",
    button: "Abbestellen",
    doneAll: "Du bekommst keine E-Mails mehr von uns.",
    doneType: "Du bekommst solche E-Mails nicht mehr.",
    later: "In den Einstellungen der App kannst du das jederzeit ändern.",
    invalid: "Dieser Link ist nicht vollständig. Bitte kopiere ihn noch einmal aus der E-Mail.",
  },
  en: {
    title: "Stop e-mails",
    askAll: "Would you like to get no more e-mails from us?",
    askType: "Would you like to get no more e-mails like this?",
    button: "Stop them",
    doneAll: "You won't get any more e-mails from us.",
    doneType: "You won't get any more e-mails like this.",
    later: "You can change this in the app's settings at any time.",
    invalid: "This link isn't complete. Please copy it from the e-mail again.",
  },
} as const satisfies Record<Locale, Record<string, string>>;

/** The language a browser asks for first, of those we speak. */
export function languageOf(acceptLanguage: string | null): Locale {
  const first = /\b(?:de|en)\b/iu.exec(acceptLanguage ?? "")?.[0].toLowerCase();
  return first === "en" ? "en" : "de";
}

/** Asks before anything happens. The form goes to the page's own address, with its token. */
export function askPage(language: Locale, type: string | null): string {
  const { askAll, askType, button } = WORDS[language];
  return page(
    language,
    `<p>${type === null ? askAll : askType}</p>
<form method="post"><button name="List-Unsubscribe" value="One-Click">${button}</button></form>`,
  );
}

/** It is done. */
export function donePage(language: Locale, type: string | null): string {
  const { doneAll, doneType, later } = WORDS[language];
  return page(language, `<p>${type === null ? doneAll : doneType}</p>\n<p>${later}</p>`);
}

/** The link leads nowhere. */
export function invalidPage(language: Locale): string {
  return page(language, `<p>${WORDS[language].invalid}</p>`);
}

function page(language: Locale, body: string): string {
  const { title } = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { margin: 0 auto; padding: 48px 24px; max-width: 480px; font: 18px/1.5 sans-serif; color: #222; }
button { padding: 12px 24px; border: 0; border-radius: 8px; background: #0a6; color: #fff; font: inherit; cursor: pointer; }
</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}
