import { ApiError } from "@neighbourhood-help/client";
import { checkInput, createTaskInput } from "@neighbourhood-help/client/contracts";
import { onlineManager } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { PostedBefore } from "./posted-before.tsx";
import { toCreateInput, useKeptDraft } from "./task-draft.ts";
import { useFieldProblem } from "./task-field-errors.ts";
import { TaskForm } from "./task-form.tsx";

/** Posting a task. */
export function NewTask() {
  const t = useTranslations("tasks.form");
  const client = useClient();
  const { id } = useSignedIn();
  const navigate = useNavigate();
  const { tell } = useNotices();
  const kept = useKeptDraft(id);
  const { problem, clear, changed, point, refuse, fail } = useFieldProblem(useErrorText());
  const post = useCommand({
    run: client.tasks.create,
    refreshes: [["tasks"], ["points"]],
    onDone(task) {
      kept.clear();
      tell(t("posted"));
      void navigate({ to: "/tasks/$task_id", params: { task_id: task.id }, replace: true });
    },
    onError: fail,
  });
  const send = () => {
    clear();
    // the key stays with the draft until there is an answer: a try whose answer was lost is the same task
    const input = { ...toCreateInput(kept.draft), idempotency_key: kept.idempotency_key };
    const result = checkInput(createTaskInput, input);
    if (result.success) post.mutate(result.data);
    else if (result.problem.detail === "latitude" && kept.draft.place === null) point("place", t("place_missing"));
    else refuse(result.problem);
  };
  const isPostedBefore = problem?.error instanceof ApiError && problem.error.code === "idempotency_key_reused";
  return (
    <Page title={t("new_title")} hasBack>
      <TaskForm
        draft={kept.draft}
        change={(part) => {
          kept.change(part);
          changed(part);
        }}
        problem={isPostedBefore ? undefined : problem}
        submitText={t("post")}
        isPending={post.isPending}
        onSubmit={send}
      >
        {!kept.isEmpty && <Button onClick={kept.clear}>{t("discard")}</Button>}
      </TaskForm>
      <p role="status" className="quiet">
        {post.isPaused && !onlineManager.isOnline() ? t("waiting") : t("kept")}
      </p>
      <PostedBefore
        isOpen={isPostedBefore}
        onClose={clear}
        onLook={kept.clear}
        onPostAnother={() => {
          kept.renewKey();
          clear();
        }}
      />
    </Page>
  );
}
