import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { areFrozen } from "../../dev/schemas/frozen.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { lockFor } from "../core/lock.ts";
import { type Action, command, runCommandLine } from "./actions.ts";
import { KNOWN_MIGRATIONS } from "./migrations.ts";
import { type Target, variableOf } from "./target.ts";

/** What may be left out of the checks. */
export interface CheckOptions {
  /** The tests of this commit are green: they have done what takes long. */
  isTested: boolean;
  /** Also with changes that are not committed. */
  isDirtyAllowed: boolean;
  /** Also outside of the quiet hours. */
  isNow: boolean;
}

/** The oldest and the first too new version of the Supabase CLI whose flags these commands use. */
const CLI = { from: 3, beyond: 4 };

/** What must be right before anything is touched. */
export function checks(target: Target, { isTested, isDirtyAllowed, isNow }: CheckOptions): Action[] {
  return [
    ...(target.isHosted ? [PROJECT_FITS, FUNCTIONS_ENVIRONMENT] : []),
    ...(isDirtyAllowed ? [] : [CLEAN_TREE]),
    CLI_VERSION,
    ...(target.name === "production" ? [...(isNow ? [] : [QUIET_HOURS]), FROZEN] : []),
    ALONE,
    KNOWN_MIGRATIONS,
    command({ program: "npm", args: ["run", "db:build", "--", "--check"] }),
    ...(isTested ? [] : [command({ program: "npm", args: ["run", "db:check"] })]),
  ];
}

/** Two at once would migrate the same database, and each would take the other's functions for its own. */
export const ALONE: Action = {
  show: "take the lock of deployments to this database, and hold it to the end",
  async run({ database, atTheEnd }) {
    const { url, name } = await database();
    const session = openServerSession(url, { applicationName: "neighbourhood deployment" });
    atTheEnd(session.close);
    await lockFor(session, "ops.deploy", `another deployment to ${name} is under way: wait until it has ended`);
  },
};

const PROJECT_FITS: Action = {
  show: "compare SUPABASE_PROJECT_REF with DATABASE_URL, DATABASE_DIRECT_URL and SUPABASE_URL",
  async run({ target }) {
    requireProject(target);
  },
};

/**
 * Whether all addresses lead to the project: to migrate one and deploy functions to another would break both.
 *
 * @throws StackError naming the variable that leads elsewhere.
 */
export function requireProject(target: Target): void {
  const ref = variableOf(target, "SUPABASE_PROJECT_REF");
  if (!/^[a-z]{20}$/u.test(ref)) throw new StackError(`SUPABASE_PROJECT_REF=${ref} is none: it has 20 small letters`);
  for (const variable of ["DATABASE_URL", "DATABASE_DIRECT_URL"] as const) {
    const { hostname, username } = new URL(variableOf(target, variable));
    if (hostname === `db.${ref}.supabase.co`) continue;
    if (hostname.endsWith(".pooler.supabase.com") && username.endsWith(`.${ref}`)) continue;
    throw leadsElsewhere(variable, hostname, ref);
  }
  // a project may have a domain of its own, but not another project's
  const { hostname } = new URL(variableOf(target, "SUPABASE_URL"));
  if (hostname.endsWith(".supabase.co") && hostname !== `${ref}.supabase.co`) {
    throw leadsElsewhere("SUPABASE_URL", hostname, ref);
  }
}

const leadsElsewhere = (variable: string, hostname: string, ref: string): StackError =>
  new StackError(
    `${variable} leads to ${hostname}, not to the project ${ref}: copy it from the project's page Connect`,
  );

/** Without these the functions refuse to start, or codes cannot be read. */
const FUNCTION_KEYS = ["SEALING_KEYS", "CODE_INDEX_KEY", "NOTIFICATION_SIGNING_KEY"];

