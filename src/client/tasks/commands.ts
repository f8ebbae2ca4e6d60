import {
  type CreateTaskInput,
  cancelTaskInput,
  createTaskInput,
  finishTaskInput,
  offerHelpInput,
  offerRef,
  rejectCompletionInput,
  releaseTaskInput,
  renewOfferInput,
  replaceHelperInput,
  taskRef,
  type UpdateTaskInput,
  updateTaskInput,
} from "../../../supabase/functions/_shared/contracts/index.ts";
import { withKey } from "../idempotency-keys.ts";
import { checked, type RequestOptions, randomId, rpc, send, sendIdempotent } from "../request.ts";
import type { Task, TaskOffer } from "../rows.ts";
import type { NeighbourhoodSupabase } from "../supabase.ts";

/** What may be changed about an open task. */
export type TaskChanges = Omit<UpdateTaskInput, "task_id">;

/**
 * Posts a task near a place. The exact place stays private; others see the centre of a 300 m cell.
 *
 * Posted once, however often the call is repeated: by itself when the connection fails, by a double tap, or by somebody who
 * tries again within ten minutes after an error that left the outcome open. All of them carry the same idempotency key. Pass a
 * key of your own, and keep it until there is an answer, where this has to outlive the app.
 *
 * @throws {@link ApiError} `text_blank`, `text_too_short`, `text_too_long`, `text_has_control_characters` (`detail` names the
 * field), `coordinates_invalid`, `category_not_found`, `points_reward_out_of_range`, `expires_at_in_past`,
 * `expires_at_too_far`, `starts_at_in_past`, `starts_at_too_far`, `ends_at_invalid`, `image_paths_invalid`, `metadata_invalid`, `idempotency_key_reused`, `open_task_limit_reached`, `task_limit_reached`,
 * `contact_not_verified`, `points_limit_reached`, `insufficient_points`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const task = await client.tasks.create({
 *   title: "Carry a sofa upstairs",
 *   description: "Third floor, no lift. Two people are enough.",
 *   category: "transport",
 *   latitude: 52.52,
 *   longitude: 13.405,
 *   points_reward: 50,
 * });
 * ```
 */
export async function createTask(
  supabase: NeighbourhoodSupabase,
  input: CreateTaskInput,
  options: RequestOptions = {},
): Promise<Task> {
  const sent = { ...checked(createTaskInput, input), idempotency_key: input.idempotency_key ?? randomId() };
  return withKey(supabase, { input: sent, isOwnKey: input.idempotency_key !== undefined }, (args) =>
    sendIdempotent(rpc(supabase, "create_task", args), options),
  );
}

/**
 * Changes one's own open task. What is left out stays; an empty address, `starts_at` or `ends_at` clears it. Once somebody has
 * offered help, the reward may only rise, and any other change of title, description, category, place or times leaves the
 * offers outdated: they can be accepted again when {@link renewOffer} was called for them. Not repeated by itself, because each change stands in the task's history.
 *
 * @throws {@link ApiError} as {@link createTask}, and `task_not_found`, `task_not_open`, `reward_may_only_rise`,
 * `task_change_limit_reached`
 * @example
 * ```ts
 * await client.tasks.update(task.id, { points_reward: 80 });
 * ```
 */
export async function updateTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  changes: TaskChanges,
  options: RequestOptions = {},
): Promise<Task> {
  return send(rpc(supabase, "update_task", checked(updateTaskInput, { ...changes, task_id: taskId })), options);
}

/**
 * Offers help on an open task. Repeating it returns the same offer; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_open`, `cannot_help_own_task`, `offer_declined`,
 * `offer_limit_reached`, `contact_not_verified`, `text_too_long`, `text_has_control_characters`, `not_signed_in`,
 * `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const offer = await client.tasks.offerHelp(task.id, { message: "I can come on Saturday." });
 * ```
 */
export async function offerHelp(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly message?: string | undefined } = {},
  options: RequestOptions = {},
): Promise<TaskOffer> {
  const args = checked(offerHelpInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "offer_help", args), options);
}

/**
 * Makes one's own offer hold for the task as it was changed, so that it can be accepted. Pass the `terms_version` of the task
 * that was shown: when it was changed once more meanwhile, the offer stays outdated. Repeating it changes nothing; repeated by
 * itself when the connection fails.
 *
 * @throws {@link ApiError} `offer_not_found`, `offer_not_pending`, `offer_outdated`, `task_not_open`, `offer_limit_reached`,
 * `validation_failed`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * if (offer.is_outdated) await client.tasks.renewOffer(offer.id, { terms_version: task.terms_version });
 * ```
 */
export async function renewOffer(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  input: { readonly terms_version?: number | undefined } = {},
  options: RequestOptions = {},
): Promise<TaskOffer> {
  return sendIdempotent(
    rpc(supabase, "renew_offer", checked(renewOfferInput, { ...input, offer_id: offerId })),
    options,
  );
}

