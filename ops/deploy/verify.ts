import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { paths } from "../../dev/base/paths.ts";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { type Action, command } from "./actions.ts";
import { JOURNEY } from "./journey.ts";
import { openClient } from "./open-client.ts";
import { type Target, variableOf } from "./target.ts";

/** Whether what was deployed works. The journey comes first, so that the audits look at what it left. */
export function verification(target: Target): Action[] {
  return [
    HEALTH,
    READINESS,
    READS,
    ...(target.name === "staging" ? [JOURNEY] : [SIGN_IN]),
    AUDITS,
    command({
      program: "supabase",
      args: [
        "db",
        "advisors",
        "--remote=$DATABASE_DIRECT_URL",
        "--type",
        "all",
        "--level",
        "warn",
        "--fail-on",
        "error",
      ],
    }),
  ];
}

/** Functions that were deployed just now are slow for a moment. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 2_000;

const HEALTH: Action = {
  show: "GET $SUPABASE_URL/functions/v1/health   # 200, with this commit's version, within a minute",
  async run({ target, detail }) {
    const version = String(JSON.parse(readFileSync(join(paths.client, "package.json"), "utf8")).version);
    const deadline = Date.now() + Number(process.env["DEPLOY_PATIENCE_MS"] || PATIENCE_MS);
    for (;;) {
      const problem = await healthProblem(`${variableOf(target, "SUPABASE_URL")}/functions/v1/health`, version);
      if (problem === undefined) return;
      if (Date.now() > deadline) throw new StackError(problem);
      detail(problem);
      await setTimeout(PAUSE_MS);
    }
  },
};

/** Just after a first deployment no job has run yet, so this is said and ends nothing. */
const READINESS: Action = {
  show: "GET $SUPABASE_URL/functions/v1/health/ready   # else its reasons are shown",
  async run({ target, note }) {
    const url = `${variableOf(target, "SUPABASE_URL")}/functions/v1/health/ready`;
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) note(`not ready (${(await response.text()).slice(0, 500)}): look again in five minutes`);
  },
};

async function healthProblem(url: string, version: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const body = await response.text();
    if (!response.ok) return `${url} answers ${response.status}: ${body.slice(0, 200)}`;
    const found = String(JSON.parse(body).version);
    return found === version ? undefined : `${url} tells version ${found}, not ${version}`;
  } catch (error) {
    return `${url} gives no answer: ${messageOf(error)}`;
  }
}

const READS: Action = {
  show: "client, signed out: tasks.categories(), neighbourhoods.list(), rewards.listPage()",
  async run({ target }) {
    const { client } = openClient(target);
    const [categories] = await Promise.all([
      client.tasks.categories(),
      client.neighbourhoods.list(),
      client.rewards.listPage(),
    ]);
    if (categories.length === 0) throw new StackError("the API shows no categories: look at its grants and settings");
  },
};

const SIGN_IN: Action = {
  show: "client, signed in as $DEPLOY_CHECK_EMAIL: users.me(), points.account(), tasks.minePage()   # if it is set",
  async run({ target, note }) {
    const { DEPLOY_CHECK_EMAIL: email, DEPLOY_CHECK_PASSWORD: password } = target.variables;
    if (email === undefined || password === undefined) {
      return note("signing in was not checked: DEPLOY_CHECK_EMAIL and DEPLOY_CHECK_PASSWORD are not set");
    }
    const { supabase, client } = openClient(target);
    const { error } = await supabase.auth.signInWithPassword({ email, password });
    if (error !== null) throw new StackError(`${email} cannot sign in: ${error.message}`);
    await client.users.me();
    await client.points.account();
    await client.tasks.minePage({ as: "creator" });
    await supabase.auth.signOut();
  },
};

const AUDITS: Action = {
  show: "SQL: select * from ops.audit_all()   # no rows",
  async run({ database }) {
    const problems = await (await database()).query<{ audit: string; problem: string; subject_id: string | null }>(
      "select audit, problem, subject_id from ops.audit_all()",
    );
    const [first] = problems;
    if (first === undefined) return;
    throw new StackError(
      `ops.audit_all() finds ${problems.length} problems, the first: ${first.audit} ${first.problem} ${first.subject_id ?? ""}`,
    );
  },
};
