import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { abortOnSignal } from "../backup/abort.ts";
import { secondsOf } from "../core/patience.ts";
import { report } from "../core/report.ts";
import { backUp, runCommandOn, storeOf } from "./commands.ts";
import { create, planCreation } from "./create.ts";
import { audit, list } from "./judge.ts";
import { migrateFleet } from "./migrate-all.ts";
import { type Community, chosen, readRegistry } from "./registry.ts";
import { type Walk, type Walked, walk } from "./walk.ts";

const USAGE = `Usage: npm run fleet -- create|list|migrate|audit|backup|run [NAME…] [options]

Many communities, a database each, on many servers, by a registry (docs/operations/fleet.md). Without names: all of them.

  create NAME…        makes communities as copies of their server's template, which is made where there is none
  list                version, size and alerts of each
  migrate             templates first, then each; after the first failure nothing more is begun. Run again, it goes on
  audit               all audits and alerts of each
  backup              a backup of each, in a folder of its own
  run [NAME…] -- COMMAND…
                      an npm command on each: npm run fleet -- run -- sql "table ops.jobs"

  --registry FILE     default: FLEET_REGISTRY, else fleet.yaml
  --parallel N        how many at the same time (default: parallel of the registry, else 4)
  --dry-run           create, migrate, backup: only show what would be done
  --skip-unreachable  migrate: leave out communities that cannot be reached, and say so
  --patience SEC      migrate: how long to try again where others hold a table (default: 300)
  --older-than HOURS  backup: only where the newest good backup is older
  --json              print one JSON document
  --help              show this text

Exit code 0: all are well; 1: not all, each is named; 2: called wrongly. Nothing is lost by running a command again.`;

const args = process.argv.slice(2);
const split = args.indexOf("--");
const command = split === -1 ? [] : args.slice(split + 1);

await runCommand(
  {
    usage: USAGE,
    positionals: "any",
    options: {
      registry: { type: "string" },
      parallel: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      "skip-unreachable": { type: "boolean", default: false },
      patience: { type: "string", default: "300" },
      "older-than": { type: "string", default: "0" },
      json: { type: "boolean", default: false },
    },
    async run(flags, [verb, ...names]) {
      if (verb === undefined) wrongUsage("what is to be done?", USAGE);
      if ((verb === "run") !== command.length > 0) {
        wrongUsage(verb === "run" ? "run needs a command behind --" : "only run takes a command behind --", USAGE);
      }
      const fleet = readRegistry(flags.registry ?? (process.env["FLEET_REGISTRY"] || "fleet.yaml"));
      const parallel = flags.parallel === undefined ? fleet.parallel : wholeNumber("--parallel", flags.parallel, 1, 64);
      const out = report({ json: flags.json });
      const communities = chosen(fleet, names);
      const each: Walk = { parallel, out, stops: false };
      const andStop: Walk = { ...each, stops: true };
      const does: Record<string, () => Promise<Walked>> = {
        create: () => {
          if (names.length === 0) wrongUsage("create needs names", USAGE);
          return walk(communities, andStop, flags["dry-run"] ? planCreation : create);
        },
        list: () => walk(communities, each, list),
        migrate: () =>
          migrateFleet(communities, {
            ...andStop,
            servers: names.length === 0 ? fleet.servers : [],
            patienceSeconds: secondsOf(flags.patience),
            isDryRun: flags["dry-run"],
            skipsUnreachable: flags["skip-unreachable"],
          }),
        audit: () => walk(communities, each, audit),
        backup: () => backUpAll(communities, each, flags),
        run: () => walk(communities, andStop, (community) => runCommandOn(community, command)),
      };
      const work = does[verb] ?? wrongUsage(`there is no fleet ${verb}`, USAGE);
      const { entries, isGood } = await work();
      const bad = entries.filter(({ is_good }) => !is_good).length;
      out.result({ is_good: isGood, communities: entries }, [
        isGood ? `✓ ${inWords(entries.length)}` : `✗ ${inWords(bad)} of ${entries.length} not well`,
      ]);
      if (!isGood) process.exitCode = 1;
    },
  },
  split === -1 ? args : args.slice(0, split),
);

async function backUpAll(
  communities: readonly Community[],
  each: Walk,
  flags: { "dry-run": boolean; "older-than": string },
): Promise<Walked> {
  const hours = wholeNumber("--older-than", flags["older-than"], 0, 8760);
  if (flags["dry-run"]) {
    return walk(communities, each, async (community) => ({
      status: "planned",
      line: `would go to ${storeOf(community)}`,
    }));
  }
  const abort = abortOnSignal();
  try {
    return await walk(communities, each, (community) => backUp(community, hours, abort.signal));
  } finally {
    abort.forget();
  }
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,4}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new StackError(`${flag} ${text} is not possible: write a whole number from ${least} to ${most}`);
}

function inWords(count: number): string {
  return count === 1 ? "1 community" : `${count} communities`;
}
