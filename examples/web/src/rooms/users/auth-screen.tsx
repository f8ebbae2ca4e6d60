import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Page } from "../../components/page.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import "./users.css";

/** A screen for people who are not signed in. */
export function AuthScreen({ title, children }: { title: string; children: ReactNode }) {
  const t = useTranslations("app");
  return (
    <main className="screen door">
      <header className="door-head">
        <p className="door-name">
          <img src="/icon.svg" alt="" width="32" height="32" />
          {t("name")}
        </p>
        <LanguageSwitch />
      </header>
      <Page title={title}>{children}</Page>
    </main>
  );
}
