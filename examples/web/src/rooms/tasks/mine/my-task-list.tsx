import type { MyTask, TaskRole, TaskStatus } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { PagedList, usePages } from "../../../components/paged-list.tsx";
import { TaskCard } from "../task-card.tsx";
import { YourTurn } from "./your-turn.tsx";

/** The states in which it can be one's own turn. */
const TURNS: Readonly<Record<TaskRole, TaskStatus[]>> = {
  creator: ["pending_confirmation", "open"],
  helper: ["in_progress", "assigned"],
};

interface MyTaskListProps {
  readonly as: TaskRole;
  readonly status: TaskStatus | undefined;
}

/** Tasks one has posted, or helps with. */
export function MyTaskList({ as, status }: MyTaskListProps) {
  const t = useTranslations("tasks.mine");
  const client = useClient();
  const turnOf = useTurn(as);
  const pages = usePages(["tasks", "mine", { as, status }], (page, options) =>
    client.tasks.minePage({ as, status, ...page }, options),
  );
  const { data } = useQuery({
    queryKey: ["tasks", "mine", { as, turn: true }],
    queryFn: ({ signal }) => client.tasks.minePage({ as, status: TURNS[as], page_size: 50 }, { signal }),
    enabled: status === undefined,
  });
  const turns = (data?.items ?? []).flatMap((task) => {
    const turn = turnOf(task);
    return turn === undefined ? [] : [{ task, turn }];
  });
  return (
    <>
      {status === undefined && <YourTurn turns={turns} />}
      <PagedList query={pages} empty={t(`empty.${as}`)}>
        {(task) => <TaskCard task={task} />}
      </PagedList>
    </>
  );
}

/** What the member has to do about a task, in words; undefined when it is not their turn. */
function useTurn(as: TaskRole): (task: MyTask) => string | undefined {
  const t = useTranslations("tasks.mine.turn");
  return ({ status, offers }) => {
    if (as === "helper") return t(status === "assigned" ? "start" : "finish");
    if (status === "pending_confirmation") return t("confirm");
    const count = offers.filter((offer) => offer.status === "pending" && offer.is_outdated !== true).length;
    return count > 0 ? t("choose", { count }) : undefined;
  };
}
