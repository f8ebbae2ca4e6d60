import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { connect, type Database } from "../core/connection.ts";
import { report } from "../core/report.ts";
import type { Context } from "./actions.ts";
import { readState, type State, stateFolder, writeState } from "./state.ts";
import { planDeployment, planRollback, type Step } from "./steps.ts";
import { readTarget, TARGETS, type Target, type TargetName, variableOf, withoutSecrets } from "./target.ts";

const USAGE = `Usage: npm run deploy -- --to staging|production [options]

Brings this commit to a database, its functions and its schedule: checks, backup, migrations, functions with their secrets,
schedule, verification. Each step is shown. A step that fails ends it with what to do; run it again, and it goes on where it
stopped. Reads <target>.env, else the variables of this shell: docs/operations/deploy.md tells which.

  --to TARGET        staging, or production (in quiet hours only: DEPLOY_QUIET_HOURS, by the community's clock)
  --dry-run          only print what would be done, every command as it would be run
  --rollback         take back the migrations that the last deployment to the target applied
  --now              production outside of the quiet hours
  --tested           the tests of this commit are green, so db:check is left out
  --from-start       do every step again, also what an interrupted deployment of this commit has done
  --self-hosted      a server of your own instead of a project at Supabase: functions are left to you
  --env-file FILE    read this file instead of <target>.env
  --allow-dirty      staging only: also with changes that are not committed
  --json             print one JSON document
  --help             show this text`;

await runCommand({
  usage: USAGE,
  options: {
    to: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    rollback: { type: "boolean", default: false },
    now: { type: "boolean", default: false },
    tested: { type: "boolean", default: false },
    "from-start": { type: "boolean", default: false },
    "self-hosted": { type: "boolean", default: false },
    "env-file": { type: "string" },
    "allow-dirty": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async run(flags) {
    const name = targetName(flags.to);
    if (flags["allow-dirty"] && name === "production") wrongUsage("--allow-dirty is for staging only", USAGE);
    const target = readTarget(name, {
      isHosted: !flags["self-hosted"],
      ...(flags["env-file"] === undefined ? {} : { file: flags["env-file"] }),
    });
    const options = { isTested: flags.tested, isDirtyAllowed: flags["allow-dirty"], isNow: flags.now };
    const steps = flags.rollback ? planRollback() : planDeployment(target, options);
    if (flags["dry-run"]) printPlan(steps, flags.json);
    if (target.missing.length > 0) {
      throw new StackError(
        `${target.missing.join(", ")} ${target.missing.length === 1 ? "is" : "are"} not set: write a file ${name}.env (docs/operations/deploy.md)`,
      );
    }
    if (flags["dry-run"]) return;
    await deploy(target, steps, { isRollback: flags.rollback, isFresh: flags["from-start"], isJson: flags.json });
  },
});

function targetName(text: string | undefined): TargetName {
  const name = TARGETS.find((target) => target === text);
  return name ?? wrongUsage(text === undefined ? "--to is missing" : `--to ${text} is unknown`, USAGE);
}

function printPlan(steps: readonly Step[], isJson: boolean): void {
  const plan = steps.map(({ title, actions }) => ({ step: title, does: actions.map(({ show }) => show) }));
  const lines = plan.flatMap(({ step, does }, index) => [`${index + 1}. ${step}`, ...does.map((line) => `   ${line}`)]);
  report({ json: isJson }).result({ plan }, lines);
}

interface DeployOptions {
  isRollback: boolean;
  isFresh: boolean;
  isJson: boolean;
}

async function deploy(target: Target, steps: readonly Step[], options: DeployOptions): Promise<void> {
  const told = report({ json: options.isJson });
  const notes: string[] = [];
  const ends: (() => Promise<void>)[] = [];
  let open: Promise<Database> | undefined;
  const database = () => {
    open ??= connect({ direct: true, writes: true, url: variableOf(target, "DATABASE_DIRECT_URL") });
    return open;
  };
  try {
    const state = stateOf(target, options);
    const context: Omit<Context, "detail"> = {
      target,
      state,
      database,
      atTheEnd: (close) => ends.push(close),
      log: join(stateFolder(), `${target.name}.log`),
      note: (text) => notes.push(text),
    };
    for (const step of steps) await take(step, context, told);
    writeState(target.name, {
      ...state,
      [options.isRollback ? "rolledBackAt" : "finishedAt"]: new Date().toISOString(),
    });
    const done = options.isRollback ? "rolled back" : `${state.commit.slice(0, 12)} is deployed`;
    told.result({ target: target.name, commit: state.commit, applied: state.applied, notes }, [
      ...notes.map((note) => `! ${note}`),
      `✓ ${target.name}: ${done}`,
    ]);
  } finally {
    for (const close of ends) await close();
    await (await open?.catch(() => undefined))?.close();
  }
}

async function take(step: Step, context: Omit<Context, "detail">, told: ReturnType<typeof report>): Promise<void> {
  const { state, target, log } = context;
  if (state.done.includes(step.name)) return told.line(`• ${step.title}: done before`);
  await told.step(step.title, async (detail) => {
    try {
      for (const action of step.actions) {
        detail(action.show);
        await action.run({ ...context, detail });
      }
    } catch (error) {
      const reason = withoutSecrets(target, messageOf(error));
      throw new StackError(`${step.title}: ${reason}. ${step.advice} (log: ${log})`);
    }
  });
  if (step.isKept) {
    state.done.push(step.name);
    writeState(target.name, state);
  }
}

/** The state of an interrupted deployment of this commit, or a new one. */
function stateOf(target: Target, { isRollback, isFresh }: DeployOptions): State {
  const last = readState(target.name);
  if (isRollback) {
    if (last === undefined) throw new StackError(`nothing is known of a deployment to ${target.name} from here`);
    return last;
  }
  const commit = currentCommit();
  const goesOn = last?.commit === commit && last.finishedAt === undefined && last.rolledBackAt === undefined;
  if (last !== undefined && goesOn && !isFresh) return last;
  return { commit, startedAt: new Date().toISOString(), before: [], applied: [], done: [] };
}

function currentCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: paths.root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    throw new StackError("this is no git repository: deploy from a clone, so that it is known what was deployed");
  }
}
