import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";

/** A mail is on its way. The same whether the address is known here or not: that is nobody's business. */
export function LookIntoMailbox({ email, onAgain }: { email: string; onAgain: () => void }) {
  const t = useTranslations("users");
  const text = useRef<HTMLParagraphElement>(null);
  // the form that had the focus is gone
  useEffect(() => text.current?.focus(), []);
  return (
    <div className="stack">
      <p ref={text} tabIndex={-1} role="status">
        <strong>{t("mailbox.title")}</strong> {t("mailbox.text", { email })}
      </p>
      <p className="quiet">{t("mailbox.hint")}</p>
      <Button onClick={onAgain}>{t("mailbox.again")}</Button>
    </div>
  );
}
