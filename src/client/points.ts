import { type PointHistoryInput, pointHistoryInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, send, sendMaybe } from "./request.ts";
import type { PointAccount, PointTransactionWithTask } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * The points of the member who is signed in: balance, ever earned, ever spent.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_not_found`
 * @example
 * ```ts
 * const { balance } = await client.points.account();
 * ```
 */
export async function getPointAccount(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<PointAccount> {
  const account = await sendMaybe(
    (signal) => supabase.from("point_accounts").select("*").abortSignal(signal).maybeSingle(),
    options,
  );
  if (account === null) throw new ApiError({ code: "user_not_found" });
  return account;
}

/**
 * One page of the point history of the member who is signed in, newest first, each with the task it was for.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const first = await client.points.historyPage({ page_size: 50 });
 * if (first.next !== null) await client.points.historyPage({ page_size: 50, after: first.next });
 * ```
 */
export async function getPointHistoryPage(
  supabase: NeighbourhoodSupabase,
  input: PointHistoryInput = {},
  options: RequestOptions = {},
): Promise<Page<PointTransactionWithTask>> {
  const { page_size, after } = checked(pointHistoryInput, input);
  const rows = await send((signal) => {
    const query = supabase
      .from("point_transactions")
      .select("*, task:tasks!point_transactions_task_id_fkey(id, title)");
    return (after === undefined ? query : query.lt("id", after))
      .order("id", { ascending: false })
      .limit(page_size)
      .abortSignal(signal);
  }, options);
  return toPage(rows, page_size, (last) => String(last.id));
}