/**
 * Takes one's own offer back, as long as it is not accepted (then it is {@link releaseTask}). Repeating it changes nothing;
 * repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `offer_not_found`, `offer_not_pending`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.withdrawOffer(offer.id);
 * ```
 */
export async function withdrawOffer(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  options: RequestOptions = {},
): Promise<TaskOffer> {
  return sendIdempotent(rpc(supabase, "withdraw_offer", checked(offerRef, { offer_id: offerId })), options);
}

/**
 * Declines an offer on one's own task for good. Repeating it changes nothing; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `offer_not_found`, `offer_not_pending`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.declineOffer(offer.id);
 * ```
 */
export async function declineOffer(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  options: RequestOptions = {},
): Promise<TaskOffer> {
  return sendIdempotent(rpc(supabase, "decline_offer", checked(offerRef, { offer_id: offerId })), options);
}

/**
 * Accepts an offer on one's own open task: the task is assigned to that helper, other offers are passed over. Repeating it
 * returns the task; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `offer_not_found`, `task_not_open`, `offer_not_pending`, `offer_outdated`, `helper_unavailable`,
 * `helper_not_verified`, `contact_not_verified`, `pair_points_limit_reached`, `helper_points_limit_reached`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const task = await client.tasks.acceptOffer(offer.id);
 * task.status; // "assigned"
 * ```
 */
export async function acceptOffer(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  options: RequestOptions = {},
): Promise<Task> {
  return sendIdempotent(rpc(supabase, "accept_offer", checked(offerRef, { offer_id: offerId })), options);
}

/**
 * The helper starts the work. Repeating it returns the task; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_assigned`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.start(task.id);
 * ```
 */
export async function startTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<Task> {
  return sendIdempotent(rpc(supabase, "start_task", checked(taskRef, { task_id: taskId })), options);
}

/**
 * The helper reports the work as done; now the creator confirms. Repeating it returns the task; repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_in_progress`, `text_too_long`, `text_has_control_characters`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.finish(task.id, { note: "The key is with the neighbour." });
 * ```
 */
export async function finishTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly note?: string | undefined } = {},
  options: RequestOptions = {},
): Promise<Task> {
  const args = checked(finishTaskInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "finish_task", args), options);
}

/**
 * The creator confirms finished work: the helper's points arrive, exactly once. Repeating it returns the same task; repeated
 * by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_pending_confirmation`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const task = await client.tasks.confirm(taskId);
 * task.status; // "completed"
 * ```
 */
export async function confirmTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<Task> {
  return sendIdempotent(rpc(supabase, "confirm_task", checked(taskRef, { task_id: taskId })), options);
}

/**
 * The creator says, with a reason, that the work is not done: the task is in progress again. Repeating it returns the task;
 * repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_pending_confirmation`, `text_blank`, `text_too_long`,
 * `text_has_control_characters`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.rejectCompletion(task.id, { reason: "The hedge at the back is still to do." });
 * ```
 */
export async function rejectCompletion(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly reason: string },
  options: RequestOptions = {},
): Promise<Task> {
  const args = checked(rejectCompletionInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "reject_completion", args), options);
}

/**
 * The helper steps back: the task is open again. Repeating it returns the task; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_releasable`, `text_too_long`, `text_has_control_characters`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.release(task.id, { reason: "I fell ill, sorry." });
 * ```
 */
export async function releaseTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly reason?: string | undefined } = {},
  options: RequestOptions = {},
): Promise<Task> {
  const args = checked(releaseTaskInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "release_task", args), options);
}

/**
 * The creator gives up waiting for a helper who is overdue: the task is open again, and passed-over offers are pending again.
 * Possible a day after the helper was expected (`replace_grace_hours` of the settings); of one who has started, when nobody
 * ends the task for long. Repeating it returns the task; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `helper_not_replaceable`, `helper_not_overdue` (`detail`: from when on),
 * `text_blank`, `text_too_long`, `text_has_control_characters`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.replaceHelper(task.id, { reason: "Nobody came on Saturday, and nobody answers." });
 * ```
 */
export async function replaceHelper(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly reason: string },
  options: RequestOptions = {},
): Promise<Task> {
  const args = checked(replaceHelperInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "replace_helper", args), options);
}

/**
 * The creator calls a task off, as long as it is not reported as done. Repeating it returns the task; repeated by itself when
 * the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_cancellable`, `text_too_long`, `text_has_control_characters`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.cancel(task.id, { reason: "Solved it myself." });
 * ```
 */
export async function cancelTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  input: { readonly reason?: string | undefined } = {},
  options: RequestOptions = {},
): Promise<Task> {
  const args = checked(cancelTaskInput, { ...input, task_id: taskId });
  return sendIdempotent(rpc(supabase, "cancel_task", args), options);
}
