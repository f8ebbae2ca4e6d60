import { ApiError } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useErrorText } from "../../app/error-text.ts";
import { Button } from "../../components/button.tsx";
import type { Unsent, useOutbox } from "./outbox.ts";

/** A message on its way, or what to do with one that did not arrive. */
export function UnsentMessage({ unsent, outbox }: { unsent: Unsent; outbox: ReturnType<typeof useOutbox> }) {
  const t = useTranslations("messages");
  const format = useFormatter();
  const errorText = useErrorText();
  const { draft, state, error, failedAt } = unsent;
  const seconds = error instanceof ApiError ? error.retryAfter : null;
  return (
    <>
      <p className="as-written">{draft.body}</p>
      {state === "failed" ? (
        <>
          <p role="alert" className="field-error">
            {t("not_sent")} {errorText(error)}{" "}
            {seconds !== null &&
              t("can_again", { time: format.dateTime(new Date(failedAt + seconds * 1000), { timeStyle: "medium" }) })}
          </p>
          <div className="button-row">
            <Button onClick={() => outbox.sendAgain(draft)}>{t("send_again")}</Button>
            <Button onClick={() => outbox.discard(draft)}>{t("discard")}</Button>
          </div>
        </>
      ) : (
        <span className="quiet">{t(state)}</span>
      )}
    </>
  );
}
