import type { Command, CommandArgs, CommandRow, Offer, Task } from "./api-connection.ts";

/** Sends one command of a member; {@link Arena.call} and {@link ApiConnection.call} both fit. */
export type Call = <C extends Command>(memberId: string, command: C, args: CommandArgs<C>) => Promise<CommandRow<C>>;

/** A place in the middle of Berlin; each story moves away from it to be alone. */
export const PLACE = { latitude: 52.52, longitude: 13.405 } as const;

/** Arguments of a small task; override what the test is about. */
export function taskArgs(overrides: Partial<CommandArgs<"create_task">> = {}): CommandArgs<"create_task"> {
  return {
    title: "Carry boxes to the cellar",
    description: "Six boxes, second floor.",
    category: "transport",
    points_reward: 10,
    ...PLACE,
    ...overrides,
  };
}

/** How far a task has come, in the order of the lifecycle. */
export type Stage = "open" | "assigned" | "in_progress" | "pending_confirmation" | "completed";

/** Plays a task up to a stage through the API's commands. */
export async function playTask(
  call: Call,
  creatorId: string,
  helperId: string,
  stage: Stage,
  overrides: Partial<CommandArgs<"create_task">> = {},
): Promise<{ task: Task; offer: Offer }> {
  const created = await call(creatorId, "create_task", taskArgs(overrides));
  const task_id = created.id;
  const offer = (await call(helperId, "offer_help", { task_id })) as Offer;
  const steps: readonly (readonly [Stage, () => Promise<Task>])[] = [
    ["open", async () => created],
    ["assigned", () => call(creatorId, "accept_offer", { offer_id: offer.id })],
    ["in_progress", () => call(helperId, "start_task", { task_id })],
    ["pending_confirmation", () => call(helperId, "finish_task", { task_id })],
    ["completed", () => call(creatorId, "confirm_task", { task_id })],
  ];
  let task: Task = created;
  for (const [reached, step] of steps) {
    task = await step();
    if (reached === stage) break;
  }
  return { task, offer };
}
