import { availableParallelism } from "node:os";
import { removeOldLogs, runStep, type StepResult } from "./run-step.ts";
import type { Step } from "./steps.ts";

/** What several steps found together. */
export interface Total {
  passed: number;
  failed: number;
  skipped: number;
  /** Steps that were left out because what others stand on is stale. */
  notRun: Step[];
}

/** So many steps at once: they share nothing but the machine, and each waits now and then. */
const SIDE_BY_SIDE = Math.min(availableParallelism() + 1, 4);

/** Runs the steps in their order, a few at a time. After one that others stand on has failed, no other is begun. */
export async function runSteps(
  steps: readonly Step[],
  onResult: (step: Step, result: StepResult) => void,
): Promise<Total> {
  removeOldLogs();
  const queue = [...steps];
  const total: Total = { passed: 0, failed: 0, skipped: 0, notRun: [] };
  const work = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const result = await runStep(step);
      total.passed += result.passed;
      total.failed += result.failed;
      total.skipped += result.skipped;
      onResult(step, result);
      if (step.isFoundation && result.failed > 0) total.notRun.push(...queue.splice(0));
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return total;
}
