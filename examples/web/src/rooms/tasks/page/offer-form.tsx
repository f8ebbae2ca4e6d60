import { MAX_MESSAGE_LENGTH } from "@neighbourhood-help/client/contracts";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { useErrorText } from "../../../app/error-text.ts";
import { Button } from "../../../components/button.tsx";
import { Field } from "../../../components/field.tsx";
import { type ShownTask, useTaskCommand } from "./data.ts";

/** Offers help, with a few words if one likes. */
export function OfferForm({ task, label }: { task: ShownTask["task"]; label: string }) {
  const t = useTranslations("tasks.page.offer_steps");
  const client = useClient();
  const errorText = useErrorText();
  const [problem, setProblem] = useState<string>();
  const offer = useTaskCommand<string>({
    taskId: task.id,
    run: (message) => client.tasks.offerHelp(task.id, { message }),
    onError: (error) => setProblem(errorText(error)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (offer.isPending) return;
    setProblem(undefined);
    offer.mutate(String(new FormData(event.currentTarget).get("message")));
  };
  return (
    <form onSubmit={submit}>
      <Field label={t("message", { creator: task.creator.name })} isOptional error={problem} hint={t("message_hint")}>
        {(control) => <textarea {...control} name="message" rows={3} maxLength={MAX_MESSAGE_LENGTH} />}
      </Field>
      <div className="button-row">
        <Button type="submit" kind="primary" isPending={offer.isPending}>
          {label}
        </Button>
      </div>
    </form>
  );
}
