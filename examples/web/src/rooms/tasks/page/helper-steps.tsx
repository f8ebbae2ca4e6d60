import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { Button } from "../../../components/button.tsx";
import { MessageLink } from "../../messages/message-link.tsx";
import { AskButton } from "./ask-button.tsx";
import { type ShownTask, useTaskCommand } from "./data.ts";
import { SelfConfirmation } from "./self-confirmation.tsx";

/** What the accepted helper can do. */
export function HelperSteps({ task, ownOffer }: ShownTask) {
  const t = useTranslations("tasks.page.helper_steps");
  const creator = task.creator.name;
  const message = ownOffer && <MessageLink offer={ownOffer} name={creator} />;
  switch (task.status) {
    case "assigned":
      return (
        <>
          <p>{t("assigned", { creator })}</p>
          <div className="button-row">
            <StartButton taskId={task.id} />
            {message}
            <FinishButton taskId={task.id} creator={creator} points={task.points_reward} />
            <ReleaseButton taskId={task.id} creator={creator} />
          </div>
        </>
      );
    case "in_progress":
      return (
        <>
          <p>{t("in_progress")}</p>
          <div className="button-row">
            <FinishButton taskId={task.id} creator={creator} points={task.points_reward} isNext />
            {message}
            <ReleaseButton taskId={task.id} creator={creator} />
          </div>
        </>
      );
    case "pending_confirmation":
      return (
        <>
          <p>{t("pending_confirmation", { creator, points: task.points_reward })}</p>
          <SelfConfirmation finished_at={task.finished_at} />
          <div className="button-row">{message}</div>
        </>
      );
    case "completed":
    case "archived":
      return <p>{t("completed", { points: task.points_reward })}</p>;
    case "cancelled":
      return <p>{t("cancelled", { creator })}</p>;
    // open and expired tasks have no helper
    case "open":
    case "expired":
      return null;
  }
}

function StartButton({ taskId }: { taskId: string }) {
  const t = useTranslations("tasks.page.helper_steps");
  const client = useClient();
  const start = useTaskCommand({
    taskId,
    run: () => client.tasks.start(taskId),
    change: (task) => ({ ...task, status: "in_progress", started_at: new Date().toISOString() }),
  });
  return (
    <Button kind="primary" isPending={start.isPending} onClick={() => start.mutate()}>
      {t("start")}
    </Button>
  );
}

interface FinishProps {
  readonly taskId: string;
  readonly creator: string;
  readonly points: number;
  readonly isNext?: boolean;
}

function FinishButton({ taskId, creator, points, isNext = false }: FinishProps) {
  const t = useTranslations("tasks.page.helper_steps");
  const client = useClient();
  return (
    <AskButton
      taskId={taskId}
      label={t("finish")}
      explanation={t("finish_explained", { creator, points })}
      words={{ label: t("finish_note", { creator }) }}
      confirm={t("finish_confirm")}
      kind={isNext ? "primary" : "plain"}
      run={(note) => client.tasks.finish(taskId, { note })}
    />
  );
}

function ReleaseButton({ taskId, creator }: { taskId: string; creator: string }) {
  const t = useTranslations("tasks.page.helper_steps");
  const client = useClient();
  return (
    <AskButton
      taskId={taskId}
      label={t("release")}
      explanation={t("release_explained", { creator })}
      words={{ label: t("release_reason", { creator }) }}
      confirm={t("release_confirm")}
      kind="danger"
      run={(reason) => client.tasks.release(taskId, { reason })}
    />
  );
}
