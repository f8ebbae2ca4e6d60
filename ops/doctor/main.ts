import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { paths } from "../../dev/base/paths.ts";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { functionSecrets } from "../../dev/stack/functions/environment.ts";
import { loadKeys } from "../../dev/stack/keys.ts";
import { examine, type SubjectReport } from "./examine.ts";
import { type Consent, fix, type Repaired } from "./fix.ts";
import { meet, type Variables } from "./patient.ts";
import { countsOf, jsonOf, linesOf, summaryOf } from "./print.ts";
import { findAddress } from "./subjects/environment.ts";
import { SUBJECTS } from "./subjects/index.ts";

/** So long a question may take when everything is asked, and when a subject is asked for by name. */
const PATIENCE = { everything: 2, only: 600 };

const usage = `Usage: npm run doctor -- [options]

Examines the database of DATABASE_URL, otherwise that of the running stack, and what belongs to it: ✓ fine, ! to be looked
at, ✗ ill, ? could not be asked; each with the reason and the next command. It changes nothing without --fix. What each
line means: docs/operations/doctor.md.

  --only SUBJECT   one subject, which may take its time; may be repeated
  --fix            offer safe repairs one by one, and examine again what they were for
  --yes            with --fix: do all of them without asking
  --dry-run        with --fix: only show them
  --over MINUTES   how long a query may run, and an open transaction do nothing (default 5)
  --secrets FILE   the functions' secrets, as npm run functions:keys prints them (default: the environment)
  --json           print JSON
  --help           show this text

Subjects
${SUBJECTS.map(({ name, about }) => `  ${name.padEnd(15)}${about}`).join("\n")}

Exit code 0: nothing is ill, 1: something is, 2: wrong usage.`;

await runCommand({
  usage,
  options: {
    only: { type: "string", multiple: true, default: [] },
    fix: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
    over: { type: "string", default: "5" },
    secrets: { type: "string" },
    json: { type: "boolean", default: false },
  },
  async run({ only, over, secrets, json, ...flags }) {
    const unknown = only.find((name) => !SUBJECTS.some((subject) => subject.name === name));
    if (unknown !== undefined) wrongUsage(`there is no subject ${unknown}`, usage);
    const minutes = /^\d+(?:\.\d+)?$/u.test(over) ? Number(over) : 0;
    if (minutes <= 0) wrongUsage(`--over ${over} is no number of minutes`, usage);
    const consent = consentOf(flags, json);
    const { address, isLocalStack } = findAddress();
    const patient = meet({
      address,
      isLocalStack,
      secrets: secrets === undefined ? secretsOf(isLocalStack) : readSecrets(secrets),
      limitSeconds: minutes * 60,
      patience: only.length === 0 ? PATIENCE.everything : PATIENCE.only,
    });
    const say = (line: string) => {
      if (!json) console.log(line);
    };
    try {
      let reports = await examine(patient, only, (report) => say(linesOf(report)));
      let repaired: readonly Repaired[] = [];
      if (consent !== undefined) {
        repaired = await fix(patient, reports, consent, say);
        if (consent !== "dry-run" && repaired.length > 0) reports = await examineAgain(reports, repaired);
      }
      if (json) console.log(jsonOf(reports, repaired));
      else console.log(`\n${summaryOf(reports)}`);
      if (countsOf(reports).problem > 0) process.exitCode = 1;
    } finally {
      await patient.close();
    }

    async function examineAgain(before: readonly SubjectReport[], repaired: readonly Repaired[]) {
      const names = [...new Set(repaired.map(({ subject }) => subject))];
      say("\nExamined again:");
      const again = await examine(patient, names, (report) => say(linesOf(report)));
      return before.map((report) => again.find(({ subject }) => subject === report.subject) ?? report);
    }
  },
});

/** How repairs are agreed to; undefined without --fix. */
function consentOf(flags: { fix: boolean; yes: boolean; "dry-run": boolean }, json: boolean): Consent | undefined {
  const { fix: isFix, yes, "dry-run": isDry } = flags;
  if (!isFix) return yes || isDry ? wrongUsage("--yes and --dry-run go with --fix", usage) : undefined;
  if (yes && isDry) wrongUsage("--yes and --dry-run exclude each other", usage);
  if (isDry) return "dry-run";
  if (yes) return "yes";
  if (json || !process.stdin.isTTY) wrongUsage("--fix asks at a terminal: add --yes or --dry-run", usage);
  return "ask";
}

/** What the functions of the running stack have, or this environment. */
function secretsOf(isLocalStack: boolean): Variables {
  return isLocalStack ? functionSecrets(loadKeys(join(paths.local, "keys.json"))) : process.env;
}

function readSecrets(file: string): Variables {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    throw new StackError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
