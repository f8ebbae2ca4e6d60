import { StackError } from "../../base/stack-error.ts";
import { runCommand } from "../../commands/command.ts";
import type { Cluster } from "../database/cluster.ts";
import { SUPERUSER } from "../database/roles.ts";
import { openServerSession, type SqlSession } from "../database/session.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { listMutations, type Mutation } from "./mutations.ts";
import { runPgTap } from "./run.ts";
import type { TestFile } from "./test-files.ts";
import { withThrowawayCluster } from "./throwaway.ts";

const HELP = `Usage: npm run test:mutations -- [--only text] [--list] [pattern…]

Mutation check: takes every policy, grant, trigger, check constraint, unique index, error and check away, one at a time, in
a copy of the database, and runs the pgTAP tests. A mutation that no test notices has survived.

  --only text   only mutations whose name contains the text, e.g. --only "trigger point_"
  --list        print the mutations and stop
  pattern       use only test files whose path contains it; "tasks/ users/ points/ operations/" leaves out the guards,
                which know the grants by heart
  --help        this text

Needs PostgreSQL with PostGIS and pgTAP on this machine. Takes some minutes.
Exit code: 0 every mutation was noticed, 1 some survived, 2 wrong usage.`;

const TEMPLATE = "mutation_template";
const WORKERS = 2;

await runCommand({
  usage: HELP,
  options: { only: { type: "string", default: "" }, list: { type: "boolean", default: false } },
  positionals: "any",
  async run({ only, list }, patterns) {
    process.exitCode = await withThrowawayCluster(({ cluster, database }) =>
      check(cluster, database, { only, list, patterns }),
    );
  },
});

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

  const control = openServerSession(cluster.url(SUPERUSER, "template1"));
  try {
    await makeTemplate(control);
    const inCopy = <Result>(name: string, work: (copy: Copy) => Promise<Result>) =>
      withCopy(cluster, control, name, database.ownerRole, work);

    const baseline = await inCopy("baseline", ({ database: copy }) => runPgTap(copy, { patterns }));
    for (const { file, message } of baseline.failures) console.error(`${file}: ${message}`);
    if (baseline.failures.length > 0) throw new StackError("the tests must pass before anything is taken away");
    const duration = (file: TestFile) => baseline.files.find((result) => result.file === file.name)?.milliseconds ?? 0;

    const survivors = await tryAll(mutations, (mutation, worker) =>
      inCopy(`mutation_${worker}`, async ({ superuser, database: copy }) => {
        await superuser.script(mutation.sql);
        const order = (a: TestFile, b: TestFile) => duration(a) - duration(b);
        const { failures } = await runPgTap(copy, { patterns, bail: true, order });
        return failures.at(0)?.file;
      }),
    );
    console.log(`mutation check: ${mutations.length - survivors} passed, ${survivors} failed`);
    return survivors === 0 ? 0 : 1;
  } finally {
    await control.close();
  }
}

/** A copy of the migrated database. */
interface Copy {
  superuser: SqlSession;
  database: Pick<StackDatabase, "asOwner">;
}

/** Makes a copy, hands it to the work and drops it. */
async function withCopy<Result>(
  cluster: Cluster,
  control: SqlSession,
  name: string,
  owner: string,
  work: (copy: Copy) => Promise<Result>,
): Promise<Result> {
  await control.script(`create database ${name} template ${TEMPLATE} owner ${owner}`);
  const url = cluster.url(SUPERUSER, name);
  const superuser = openServerSession(url);
  try {
    return await work({
      superuser,
      database: {
        async asOwner(test) {
          const session = openServerSession(url, { role: owner });
          try {
            return await test(session);
          } finally {
            await session.close();
          }
        },
      },
    });
  } finally {
    await superuser.close();
    await control.script(`drop database ${name} with (force)`);
  }
}

/** A database that has connections cannot be copied, so the migrated one is cleared of them and copied once. */
async function makeTemplate(control: SqlSession): Promise<void> {
  await control.script("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'");
  await control.script(`create database ${TEMPLATE} template postgres`);
}

/** Tries the mutations, a few at a time, and says which test file noticed each; returns how many survived. */
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
