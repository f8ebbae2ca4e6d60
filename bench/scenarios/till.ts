import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { generateCode, printCode } from "../../supabase/functions/_shared/codes.ts";
import { audit } from "../counts.ts";
import { httpLoad } from "../http-load.ts";
import type { TimedResult } from "../pgbench.ts";
import type { ScenarioResult } from "../result.ts";
import { type Contestant, interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { sealerOf, withStack } from "../stacks.ts";
import { median, medianRatio } from "../statistics.ts";

const MEMBERS = 100;
/** Codes that are made with one statement. */
const BATCH = 1_000;

/** `verify` and `use` of the function `partner` over HTTP, against a function that answers at once. */
export function till(bench: Bench): Promise<ScenarioResult> {
  const functionsRoot = join(bench.cluster.directory, "functions");
  writeFunctions(functionsRoot);
  return withStack(bench, "till", { functionsRoot }, (stack) => measure(bench, stack));
}

/** The function under test and a bare one. Only `health` may be called without a token, so the bare one has its name. */
function writeFunctions(root: string): void {
  for (const name of ["_shared", "partner"]) {
    cpSync(join(paths.functions, name), join(root, name), { recursive: true });
  }
  mkdirSync(join(root, "health"));
  writeFileSync(
    join(root, "health/index.ts"),
    "export default { fetch: async (request: Request) => Response.json(await request.json()) };\n",
  );
}

async function measure({ sizes, progress }: Bench, stack: Stack): Promise<ScenarioResult> {
  const { clients, rounds, requestsPerTill } = sizes.effort;
  const perRound = clients * requestsPerTill;
  const key = await createPartner(stack);
  const total = perRound * (rounds + 1);
  const codes = await progress.step(`redeeming ${total.toLocaleString("en")} codes`, () => createCodes(stack, total));

  const contestant = (name: string, path: string): Contestant<TimedResult> => {
    let taken = 0;
    return {
      name,
      play() {
        const bodies = codes
          .slice(taken, taken + perRound)
          .map((code, index) =>
            JSON.stringify({ code, ...(name === "use" && { till_reference: `T${taken + index}` }) }),
          );
        taken += perRound;
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        return httpLoad({ name, url: `${stack.url}/functions/v1/${path}`, headers, bodies, clients });
      },
    };
  };
  // in this order, as at a till: a code that was used is no longer valid
  const contestants = [
    contestant("bare", "health"),
    contestant("verify", "partner/v1/redemptions/verify"),
    contestant("use", "partner/v1/redemptions/use"),
  ];
  const results = await progress.step("tills verify and use codes", () => interleave(contestants, rounds, progress));
  await requireAllUsed(stack, total);

  const rates = results.map((ofOne) => ofOne.map(({ tps }) => tps));
  const times = results.map((ofOne) => ofOne.map(({ p95 }) => p95));
  const [bareRates = [], ...partnerRates] = rates;
  const [bareTimes = [], ...partnerTimes] = times;
  const checks = ["verify", "use"].flatMap((name, index) => [
    {
      name: `requests to ${name} in a second, as a share of a bare function`,
      value: medianRatio(partnerRates[index] ?? [], bareRates),
      target: { atLeast: 0.4 },
      unit: "times" as const,
    },
    {
      name: `95th percentile of the time of ${name}, to a bare function`,
      value: medianRatio(partnerTimes[index] ?? [], bareTimes),
      unit: "times" as const,
    },
  ]);
  return {
    scenario: "till",
    checks: [...checks, await progress.step("auditing the books", () => audit(stack.sql, "the tills"))],
    measurements: contestants.map(({ name }, index) => ({
      name,
      perSecond: rates[index] ?? [],
      facts: { "ms at the 95th percentile": Math.round(median(times[index] ?? [])) },
    })),
    plans: [],
  };
}

/** A partner with a reward, members with points; gives the partner's key. */
async function createPartner({ sql }: Stack): Promise<string> {
  await sql("insert into public.partners (id, name) values (md5('partner')::uuid, 'Example shop')");
  await sql(`
    insert into public.rewards (id, partner_id, title_de, title_en, points_cost, discount_type, discount_value)
    values (md5('reward')::uuid, md5('partner')::uuid, 'Zehn Prozent', 'Ten per cent', 1, 'percentage', 10)`);
  await sql(
    "insert into public.users (id, name, is_email_verified) select md5('user ' || n)::uuid, 'Member ' || n, true from generate_series(0, $1::int - 1) n",
    [MEMBERS],
  );
  await sql("select ops.adjust_points(u.id, 10000, 'points to redeem') from public.users u");
  const [created] = await sql<{ key: string }>(
    "select key from ops.create_partner_key(md5('partner')::uuid, 'till', array['redemptions:use'])",
  );
  if (!created) throw new StackError("the partner has no key");
  return created.key;
}

/** Redeems with codes made, sealed and hashed as the function `redeem` does; gives them as printed. */
async function createCodes(stack: Stack, total: number): Promise<string[]> {
  const sealer = await sealerOf(stack);
  const codes = Array.from({ length: total }, () => generateCode());
  for (let first = 0; first < total; first += BATCH) {
    const sealed = codes.slice(first, first + BATCH).map(async (code, index) => ({
      member: index % MEMBERS,
      hash: await sealer.codeHash(code),
      ciphertext: await sealer.seal("code", code),
    }));
    await stack.sql(
      `select public.begin_redemption(md5('user ' || c.member)::uuid, md5('reward')::uuid, 1, gen_random_uuid(), c.hash, c.ciphertext)
       from jsonb_to_recordset($1::text::jsonb) as c (member integer, hash text, ciphertext text)`,
      [JSON.stringify(await Promise.all(sealed))],
    );
  }
  await stack.database.admin.script("vacuum (analyze)");
  return codes.map(printCode);
}

async function requireAllUsed({ sql }: Stack, total: number): Promise<void> {
  const [row] = await sql<{ used: number }>(
    "select count(*)::int as used from public.redemptions where status = 'used'",
  );
  if (row?.used !== total) throw new StackError(`${total} codes were used at a till, ${row?.used} count as used`);
}
