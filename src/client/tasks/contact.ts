import { taskRef } from "../../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "../api-error.ts";
import { checked, type RequestOptions, rpc, sendIdempotent, sendIdempotentVoid } from "../request.ts";
import type { TaskContact } from "../rows.ts";
import type { NeighbourhoodSupabase } from "../supabase.ts";

/**
 * Where a task is and how to reach the other side: for its creator and its helper, from the acceptance until 14 days after
 * completion. The other side can see that it was looked at ({@link getContactRevealsPage}). Repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `contact_not_open`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const { address, phone_number, phone_status } = await client.tasks.revealContact(task.id);
 * if (phone_status === "on_request") askButton.show();
 * ```
 */
export async function revealTaskContact(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<TaskContact> {
  const args = checked(taskRef, { task_id: taskId });
  const [contact] = await sendIdempotent(rpc(supabase, "reveal_task_contact", args), options);
  if (contact === undefined) throw new ApiError({ code: "task_not_found" });
  return contact;
}

/**
 * Asks the other side of a task for the phone number. They are told once. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `contact_not_open`, `phone_number_not_shared`, `not_signed_in`, `user_banned`,
 * `user_inactive`
 * @example
 * ```ts
 * await client.tasks.requestPhoneNumber(task.id);
 * ```
 */
export async function requestPhoneNumber(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendIdempotentVoid(rpc(supabase, "request_phone_number", checked(taskRef, { task_id: taskId })), options);
}

/**
 * Shows the own phone number to the other side of a task, on this task, also unasked. Repeated by itself when the connection
 * fails.
 *
 * @throws {@link ApiError} `task_not_found`, `contact_not_open`, `phone_sharing_is_off`, `phone_number_missing`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.tasks.sharePhoneNumber(notification.task_id);
 * ```
 */
export async function sharePhoneNumber(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendIdempotentVoid(rpc(supabase, "share_phone_number", checked(taskRef, { task_id: taskId })), options);
}
