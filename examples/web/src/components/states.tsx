import { type UseQueryResult, useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useErrorText } from "../app/error-text.ts";
import { Button } from "./button.tsx";

/** Waiting, for longer than a blink; screen readers say it. */
export function Loading() {
  const t = useTranslations("app");
  return (
    <p role="status" className="loading">
      {t("loading")}
    </p>
  );
}

/** What went wrong in a part of a screen, and a way to try again. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations("app");
  const errorText = useErrorText();
  return (
    <div role="alert" className="problem">
      <p>{errorText(error)}</p>
      {onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    </div>
  );
}

/** Nothing to show here, and why. */
export function Empty({ children }: { children: ReactNode }) {
  return <div className="empty">{children}</div>;
}

/** A query's data, or that it is on its way, or why it does not come. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data, unknown>;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}

/** A screen that failed as a whole. */
export function ScreenError({ error }: ErrorComponentProps) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="screen">
      <Problem error={error} onRetry={retry} />
    </div>
  );
}

/** No screen has this address. */
export function NotFound() {
  const t = useTranslations("app");
  return (
    <div className="screen">
      <h1>{t("not_found")}</h1>
      <Link to="/">{t("home")}</Link>
    </div>
  );
}
