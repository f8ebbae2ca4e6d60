import { useTranslations } from "use-intl";
import { useLanguage } from "../../texts/language.tsx";

const NAMES = { de: "Deutsch", en: "English" } as const;
/** The languages of the app, each with its own name. */
export const LANGUAGE_NAMES = Object.entries(NAMES) as ["de" | "en", string][];

/** Shows the app in another language, on this device. */
export function LanguageSwitch() {
  const t = useTranslations("users");
  const { language, choose } = useLanguage();
  return (
    <fieldset className="language-switch" aria-label={t("language")}>
      {LANGUAGE_NAMES.map(([code, name]) => (
        <button
          key={code}
          type="button"
          lang={code}
          className="button"
          aria-pressed={code === language}
          onClick={() => choose(code)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
