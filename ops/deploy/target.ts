import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";

/** What can be deployed to. */
export const TARGETS = ["staging", "production"] as const;

/** Where a deployment goes. */
export type TargetName = (typeof TARGETS)[number];

/** Each variable that a deployment reads: whether it must be there, and whether its value may be shown. */
const VARIABLES = {
  DATABASE_URL: { isNeeded: true, isSecret: true },
  DATABASE_DIRECT_URL: { isNeeded: false, isSecret: true },
  SUPABASE_URL: { isNeeded: true, isSecret: false },
  SUPABASE_PUBLISHABLE_KEY: { isNeeded: true, isSecret: false },
  SUPABASE_SECRET_KEY: { isNeeded: true, isSecret: true },
  SUPABASE_PROJECT_REF: { isNeeded: "hosted", isSecret: false },
  SUPABASE_ACCESS_TOKEN: { isNeeded: "hosted", isSecret: true },
  FUNCTIONS_ENV_FILE: { isNeeded: "hosted", isSecret: false },
  BACKUP_STORE: { isNeeded: true, isSecret: false },
  DEPLOY_CHECK_EMAIL: { isNeeded: false, isSecret: false },
  DEPLOY_CHECK_PASSWORD: { isNeeded: false, isSecret: true },
  DEPLOY_QUIET_HOURS: { isNeeded: false, isSecret: false },
} as const satisfies Record<string, { isNeeded: boolean | "hosted"; isSecret: boolean }>;

/** Name of a variable of a deployment. */
export type Variable = keyof typeof VARIABLES;

/** A target with what its environment says. */
export interface Target {
  name: TargetName;
  /** False: a server of one's own; functions and their secrets are put there by hand. */
  isHosted: boolean;
  variables: Readonly<Partial<Record<Variable, string>>>;
  /** For the commands that are run: everything that the file and this process say, such as where backups go. */
  environment: Readonly<NodeJS.ProcessEnv>;
  /** Names of those that are needed and not there. */
  missing: readonly Variable[];
}

/** Which environment to read. */
export interface TargetOptions {
  isHosted: boolean;
  /** File of variables, which win over those of the environment: one with the wrong DATABASE_URL is in many a shell. */
  file?: string;
}

/**
 * Reads the environment of a target: `<target>.env` when it is there, else the variables of the process.
 *
 * @throws StackError when a named file cannot be read.
 */
export function readTarget(name: TargetName, { isHosted, file }: TargetOptions): Target {
  const given = { ...process.env, ...fromFile(file ?? join(paths.root, `${name}.env`), file !== undefined) };
  const variables: Partial<Record<Variable, string>> = {};
  for (const variable of namesOf(VARIABLES)) {
    const value = given[variable];
    if (value !== undefined && value !== "") variables[variable] = value;
  }
  if (variables.DATABASE_URL !== undefined) variables.DATABASE_DIRECT_URL ??= variables.DATABASE_URL;
  if (variables.SUPABASE_PROJECT_REF !== undefined) {
    variables.SUPABASE_URL ??= `https://${variables.SUPABASE_PROJECT_REF}.supabase.co`;
  }
  variables.FUNCTIONS_ENV_FILE ??= `functions.${name}.env`;
  const missing = namesOf(VARIABLES).filter((variable) => {
    const { isNeeded } = VARIABLES[variable];
    return (isNeeded === true || (isNeeded === "hosted" && isHosted)) && variables[variable] === undefined;
  });
  return { name, isHosted, variables, environment: given, missing };
}

/** @throws StackError when the variable is not there. */
export function variableOf(target: Target, variable: Variable): string {
  const value = target.variables[variable];
  if (value === undefined) throw new StackError(`${variable} is not set: see docs/operations/deploy.md`);
  return value;
}

/** A text without what must not be shown: secrets become the names of their variables. */
export function withoutSecrets(target: Target, text: string): string {
  let shown = text;
  for (const variable of namesOf(VARIABLES)) {
    const value = target.variables[variable];
    if (VARIABLES[variable].isSecret && value !== undefined) shown = shown.replaceAll(value, `$${variable}`);
  }
  // tools repeat addresses in their own spelling
  return shown.replaceAll(/(postgres(?:ql)?:\/\/[^\s:@/]*):[^\s@]*@/gu, "$1:…@");
}

function fromFile(file: string, isNamed: boolean): Partial<Record<string, string>> {
  if (!isNamed && !existsSync(file)) return {};
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    throw new StackError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

const namesOf = <Name extends string>(record: Record<Name, unknown>): Name[] => Object.keys(record) as Name[];
