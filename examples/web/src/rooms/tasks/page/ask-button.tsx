import { MAX_MESSAGE_LENGTH } from "@neighbourhood-help/client/contracts";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useErrorText } from "../../../app/error-text.ts";
import { Button } from "../../../components/button.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Field } from "../../../components/field.tsx";
import { useTaskCommand } from "./data.ts";

interface AskButtonProps {
  readonly taskId: string;
  /** What the button and the dialog's title say. */
  readonly label: string;
  /** What will happen. */
  readonly explanation: string;
  /** A text to go with it; without, the dialog only asks. */
  readonly words?: { readonly label: string; readonly isRequired?: boolean };
  /** What the button that does it says. */
  readonly confirm: string;
  readonly kind?: "primary" | "plain" | "danger";
  readonly run: (words: string) => Promise<unknown>;
  readonly errorText?: (error: unknown) => string | undefined;
}

/** A button that asks in a dialog before it does what is not easily undone, and takes a reason where one is wanted. */
export function AskButton({
  taskId,
  label,
  explanation,
  words,
  confirm,
  kind = "plain",
  run,
  errorText,
}: AskButtonProps) {
  const t = useTranslations("app");
  const textOf = useErrorText();
  const [isOpen, setIsOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const command = useTaskCommand<string>({
    taskId,
    run,
    onError: (error) => setProblem(errorText?.(error) ?? textOf(error)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (command.isPending) return;
    setProblem(undefined);
    // closes when the screen behind it has been read again, so that nobody sees what was before
    command.mutate(String(new FormData(event.currentTarget).get("words") ?? ""), { onSuccess: () => setIsOpen(false) });
  };
  const open = () => {
    setProblem(undefined);
    setIsOpen(true);
  };
  return (
    <>
      <Button kind={kind} onClick={open}>
        {label}
      </Button>
      <Dialog title={label} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <form onSubmit={submit}>
          <p>{explanation}</p>
          {words ? (
            <Field label={words.label} isOptional={!words.isRequired} error={problem}>
              {(control) => (
                <textarea
                  {...control}
                  name="words"
                  rows={3}
                  maxLength={MAX_MESSAGE_LENGTH}
                  required={words.isRequired ?? false}
                />
              )}
            </Field>
          ) : (
            problem && (
              <p role="alert" className="field-error">
                {problem}
              </p>
            )
          )}
          <div className="button-row">
            <Button type="submit" kind={kind === "danger" ? "danger" : "primary"} isPending={command.isPending}>
              {confirm}
            </Button>
            <Button onClick={() => setIsOpen(false)}>{t("cancel")}</Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
