import type { TaskLocation, TaskOfferWithHelper, TaskWithPeople } from "@neighbourhood-help/client";
import { checkInput, updateTaskInput } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded } from "../../components/states.tsx";
import { type TaskDraft, toChanges, toLocal } from "./task-draft.ts";
import { useFieldProblem } from "./task-field-errors.ts";
import { TaskForm } from "./task-form.tsx";

/** Changing one's own open task. */
export function EditTask() {
  const t = useTranslations("tasks.form");
  const client = useClient();
  const me = useSignedIn();
  const { task_id } = useParams({ from: "/member/tasks/$task_id/edit" });
  const query = useQuery({
    queryKey: ["tasks", "edit", task_id],
    async queryFn({ signal }) {
      const task = await client.tasks.get(task_id, { signal });
      if (task.creator_id !== me.id) return { task, location: null, offers: [] };
      const [location, offers] = await Promise.all([
        client.tasks.location(task_id, { signal }),
        client.tasks.offers(task_id, { signal }),
      ]);
      return { task, location, offers };
    },
    // what is being typed is not taken away by a newer answer
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Page title={t("edit_title")} hasBack>
      <Loaded query={query}>
        {({ task, location, offers }) =>
          task.creator_id !== me.id || task.status !== "open" ? (
            <Empty>
              <p>{t(task.creator_id === me.id ? "not_open" : "not_yours")}</p>
              <Link to="/tasks/$task_id" params={{ task_id }}>
                {t("to_task")}
              </Link>
            </Empty>
          ) : (
            <EditForm task={task} location={location} offers={offers} />
          )
        }
      </Loaded>
    </Page>
  );
}

interface EditFormProps {
  readonly task: TaskWithPeople;
  readonly location: TaskLocation | null;
  readonly offers: readonly TaskOfferWithHelper[];
}

function EditForm({ task, location, offers }: EditFormProps) {
  const t = useTranslations("tasks.form");
  const client = useClient();
  const navigate = useNavigate();
  const { tell } = useNotices();
  const [before] = useState(() => draftOf(task, location));
  const [draft, setDraft] = useState(before);
  const { problem, clear, changed, refuse, fail } = useFieldProblem(useErrorText());
  const toTask = () => void navigate({ to: "/tasks/$task_id", params: { task_id: task.id }, replace: true });
  const update = useCommand({
    run: (changes: ReturnType<typeof toChanges>) => client.tasks.update(task.id, changes),
    refreshes: [["tasks"], ["points"]],
    onDone() {
      tell(t("changed"));
      toTask();
    },
    onError: fail,
  });
  const save = () => {
    clear();
    const changes = toChanges(before, draft);
    if (Object.keys(changes).length === 0) {
      toTask();
      return;
    }
    const result = checkInput(updateTaskInput, { ...changes, task_id: task.id });
    if (result.success) update.mutate(changes);
    else refuse(result.problem);
  };
  const count = offers.filter(({ status }) => status === "pending").length;
  return (
    <>
      {count > 0 && <p className="note">{t("offers_note", { count })}</p>}
      <TaskForm
        draft={draft}
        change={(part) => {
          setDraft((shown) => ({ ...shown, ...part }));
          changed(part);
        }}
        problem={problem}
        submitText={t("save")}
        isPending={update.isPending}
        onSubmit={save}
        isPosted
      />
    </>
  );
}

function draftOf(task: TaskWithPeople, location: TaskLocation | null): TaskDraft {
  const { latitude, longitude } = location ?? task;
  return {
    title: task.title,
    description: task.description,
    category: task.category,
    place: { latitude, longitude },
    address: location?.address ?? "",
    image_paths: task.image_paths,
    points_reward: String(task.points_reward),
    starts_at: toLocal(task.starts_at),
    ends_at: toLocal(task.ends_at),
    is_flexible: task.is_flexible,
    expires_at: toLocal(task.expires_at).slice(0, 10),
  };
}
