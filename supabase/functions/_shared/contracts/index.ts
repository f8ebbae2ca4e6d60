/**
 * What goes in and what can go wrong: shared by the edge functions and the client. No I/O.
 *
 * @module
 */
export * from "./errors.ts";
export * from "./fields.ts";
export * from "./messages.ts";
export * from "./notifications.ts";
export * from "./pictures.ts";
export * from "./places.ts";
export * from "./points.ts";
export * from "./ratings.ts";
export * from "./recommendations.ts";
export * from "./redemptions.ts";
export * from "./search.ts";
export * from "./statistics.ts";
export * from "./tasks.ts";
export * from "./users.ts";
export * from "./validation.ts";
export * from "./words-and-limits.ts";
