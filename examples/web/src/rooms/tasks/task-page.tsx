import { ApiError, type TaskWithPeople } from "@neighbourhood-help/client";
import { useIsMutating } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useSignedIn } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded, Problem } from "../../components/states.tsx";
import { TaskRatings } from "../ratings/task-ratings.tsx";
import { turnOf, useOffers, useShownTask, useTask } from "./page/data.ts";
import { TaskContactSection } from "./page/task-contact.tsx";
import { TaskFacts } from "./page/task-facts.tsx";
import { TaskOffers } from "./page/task-offers.tsx";
import { TaskPictures } from "./page/task-pictures.tsx";
import { TaskSteps } from "./page/task-steps.tsx";
import { TaskStory } from "./page/task-story.tsx";
import "./tasks.css";

/** A task: what it is about, whose turn it is, and everything the member may do. */
export function TaskPage() {
  const { task_id } = useParams({ from: "/member/tasks/$task_id" });
  const task = useTask(task_id);
  // also when it was there a moment ago: somebody else may have been chosen since
  if (task.error instanceof ApiError && task.error.code === "task_not_found") return <TaskIsGone />;
  return <Loaded query={task}>{(data) => <TaskScreen key={task_id} task={data} isOld={task.isRefetchError} />}</Loaded>;
}

function TaskIsGone() {
  const t = useTranslations("tasks.page");
  return (
    <Page title={t("gone_title")} hasBack>
      <Empty>
        <p>{t("gone")}</p>
        <Link to="/">{t("to_nearby")}</Link>
      </Empty>
    </Page>
  );
}

function TaskScreen({ task, isOld }: { task: TaskWithPeople; isOld: boolean }) {
  const t = useTranslations("tasks");
  const query = useTask(task.id);
  const offers = useOffers(task.id);
  const me = useSignedIn().id;
  const shown = useShownTask(task, offers.data ?? []);
  const isSending = useIsMutating({ predicate: ({ options }) => options.scope?.id === turnOf(task.id) }) > 0;
  const isParty = task.creator_id === me || task.helper_id === me;
  return (
    <Page title={task.title} hasBack>
      <p className="task-state">
        <span className="tag">{t(`status.${task.status}`)}</span>{" "}
        <span className="tag">{t("points", { points: task.points_reward })}</span>{" "}
        <span role="status" className="quiet">
          {isSending && t("page.sending")}
        </span>
      </p>
      {isOld && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      <Loaded query={offers}>{() => <TaskSteps {...shown} />}</Loaded>
      {isParty && <TaskRatings task={task} />}
      <TaskFacts task={task} />
      <TaskPictures task={task} />
      {isParty && <TaskContactSection task={task} />}
      {shown.view === "creator" && <TaskOffers {...shown} />}
      {shown.view !== "visitor" && <TaskStory {...shown} />}
    </Page>
  );
}
