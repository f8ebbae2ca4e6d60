/**
 * Inputs and fixed words of the points room.
 *
 * @module
 */
import { z } from "zod";
import { numberAfter, pageSize } from "./fields.ts";

/** Input of the point history, newest first. */
export const pointHistoryInput = z.strictObject({
  page_size: pageSize,
  after: numberAfter,
});

/** See {@link pointHistoryInput}. */
export type PointHistoryInput = z.input<typeof pointHistoryInput>;
