import { StackError } from "../../dev/base/stack-error.ts";

/** Turns Ctrl-C and a kill into an abort, so that what was begun is taken away; the second time the process ends at once. */
export function abortOnSignal(): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals) => {
    controller.abort(new StackError(`stopped by ${name}: nothing is left of it, it can be run again`));
  };
  process.once("SIGINT", abort).once("SIGTERM", abort);
  return { signal: controller.signal, forget: () => process.off("SIGINT", abort).off("SIGTERM", abort) };
}
