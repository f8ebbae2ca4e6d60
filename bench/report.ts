import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { paths } from "../dev/base/paths.ts";
import { type Machine, machineSlug } from "./machine.ts";
import { type Check, isReached, type ScenarioResult } from "./result.ts";
import type { Sizes } from "./sizes.ts";
import { median } from "./statistics.ts";

/** All that one run found out. */
export interface Run {
  startedAt: Date;
  minutes: number;
  machine: Machine;
  sizes: Sizes;
  scenarios: ScenarioResult[];
}

/** Where the numbers for programs and the query plans go: they are large, and nothing in the repository reads them. */
const RAW_RESULTS = join(paths.cache, "bench");

/**
 * Writes the tables (md) to the directory, and what is behind them to .cache/bench: the value of every round (json) and
 * the query plans (txt).
 *
 * @returns the files, relative to the repository
 */
export function writeRun(run: Run, directory: string): string[] {
  const name = `${run.startedAt.toISOString().slice(0, 10)}-${machineSlug(run.machine)}${run.sizes.name === "full" ? "" : `-${run.sizes.name}`}`;
  const numbers = run.scenarios.map(({ plans: _, ...rest }) => rest);
  const plans = run.scenarios.flatMap((scenario) =>
    scenario.plans.map(({ name: query, plan }) => `==== ${scenario.scenario}: ${query} ====\n\n${plan}\n`),
  );
  const files = [
    { path: join(directory, `${name}.md`), text: markdown(run) },
    { path: join(RAW_RESULTS, `${name}.json`), text: `${JSON.stringify({ ...run, scenarios: numbers }, null, 2)}\n` },
    { path: join(RAW_RESULTS, `${name}.plans.txt`), text: plans.join("\n") },
  ];
  return files.map(({ path, text }) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return relative(paths.root, path);
  });
}

/** The summary: every number with its target. */
export function summary(scenarios: readonly ScenarioResult[]): string {
  const rows = scenarios.flatMap(({ checks }) =>
    checks.map(
      (check) => `| ${check.name} | ${target(check)} | ${written(check.value, check.unit)} | ${verdict(check)} |`,
    ),
  );
  return ["| what | target | reached | verdict |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function markdown({ startedAt, minutes, machine, sizes, scenarios }: Run): string {
  const settings = Object.entries(machine.settings).map(([name, value]) => `\`${name} = ${value}\``);
  const series = scenarios.flatMap(({ scenario, measurements }) => [
    `### ${scenario}`,
    "",
    "| series | in a second, median | lowest | highest | further |",
    "| --- | --- | --- | --- | --- |",
    ...measurements.map(({ name, perSecond, facts = {} }) => {
      const further = Object.entries(facts).map(([fact, value]) => `${value.toLocaleString("en")} ${fact}`);
      const numbers = [median(perSecond), Math.min(...perSecond), Math.max(...perSecond)].map(rate);
      return `| ${name} | ${numbers.join(" | ")} | ${further.join(", ")} |`;
    }),
    "",
  ]);
  return `# Benchmark of ${startedAt.toISOString().slice(0, 10)}

${sizes.name === "quick" ? "**A smoke test with little data: its ratios mean nothing.**\n\n" : ""}${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}; PostgreSQL ${machine.postgres}, PostGIS ${machine.postgis}, Node ${machine.node};
commit ${machine.commit}. ${sizes.effort.clients} clients, median of ${sizes.effort.rounds} interleaved rounds, ${minutes} minutes in all. What is compared with what: docs/performance.md.

Server settings: ${settings.join(", ")}.

Data of statistics, search, recommendations and additions: ${data(sizes.neighbourhood.large)}; the small amount: ${data(sizes.neighbourhood.small)}.
Data of the other scenarios: ${data(sizes.large)}; the small amount: ${data(sizes.small)}.

${summary(scenarios)}

## The series behind it

${series.join("\n")}`;
}

function data(size: Sizes["large"]): string {
  const number = (value: number) => value.toLocaleString("en");
  return `${number(size.users)} members, ${number(size.tasks)} tasks (${number(size.pending)} waiting for confirmation, ${number(size.inCentre)} open within 5 km of the centre)${size.archived > 0 ? `, ${number(size.archived)} tasks archived, ${number(size.places)} places` : ""}`;
}

function target({ target: wanted, unit }: Check): string {
  if (!wanted) return "";
  return "atLeast" in wanted ? `≥ ${written(wanted.atLeast, unit)}` : `≤ ${written(wanted.atMost, unit)}`;
}

function verdict(check: Check): string {
  if (!check.target) return "";
  return isReached(check) ? "reached" : "**missed**";
}

function written(value: number, unit: Check["unit"]): string {
  if (unit === "percent") return `${(value * 100).toFixed(value === 1 ? 0 : 1)} %`;
  if (unit === "count") return value.toLocaleString("en");
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function rate(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}
