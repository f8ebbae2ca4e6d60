/**
 * Logs of edge functions: one JSON object per line, so that they can be searched. Never log what people wrote,
 * where they are, or a token.
 *
 * @module
 */

/** Facts that belong to a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Writes one line. */
export type Log = (level: "info" | "warn" | "error", message: string, fields?: LogFields) => void;

/** Logs to the function's console, from where the platform collects it. */
export const consoleLog: Log = (level, message, fields = {}) => {
  console[level](JSON.stringify({ level, message, ...fields }));
};
