import { ApiError, type Rating } from "@neighbourhood-help/client";
import { MAX_MESSAGE_LENGTH } from "@neighbourhood-help/client/contracts";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { StarChoice } from "./stars.tsx";

interface RatingFormProps {
  readonly taskId: string;
  /** Who is rated. */
  readonly name: string;
  /** The rating that is changed. */
  readonly former: Rating | undefined;
  readonly onDone: () => void;
}

/** Rates the other side of a task: stars, and words if one likes. */
export function RatingForm({ taskId, name, former, onDone }: RatingFormProps) {
  const t = useTranslations("ratings");
  const client = useClient();
  const errorText = useErrorText();
  const [score, setScore] = useState(former?.score);
  const [problem, setProblem] = useState<{ readonly field: "score" | "comment"; readonly text: string }>();
  const rate = useCommand<{ score: number; comment: string }, Rating>({
    run: (rating) => client.ratings.rate(taskId, rating),
    refreshes: [["ratings"], ["users"]],
    turn: `task ${taskId}`,
    onDone,
    onError: (error) => {
      const isText = error instanceof ApiError && error.code.startsWith("text_");
      setProblem({ field: isText ? "comment" : "score", text: errorText(error) });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (rate.isPending) return;
    setProblem(undefined);
    if (score === undefined) setProblem({ field: "score", text: t("choose") });
    else rate.mutate({ score, comment: String(new FormData(event.currentTarget).get("comment")) });
  };
  const errorOf = (field: "score" | "comment") => (problem?.field === field ? problem.text : undefined);
  return (
    <form onSubmit={submit}>
      <StarChoice legend={t("about", { name })} score={score} onChoose={setScore} error={errorOf("score")} />
      <Field label={t("comment")} hint={t("comment_hint")} isOptional error={errorOf("comment")}>
        {(control) => (
          <textarea
            {...control}
            name="comment"
            rows={3}
            maxLength={MAX_MESSAGE_LENGTH}
            defaultValue={former?.comment ?? ""}
          />
        )}
      </Field>
      <p className="quiet">{t("blind")}</p>
      <div className="button-row">
        <Button type="submit" kind="primary" isPending={rate.isPending}>
          {t("rate")}
        </Button>
      </div>
    </form>
  );
}
