import { RelationNotFoundError } from "@supabase/lite";
import { isDatabaseError, isUnsendable, toPostgrestError } from "./postgrest-errors.ts";

/**
 * The REST server prints every database error, also the expected ones that it answers with a proper body (a refused
 * command, an unknown table). Errors marked here have been answered and are kept out of the terminal; what points to
 * a fault of the server (out of memory, broken files, a lost connection) is still printed.
 */
const answered = new WeakSet<object>();
let isInstalled = false;

const SERVER_FAULT = /^(XX|53|58)/;

/** Keeps an error out of the terminal. */
export function keepQuiet(error: unknown): void {
  install();
  if (typeof error === "object" && error !== null) answered.add(error);
}

/** Gives a database error PostgREST's form, and keeps it out of the terminal when the client caused it. */
export function answerDatabaseError(error: unknown): unknown {
  const answer = toPostgrestError(error);
  const isClients = isDatabaseError(error)
    ? !SERVER_FAULT.test(error.code)
    : error instanceof RelationNotFoundError || isUnsendable(error);
  if (isClients) keepQuiet(answer);
  return answer;
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const print = console.error.bind(console);
  console.error = (...values: unknown[]) => {
    const last = values.at(-1);
    if (typeof last === "object" && last !== null && answered.has(last)) return;
    print(...values);
  };
}
