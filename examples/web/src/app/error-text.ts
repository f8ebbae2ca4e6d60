import { ApiError, authErrorText } from "@neighbourhood-help/client";
import { AuthError } from "@supabase/supabase-js";
import { useTranslations } from "use-intl";
import { useLanguage } from "../texts/language.tsx";

/** What to tell people of an error: of the backend by its slug, of Supabase Auth by its code, of the app itself in general. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations("app");
  const { language } = useLanguage();
  return (error) => {
    if (error instanceof ApiError) return error.text(language);
    if (error instanceof AuthError) return authErrorText(error, language);
    return t("unknown_problem");
  };
}
