import { useCanGoBack, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslations } from "use-intl";

interface PageProps {
  readonly title: string;
  /** Shows an arrow back, for screens that the navigation does not lead to. */
  readonly hasBack?: boolean;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its one heading, which is the tab's title, too, and what stands below it. */
export function Page({ title, hasBack = false, actions, children }: PageProps) {
  const t = useTranslations("app");
  const router = useRouter();
  // whoever comes by a link in a mail has nothing behind them
  const canGoBack = useCanGoBack();
  const goBack = () => (canGoBack ? router.history.back() : void router.navigate({ to: "/" }));
  useEffect(() => {
    document.title = `${title} · ${t("name")}`;
  }, [title, t]);
  return (
    <>
      <header className="page-head">
        {hasBack && (
          <button type="button" className="icon-button" aria-label={t("back")} onClick={goBack}>
            ←
          </button>
        )}
        <h1>{title}</h1>
        {actions}
      </header>
      {children}
    </>
  );
}
