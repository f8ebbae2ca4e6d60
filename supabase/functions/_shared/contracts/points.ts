/**
 * Inputs and fixed words of the points room.
 *
 * @module
 */
import { z } from "zod";
import { after, pageSize } from "./fields.ts";

/** Why points moved. */
export const POINT_TRANSACTION_TYPES = [
  "task_completed",
  "task_hold",
  "redemption",
  "bonus",
  "refund",
  "admin_adjustment",
] as const;
/** See {@link POINT_TRANSACTION_TYPES}. */
export type PointTransactionType = (typeof POINT_TRANSACTION_TYPES)[number];

/** Input of the point history, newest first. */
export const pointHistoryInput = z.strictObject({
  pageSize,
  after: after.refine((cursor) => cursor === undefined || /^[1-9][0-9]{0,15}$/u.test(cursor), "cursor_invalid"),
});

/** See {@link pointHistoryInput}. */
export type PointHistoryInput = z.input<typeof pointHistoryInput>;
