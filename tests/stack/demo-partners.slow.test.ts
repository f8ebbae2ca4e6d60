import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { DEMO_CODES_PATH } from "../../dev/stack/demo-code-service.ts";
import { type Stack, startStack } from "../../dev/stack/start-stack.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { signatureHeaders } from "../../supabase/functions/_shared/signatures.ts";
import { clientOf } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const BAKERY_REWARD = "e2000000-0000-4000-8000-000000000002";
const POOL_REWARD = "e2000000-0000-4000-8000-000000000003";
const ADMISSION = "e2000000-0000-4000-8000-000000000004";

const start = (dataDir: string, seed = true) =>
  startStack({ dataDir, port: 0, studio: false, jobs: false, seed, functionsRoot: paths.functions });

async function redeem(stack: Stack, name: string, rewardId: string) {
  const client = clientOf(stack);
  await client.auth.signInWithPassword({ email: `${name}@example.test`, password: "neighbour-demo" });
  const { data: reward } = await client
    .from("rewards")
    .select("points_cost")
    .eq("id", rewardId)
    .single()
    .throwOnError();
  const { data, error } = await client.functions.invoke("redeem", {
    body: { reward_id: rewardId, expected_points: reward?.points_cost, idempotency_key: crypto.randomUUID() },
  });
  if (error) throw new Error(await error.context.text());
  return data as { code: string | null; redemption: { status: string } };
}

/** Asks the code system of the swimming hall as the function `redeem` does. */
async function askForCode(stack: Stack, secret: string, id: string, body = "{}") {
  const response = await fetch(`${stack.url}${DEMO_CODES_PATH}`, {
    method: "POST",
    headers: { ...signatureHeaders([secret], id, new Date(), "{}"), "idempotency-key": id },
    body,
  });
  return { status: response.status, body: (await response.json()) as { code?: string } };
}

async function connectionSecret(stack: Stack): Promise<string> {
  const environment: Record<string, string> = { SEALING_KEYS: stack.sealingKeys, CODE_INDEX_KEY: stack.codeIndexKey };
  const sealer = await createSealer((name) => environment[name]);
  const [row] = await stack.sql<{ secret: string }>("select secret from private.partner_connections");
  return sealer.open("secret", row?.secret ?? "");
}

it("a newcomer redeems at all three partners, and the bakery's till takes the code; also after a restart", async () => {
  const dataDir = temporaryDirectory();
  const stack = await start(dataDir);
  const bread = await redeem(stack, "ben", BAKERY_REWARD);
  expect(bread.code).toMatch(/^NH..-....-....-....-....$/);
  const used = await fetch(`${stack.url}/functions/v1/partner/v1/redemptions/use`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.demoPartnerKey}`, "content-type": "application/json" },
    body: JSON.stringify({ code: bread.code, till_reference: "receipt-1" }),
  });
  expect(used.status).toBe(200);
  expect((await redeem(stack, "carla", POOL_REWARD)).code).toMatch(/^BUCH-[0-9A-F]{12}$/);
  expect(await stack.sql("select total, taken from public.reward_stocks where reward_id = $1", [POOL_REWARD])).toEqual([
    { total: 50, taken: 1 },
  ]);

  const secret = await connectionSecret(stack);
  const id = crypto.randomUUID();
  const given = await askForCode(stack, secret, id);
  expect(given).toEqual({ status: 201, body: { code: expect.stringMatching(/^BAD(-[0-9A-F]{4}){4}$/) } });
  expect((await askForCode(stack, secret, crypto.randomUUID())).body.code).not.toBe(given.body.code);
  const forged = `whsec_${createHmac("sha256", "x").digest("base64")}`;
  expect((await askForCode(stack, forged, id)).status).toBe(401);
  expect((await askForCode(stack, secret, id, '{"other":1}')).status).toBe(401);
  await stack.stop();

  const again = await start(dataDir);
  expect(again.demoPartnerKey).toBe(stack.demoPartnerKey);
  expect((await redeem(again, "anna", ADMISSION)).code).toMatch(/^BAD-/);
  expect(await askForCode(again, await connectionSecret(again), id)).toEqual(given);
  expect(
    await again.sql(`
      select (select count(*) from private.reward_codes where reward_id = '${POOL_REWARD}') as codes,
        (select count(*) from private.partner_api_keys) as keys`),
  ).toEqual([{ codes: 50, keys: 3 }]);
  expect(await again.sql("select * from ops.audit_books()")).toEqual([]);
  await again.stop();
});

it("without demo data there is neither a key nor the code system", async () => {
  const stack = await start("memory", false);
  expect(stack.demoPartnerKey).toBeUndefined();
  expect((await fetch(`${stack.url}${DEMO_CODES_PATH}`, { method: "POST" })).status).toBe(404);
  await stack.stop();
});
