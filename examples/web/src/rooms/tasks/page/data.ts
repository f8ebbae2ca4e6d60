import { ApiError, type TaskOfferWithHelper, type TaskWithPeople } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../../app/context.ts";
import { useErrorText } from "../../../app/error-text.ts";
import { useCommand } from "../../../app/use-command.ts";
import { useNotices } from "../../../components/notices.tsx";

/** What the member who looks is to a task. */
export type TaskView = "creator" | "helper" | "offering" | "visitor";

/** A task as its page shows it: with the offers one may see, and what one is to it. */
export interface ShownTask {
  readonly task: TaskWithPeople;
  readonly offers: readonly TaskOfferWithHelper[];
  readonly view: TaskView;
  /** One's own offer, if there is one. */
  readonly ownOffer: TaskOfferWithHelper | undefined;
}

const taskKey = (taskId: string) => ["tasks", "task", taskId] as const;
const offersKey = (taskId: string) => ["tasks", "offers", taskId] as const;

/** A task with its people. Nothing is old enough to be kept from a look: another phone, or the other side, may have acted. */
export function useTask(taskId: string) {
  const client = useClient();
  return useQuery({
    queryKey: taskKey(taskId),
    queryFn: ({ signal }) => client.tasks.get(taskId, { signal }),
    staleTime: 0,
  });
}

/** The offers on a task that the member may see. */
export function useOffers(taskId: string) {
  const client = useClient();
  return useQuery({
    queryKey: offersKey(taskId),
    queryFn: ({ signal }) => client.tasks.offers(taskId, { signal }),
    staleTime: 0,
  });
}

/** What happened to a task, as far as the member may know. */
export function useEvents(taskId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["tasks", "events", taskId],
    queryFn: ({ signal }) => client.tasks.events(taskId, { signal }),
  });
}

/** Puts together what the page is about. */
export function useShownTask(task: TaskWithPeople, offers: readonly TaskOfferWithHelper[]): ShownTask {
  const me = useSignedIn().id;
  const ownOffer = offers.find((offer) => offer.helper_id === me);
  const isOffering = ownOffer !== undefined;
  const view =
    task.creator_id === me ? "creator" : task.helper_id === me ? "helper" : isOffering ? "offering" : "visitor";
  return { task, offers, view, ownOffer };
}

/** Commands about one task are sent in the order of the presses, also when the phone was offline meanwhile. */
export const turnOf = (taskId: string): string => `task ${taskId}`;

const REFRESHED = [["tasks"], ["points"], ["ratings"], ["messages"]] as const;

interface TaskCommandOptions<Input, Result> {
  readonly taskId: string;
  readonly run: (input: Input) => Promise<Result>;
  /** What the task will be; shown at once. */
  readonly change?: (task: TaskWithPeople, input: Input) => TaskWithPeople;
  readonly onDone?: () => void;
  readonly onError?: (error: unknown) => void;
}

/** A command that changes a task. */
export function useTaskCommand<Input = void, Result = unknown>(options: TaskCommandOptions<Input, Result>) {
  const { taskId, run, change, onDone } = options;
  const onLost = useLost();
  const { onError = onLost } = options;
  return useCommand<Input, Result, TaskWithPeople>({
    run,
    refreshes: REFRESHED,
    turn: turnOf(taskId),
    ...(change && { optimistic: { key: taskKey(taskId), change } }),
    ...(onDone && { onDone }),
    onError,
  });
}

/** Tells why a command failed; when the answer was lost, that it may have arrived: the screen, which is read again, knows. */
function useLost(): (error: unknown) => void {
  const t = useTranslations("tasks.page");
  const { tell } = useNotices();
  const errorText = useErrorText();
  return (error) => tell(error instanceof ApiError && error.isRetryable ? t("lost") : errorText(error), "problem");
}

interface OfferCommandOptions<Input> {
  readonly taskId: string;
  readonly run: (input: Input) => Promise<unknown>;
  /** What the offers will be; shown at once. */
  readonly change: (offers: readonly TaskOfferWithHelper[], input: Input) => readonly TaskOfferWithHelper[];
  readonly onDone?: () => void;
}

/** A command that changes the offers on a task. */
export function useOfferCommand<Input = void>({ taskId, run, change, onDone }: OfferCommandOptions<Input>) {
  return useCommand<Input, unknown, readonly TaskOfferWithHelper[]>({
    run,
    refreshes: REFRESHED,
    turn: turnOf(taskId),
    optimistic: { key: offersKey(taskId), change },
    onError: useLost(),
    ...(onDone && { onDone }),
  });
}
