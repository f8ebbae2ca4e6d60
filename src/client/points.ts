import { type PointHistoryInput, pointHistoryInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { eachItem, type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, send, sendMaybe } from "./request.ts";
import type { PointAccount, PointTransaction, PointTransactionWords } from "./rows.ts";
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
 * One page of the point history of the member who is signed in, newest first.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const first = await client.points.historyPage({ pageSize: 50 });
 * if (first.next !== null) await client.points.historyPage({ pageSize: 50, after: first.next });
 * ```
 */
export async function getPointHistoryPage(
  supabase: NeighbourhoodSupabase,
  input: PointHistoryInput = {},
  options: RequestOptions = {},
): Promise<Page<PointTransaction>> {
  const { pageSize, after } = checked(pointHistoryInput, input);
  const rows = await send((signal) => {
    const query = supabase.from("point_transactions").select("*");
    return (after === undefined ? query : query.lt("id", Number(after)))
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal)
      .overrideTypes<PointTransactionWords[]>();
  }, options);
  return toPage(rows, pageSize, (last) => String(last.id));
}

/**
 * The whole point history of the member who is signed in, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getPointHistoryPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const entry of client.points.history()) {
 *   console.log(entry.created_at, entry.amount, entry.balance_after);
 * }
 * ```
 */
export function iteratePointHistory(
  supabase: NeighbourhoodSupabase,
  input: PointHistoryInput = {},
  options: RequestOptions = {},
): AsyncGenerator<PointTransaction, void, undefined> {
  return eachItem((after) => getPointHistoryPage(supabase, { ...input, after }, options), input.after, options);
}
