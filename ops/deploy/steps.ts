import type { Action } from "./actions.ts";
import { ALONE, type CheckOptions, checks } from "./checks.ts";
import { BACK_UP, MIGRATE, ROLL_BACK } from "./migrations.ts";
import { functionActions, SCHEDULE } from "./platform.ts";
import type { Target } from "./target.ts";
import { verification } from "./verify.ts";

/** One step of a deployment. */
export interface Step {
  name: string;
  title: string;
  /** Done once: when a deployment goes on after an interruption, it is left out. Everything else is done again. */
  isKept: boolean;
  actions: readonly Action[];
  /** What to do when it fails. */
  advice: string;
}

const AGAIN = "Nothing else was done; mend it and run the same command again";

/** The steps of a deployment, in their order. */
export function planDeployment(target: Target, options: CheckOptions): Step[] {
  const undo = `npm run deploy -- --to ${target.name} --rollback takes the migrations back`;
  return [
    { name: "checks", title: "Checks", isKept: false, actions: checks(target, options), advice: "Nothing was changed" },
    { name: "backup", title: "Backup", isKept: true, actions: [BACK_UP], advice: "Nothing was changed" },
    { name: "migrate", title: "Migrations", isKept: true, actions: [MIGRATE], advice: "Functions were not touched" },
    {
      name: "functions",
      title: "Functions and their secrets",
      isKept: true,
      actions: functionActions(target),
      advice: `The migrations are applied, the old functions still run. ${AGAIN}; ${undo}`,
    },
    { name: "schedule", title: "Schedule", isKept: true, actions: SCHEDULE, advice: AGAIN },
    {
      name: "verify",
      title: "Verification",
      isKept: false,
      actions: verification(target),
      advice: `Everything is deployed, but not right: mend it and run the same command again, or ${undo}`,
    },
  ];
}

/** The one step that takes a deployment back. */
export function planRollback(): Step[] {
  const advice = "See docs/operations/deploy.md, Rollback plan";
  return [{ name: "rollback", title: "Migrations taken back", isKept: false, actions: [ALONE, ROLL_BACK], advice }];
}
