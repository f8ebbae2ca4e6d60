import { ApiError } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { Button } from "../../../components/button.tsx";
import { MessageLink } from "../../messages/message-link.tsx";
import { AskButton } from "./ask-button.tsx";
import { type ShownTask, useTaskCommand } from "./data.ts";
import { SelfConfirmation } from "./self-confirmation.tsx";
import { isOver } from "./times.ts";

/** What the creator of a task can do with it. */
export function CreatorSteps({ task, offers }: ShownTask) {
  const t = useTranslations("tasks.page.creator_steps");
  const helper = task.helper?.name ?? "";
  const accepted = offers.find((offer) => offer.helper_id === task.helper_id);
  const waiting = offers.filter((offer) => offer.status === "pending").length;
  switch (task.status) {
    case "open":
      return (
        <>
          <p>{isOver(task) ? t("over") : t("open", { count: waiting })}</p>
          <div className="button-row">
            {!isOver(task) && (
              <Link to="/tasks/$task_id/edit" params={{ task_id: task.id }} className="button">
                {t("edit")}
              </Link>
            )}
            <CancelButton taskId={task.id} explanation={t("cancel_open")} />
          </div>
        </>
      );
    case "assigned":
    case "in_progress":
      return (
        <>
          <p>{t(task.status, { helper })}</p>
          <div className="button-row">
            {accepted && <MessageLink offer={accepted} name={helper} isPrimary />}
            <ReplaceButton taskId={task.id} helper={helper} />
            <CancelButton taskId={task.id} explanation={t("cancel_assigned", { helper })} />
          </div>
        </>
      );
    case "pending_confirmation":
      return (
        <>
          <p>{t("pending_confirmation", { helper, points: task.points_reward })}</p>
          <SelfConfirmation finished_at={task.finished_at} />
          <div className="button-row">
            <ConfirmButton taskId={task.id} points={task.points_reward} />
            <RejectButton taskId={task.id} helper={helper} />
            {accepted && <MessageLink offer={accepted} name={helper} />}
          </div>
        </>
      );
    case "completed":
    case "archived":
      return <p>{t("completed", { helper, points: task.points_reward })}</p>;
    case "cancelled":
    case "expired":
      return (
        <>
          <p>{t(task.status)}</p>
          <div className="button-row">
            <Link to="/tasks/new" className="button">
              {t("post_again")}
            </Link>
          </div>
        </>
      );
  }
}

function ConfirmButton({ taskId, points }: { taskId: string; points: number }) {
  const t = useTranslations("tasks.page.creator_steps");
  const client = useClient();
  const confirm = useTaskCommand({
    taskId,
    run: () => client.tasks.confirm(taskId),
    change: (task) => ({ ...task, status: "completed", completed_at: new Date().toISOString() }),
  });
  return (
    <Button kind="primary" isPending={confirm.isPending} onClick={() => confirm.mutate()}>
      {t("confirm", { points })}
    </Button>
  );
}

function RejectButton({ taskId, helper }: { taskId: string; helper: string }) {
  const t = useTranslations("tasks.page.creator_steps");
  const client = useClient();
  return (
    <AskButton
      taskId={taskId}
      label={t("reject")}
      explanation={t("reject_explained", { helper })}
      words={{ label: t("reject_reason"), isRequired: true }}
      confirm={t("reject_confirm")}
      run={(reason) => client.tasks.rejectCompletion(taskId, { reason })}
    />
  );
}

function ReplaceButton({ taskId, helper }: { taskId: string; helper: string }) {
  const t = useTranslations("tasks.page.creator_steps");
  const format = useFormatter();
  const client = useClient();
  const notYet = (error: unknown) =>
    error instanceof ApiError && error.code === "helper_not_overdue" && error.detail !== null
      ? t("replace_from", {
          helper,
          from: format.dateTime(new Date(error.detail), { dateStyle: "full", timeStyle: "short" }),
        })
      : undefined;
  return (
    <AskButton
      taskId={taskId}
      label={t("replace")}
      explanation={t("replace_explained", { helper })}
      words={{ label: t("replace_reason"), isRequired: true }}
      confirm={t("replace_confirm")}
      kind="danger"
      run={(reason) => client.tasks.replaceHelper(taskId, { reason })}
      errorText={notYet}
    />
  );
}

function CancelButton({ taskId, explanation }: { taskId: string; explanation: string }) {
  const t = useTranslations("tasks.page.creator_steps");
  const client = useClient();
  return (
    <AskButton
      taskId={taskId}
      label={t("cancel")}
      explanation={explanation}
      words={{ label: t("cancel_reason") }}
      confirm={t("cancel_confirm")}
      kind="danger"
      run={(reason) => client.tasks.cancel(taskId, { reason })}
    />
  );
}
