import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Node } from "@pgsql/types";
import { paths } from "../../base/paths.ts";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { nameOf } from "../objects.ts";
import type { Finding, Place } from "./finding.ts";

/** Rules of squawk that are not asked, and why. */
const NOT_ASKED = {
  "prefer-robust-stmts": "a file is one transaction, and `if not exists` passes over what a failed attempt has left",
  "require-lock-timeout": "lock-timeout asks for one in `set local`, and for a short one",
  "require-statement-timeout": "validating a constraint takes as long as it takes, and nobody waits for it",
  "require-timeout-settings": "both of the above, in older versions",
  "ban-concurrent-index-creation-in-transaction": "concurrently-alone: such a file has no transaction",
  "ban-drop-column": "removed-too-early knows whether an earlier release said so",
  "ban-drop-table": "removed-too-early knows whether an earlier release said so",
  "renaming-column": "renamed asks whether clients can reach it",
  "renaming-table": "renamed asks whether clients can reach it",
  "adding-not-nullable-field": "not-null-unproved knows the validated check that makes it safe",
  "adding-required-field": "tightened-too-early says what to do in which release",
  "ban-create-domain-with-constraint": "the words of this product are domains, made in one place",
  "ban-alter-domain-with-add-constraint": "validated-at-once lets `not valid` pass",
  "prefer-bigint-over-int": "integer is what counts and points are here; what grows without end is bigint identity",
  "prefer-bigint-over-smallint": "the same",
  "require-enum-value-ordering": "the order of words says nothing here",
} as const;

interface SquawkFinding {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  readonly rule_name: string;
  readonly message: string;
  readonly help: string | null;
}

/**
 * What squawk finds in some files.
 *
 * @param supabase folder that the files are named in.
 * @throws StackError when squawk cannot be run.
 */
export async function askSquawk(files: readonly string[], supabase: string): Promise<readonly Finding[]> {
  if (files.length === 0) return [];
  const excluded = Object.keys(NOT_ASKED).map((rule) => `--exclude=${rule}`);
  const args = [
    "--reporter=json",
    "--pg-version=15.0",
    "--assume-in-transaction",
    ...excluded,
    ...files.map((file) => join(supabase, file)),
  ];
  return (await run(args)).map(({ file, line, rule_name, message, help }) => ({
    file: files.find((one) => join(supabase, one) === file) ?? file,
    line: line + 1,
    rule: rule_name,
    why: message.replaceAll("`", "").replace(/\.$/u, ""),
    instead: (help ?? "see https://squawkhq.com/docs/rules").replaceAll("`", "").replace(/\.$/u, ""),
  }));
}

// of the package for this machine, not of squawk-cli: that one demands those of all machines, which not every registry has
const PROGRAM = join(paths.nodeModules, "@squawk-cli/linux-x64/bin/squawk");

async function run(args: readonly string[]): Promise<readonly SquawkFinding[]> {
  if (!existsSync(PROGRAM))
    throw new StackError("squawk is installed on Linux (x64) alone: run npm run db:check there, as CI does");
  const output = await promisify(execFile)(PROGRAM, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
    // it ends with 1 when it finds something
    (error: { stdout?: string; stderr?: string }) => ({ stdout: error.stdout ?? "", stderr: error.stderr ?? "" }),
  );
  try {
    return JSON.parse(output.stdout) as SquawkFinding[];
  } catch {
    const reason = output.stderr.trim().split("\n").at(-1) ?? messageOf(output.stdout);
    throw new StackError(`squawk could not be run, delete node_modules and try again: ${reason}`);
  }
}

/** Whether nobody waits for what a statement does: the file makes the table itself, or it never has many rows. */
export function isQuick(node: Node, { catalogue, file }: Place): boolean {
  const relation =
    "IndexStmt" in node ? node.IndexStmt.relation : "AlterTableStmt" in node ? node.AlterTableStmt.relation : undefined;
  return relation !== undefined && !catalogue.mayBeBig(nameOf(relation), file);
}