const FUNCTIONS_ENVIRONMENT: Action = {
  show: "read $FUNCTIONS_ENV_FILE   # it has the functions' keys, and nothing that is for a local stack only",
  async run({ target }) {
    requireFunctionsEnvironment(variableOf(target, "FUNCTIONS_ENV_FILE"));
  },
};

/** @throws StackError when the file lacks a key, or holds what a project must not have. */
export function requireFunctionsEnvironment(file: string): void {
  let values: Partial<Record<string, string>>;
  try {
    values = parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new StackError(`${file} cannot be read (${reason}): npm run --silent functions:keys > ${file}`);
  }
  const missing = FUNCTION_KEYS.filter((name) => !values[name]);
  if (missing.length > 0) {
    throw new StackError(`${file} lacks ${missing.join(", ")}: npm run --silent functions:keys -- --rotate ${file}`);
  }
  const refused = Object.keys(values).find((name) => name.startsWith("SUPABASE_") || name === "OUTBOUND_LOOPBACK");
  if (refused !== undefined) throw new StackError(`${file} sets ${refused}, which a project must not have: delete it`);
}

const CLEAN_TREE: Action = {
  show: "git status --porcelain   # prints nothing",
  async run(context) {
    const changed = await runCommandLine({ program: "git", args: ["status", "--porcelain"] }, context);
    if (changed.trim() === "") return;
    throw new StackError(
      "there are changes that are not committed: commit or stash them, what is deployed must be known",
    );
  },
};

const CLI_VERSION: Action = {
  show: `npx supabase --version   # ${CLI.from}.x`,
  async run(context) {
    const version = (await runCommandLine({ program: "supabase", args: ["--version"] }, context)).trim();
    const major = Number(/(\d+)\.\d+\.\d+/u.exec(version)?.[1]);
    if (major >= CLI.from && major < CLI.beyond) return;
    throw new StackError(`the Supabase CLI is ${version}: npm ci brings the one that this was made for`);
  },
};

const FROZEN: Action = {
  show: "read supabase/migrations.sha256   # until they are frozen, migrations are written anew and would not be applied again",
  async run() {
    if (areFrozen(paths.supabase)) return;
    throw new StackError(
      "the migrations are not frozen, so a later change would never reach this database: npm run db:freeze, at the release",
    );
  },
};

/** At night, by the community's clock. */
const USUAL_QUIET_HOURS = "01:00-05:00";

const QUIET_HOURS: Action = {
  show: `compare the community's clock with DEPLOY_QUIET_HOURS (${USUAL_QUIET_HOURS})   # not with --now`,
  async run({ target, database }) {
    const hours = target.variables.DEPLOY_QUIET_HOURS ?? USUAL_QUIET_HOURS;
    const open = await database();
    const [settings] = await open.query<{ is_there: boolean }>(
      "select to_regclass('private.settings') is not null as is_there",
    );
    if (!settings?.is_there) return; // nobody is there yet who could be disturbed
    const [clock] = await open.query<{ time: string; zone: string }>(
      "select to_char(now() at time zone time_zone, 'HH24:MI') as time, time_zone as zone from private.settings",
    );
    const { time = "", zone = "" } = clock ?? {};
    if (isWithin(hours, time)) return;
    throw new StackError(`it is ${time} in ${zone}, and production is deployed to at ${hours}: wait, or add --now`);
  },
};

/**
 * Whether a time of day lies within hours, which may go over midnight; the end is outside.
 *
 * @throws StackError when the hours are none.
 * @example
 * isWithin("22:00-05:00", "23:30"); // true
 */
export function isWithin(hours: string, time: string): boolean {
  const [, from, until] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)$/u.exec(hours) ?? [];
  if (from === undefined || until === undefined || from === until) {
    throw new StackError(
      `DEPLOY_QUIET_HOURS=${hours} are no hours: write two different ones as in ${USUAL_QUIET_HOURS}`,
    );
  }
  return from < until ? time >= from && time < until : time >= from || time < until;
}
