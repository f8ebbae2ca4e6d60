// Takes one safeguard after the other away and expects a test to fail: node dev/stack/pgtap/mutate.ts [--only text] [pattern…]
import { parseArgs } from "node:util";
import type { Cluster } from "../database/cluster.ts";
import { SUPERUSER } from "../database/roles.ts";
import { openServerSession, type SqlSession } from "../database/session.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { messageOf, StackError } from "../stack-error.ts";
import { listMutations, type Mutation } from "./mutations.ts";
import { type PgTapResult, runPgTap } from "./run.ts";
import type { TestFile } from "./test-files.ts";
import { withThrowawayCluster } from "./throwaway.ts";

const HELP = `Mutation check: takes every policy, grant, trigger, check constraint and unique index away, one at a time, in a
copy of the database, and runs the pgTAP tests. A mutation that no test notices has survived.

Usage: node dev/stack/pgtap/mutate.ts [--only text] [--list] [pattern…]

  --only text   only mutations whose name contains the text, e.g. --only "trigger point_"
  --list        print the mutations and stop
  pattern       use only test files whose path contains it; "tasks/ users/ points/ operations/" leaves out the guards,
                which know the grants by heart
  --help        this text

Needs PostgreSQL with PostGIS and pgTAP on this machine. Takes some minutes.
Exit code: 0 every mutation was noticed, 1 some survived, 2 wrong usage.`;

const TEMPLATE = "mutation_template";
const WORKERS = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments(args);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  try {
    return await withThrowawayCluster(({ cluster, database }) => check(cluster, database, options));
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: "string", default: "" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return { ...values, patterns: positionals };
}

async function check(
  cluster: Cluster,
  database: StackDatabase,
  { only, list, patterns }: { only: string; list: boolean; patterns: string[] },
): Promise<number> {
  const mutations = (await listMutations(database.admin)).filter(({ name }) => name.includes(only));
  if (mutations.length === 0) throw new StackError(`no mutation has "${only}" in its name`);
  if (list) {
    for (const { name } of mutations) console.log(name);
    return 0;
  }

  const baseline = await runPgTap(database, { patterns });
  for (const { file, message } of baseline.failures) console.error(`${file}: ${message}`);
  if (baseline.failures.length > 0) throw new StackError("the tests must pass before anything is taken away");

  const control = openServerSession(cluster.url(SUPERUSER, "template1"));
  try {
    await makeTemplate(control);
    const survivors = await tryAll(mutations, async (mutation, worker) => {
      const name = `mutation_${worker}`;
      await control.script(`create database ${name} template ${TEMPLATE}`);
      const noticed = await isNoticed(cluster.url(SUPERUSER, name), database.ownerRole, mutation, patterns, baseline);
      await control.script(`drop database ${name} with (force)`);
      return noticed;
    });
    console.log(`mutation check: ${mutations.length - survivors} passed, ${survivors} failed`);
    return survivors === 0 ? 0 : 1;
  } finally {
    await control.close();
  }
}

/** A database that has connections cannot be copied, so the migrated one is cleared of them and copied once. */
async function makeTemplate(control: SqlSession): Promise<void> {
  await control.script("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'");
  await control.script(`create database ${TEMPLATE} template postgres`);
}

/** Tries the mutations with a few workers at a time; returns how many survived. */
async function tryAll(
  mutations: readonly Mutation[],
  noticedBy: (mutation: Mutation, worker: number) => Promise<string | undefined>,
): Promise<number> {
  const queue = [...mutations];
  let survivors = 0;
  const work = async (worker: number) => {
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      const file = await noticedBy(mutation, worker);
      if (file === undefined) survivors += 1;
      console.log(file === undefined ? `SURVIVED ${mutation.name}` : `noticed  ${mutation.name} (${file})`);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  return survivors;
}

/** The first test file that fails without the safeguard, if any does. */
async function isNoticed(
  url: string,
  owner: string,
  mutation: Mutation,
  patterns: readonly string[],
  baseline: PgTapResult,
): Promise<string | undefined> {
  const superuser = openServerSession(url);
  await superuser.script(mutation.sql);
  await superuser.close();

  const copy: Pick<StackDatabase, "asOwner"> = {
    async asOwner(work) {
      const session = openServerSession(url, { role: owner });
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    },
  };
  const duration = (file: TestFile) => baseline.files.find((result) => result.file === file.name)?.milliseconds ?? 0;
  const { failures } = await runPgTap(copy, { patterns, bail: true, order: (a, b) => duration(a) - duration(b) });
  return failures.at(0)?.file;
}
