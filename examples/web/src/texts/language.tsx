import type { Language } from "@neighbourhood-help/client";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { IntlProvider } from "use-intl";
import type { Texts } from "./en.ts";

/** How dates and numbers are written. */
const LOCALES = { de: "de", en: "en-GB" } as const;
const STORED = "language";
const load: Readonly<Record<Language, () => Promise<{ readonly default: Texts }>>> = {
  de: () => import("./de.ts"),
  en: () => import("./en.ts"),
};

interface LanguageChoice {
  readonly language: Language;
  /** Shows the app in this language, on this device from now on. */
  choose(language: Language): void;
}

const LanguageContext = createContext<LanguageChoice | undefined>(undefined);

/** The language of this device: as chosen, or as the browser prefers. */
function languageOfDevice(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "de" || stored === "en") return stored;
  return navigator.language.startsWith("de") ? "de" : "en";
}

const loaded = new Map<Language, Texts>();

/** Loads the texts of this language, of this device's unless another one is named. */
export async function loadTexts(language: Language = languageOfDevice()): Promise<Texts> {
  const { default: texts } = await load[language]();
  loaded.set(language, texts);
  return texts;
}

/** Gives the screens their texts. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(languageOfDevice);
  const [texts, setTexts] = useState(loaded.get(language));
  useEffect(() => {
    let isCurrent = true;
    document.documentElement.lang = language;
    document.querySelector("link[rel=manifest]")?.setAttribute("href", `/${language}.webmanifest`);
    void loadTexts(language).then((found) => isCurrent && setTexts(found));
    return () => {
      isCurrent = false;
    };
  }, [language]);
  if (texts === undefined) return null;
  const choose = (next: Language) => {
    localStorage.setItem(STORED, next);
    setLanguage(next);
  };
  return (
    <LanguageContext value={{ language, choose }}>
      <IntlProvider
        locale={LOCALES[language]}
        messages={texts}
        timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
      >
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}

/** The language on the screen, and how to change it. */
export function useLanguage(): LanguageChoice {
  const choice = use(LanguageContext);
  if (choice === undefined) throw new Error("used outside of <LanguageProvider>");
  return choice;
}
