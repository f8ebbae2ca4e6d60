import { MAX_MESSAGE_BODY_LENGTH } from "@neighbourhood-help/client/contracts";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useSignedIn } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";

/** Writes a message. What was begun is kept on this device until it is sent. */
export function MessageForm({ offerId, onSend }: { offerId: string; onSend: (body: string) => void }) {
  const t = useTranslations("messages");
  const stored = `draft ${useSignedIn().id} ${offerId}`;
  const [body, setBody] = useState(() => sessionStorage.getItem(stored) ?? "");
  const write = (next: string) => {
    setBody(next);
    if (next === "") sessionStorage.removeItem(stored);
    else sessionStorage.setItem(stored, next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim() === "") return;
    onSend(body);
    write("");
  };
  return (
    <form className="message-form" onSubmit={submit}>
      <Field label={t("message")}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            required
            maxLength={MAX_MESSAGE_BODY_LENGTH}
            value={body}
            onChange={(event) => write(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" kind="primary">
        {t("send")}
      </Button>
    </form>
  );
}
