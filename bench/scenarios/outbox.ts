import { StackError } from "../../dev/base/stack-error.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { newWebhookSecret } from "../../supabase/functions/_shared/signatures.ts";
import { count } from "../counts.ts";
import type { LoadResult } from "../pgbench.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { sealerOf, withReceiver } from "../stacks.ts";
import { medianRatio } from "../statistics.ts";
import type { Receiver } from "../webhook-receiver.ts";

const ENDPOINTS = 20;
/** Calls of `deliver-webhooks` after which a round that is not done has failed. */
const MAX_CALLS = 20;

/** How fast `deliver-webhooks` empties the outbox, alone and beside an endpoint that accepts connections and never answers. */
export function outbox(bench: Bench): Promise<ScenarioResult> {
  return withReceiver(bench, "outbox", (stack, receiver) => measure(bench, stack, receiver));
}

async function measure({ sizes, progress }: Bench, stack: Stack, receiver: Receiver): Promise<ScenarioResult> {
  const { rounds, webhookMessages } = sizes.effort;
  await createEndpoints(stack, receiver);
  const contestant = (name: string, hasDeadOne: boolean) => ({
    name,
    async play() {
      await writeMessages(stack, webhookMessages / ENDPOINTS, hasDeadOne);
      return drain(stack, receiver, webhookMessages);
    },
  });
  const contestants = [contestant("all answer", false), contestant("one never answers", true)];
  const results = await progress.step("delivering", () => interleave(contestants, rounds, progress));
  const rates = results.map((ofOne) => ofOne.map(({ tps }) => tps));
  const [alone = [], besideDeadOne = []] = rates;
  return {
    scenario: "outbox",
    checks: [
      {
        name: "time to deliver the same messages beside an endpoint that never answers, to without it",
        value: medianRatio(alone, besideDeadOne),
        target: { atMost: 1.2 },
        unit: "times",
      },
    ],
    measurements: contestants.map(({ name }, index) => ({
      name: `messages delivered, ${name}`,
      perSecond: rates[index] ?? [],
    })),
    plans: [],
  };
}

/** A partner for each endpoint; the last one, number 0, never answers. */
async function createEndpoints(stack: Stack, receiver: Receiver): Promise<void> {
  const sealer = await sealerOf(stack);
  for (let n = 0; n <= ENDPOINTS; n++) {
    await stack.sql("insert into public.partners (id, name) values (md5('partner ' || $1)::uuid, 'Partner ' || $1)", [
      String(n),
    ]);
    await stack.sql(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       values (md5('partner ' || $1)::uuid, $2, array['redemption.used'], $3)`,
      [String(n), receiver.url(n), await sealer.seal("secret", newWebhookSecret())],
    );
  }
}

/** Empties the outbox and fills it again; every endpoint gets as many, the silent one none when it is left out. */
async function writeMessages(stack: Stack, perEndpoint: number, hasDeadOne: boolean): Promise<void> {
  const { admin } = stack.database;
  await admin.script("truncate private.webhook_messages cascade");
  await stack.sql(
    `update private.webhook_endpoints set is_enabled = true, disabled_at = null, disabled_reason = null, failure_streak = 0, paused_until = now()`,
  );
  await stack.sql(
    `select private.emit_webhook(md5('partner ' || p)::uuid, 'redemption.used', jsonb_build_object(
       'redemption_id', gen_random_uuid(), 'reward_id', gen_random_uuid(), 'title_de', 'Zehn Prozent', 'title_en', 'Ten per cent', 'points_spent', 10,
       'discount_type', 'percentage', 'discount_value', 10, 'discount_currency', null, 'status', 'used', 'end_reason', null, 'redeemed_at', now(),
       'expires_at', now(), 'used_at', now(), 'till_reference', 'T' || i, 'ended_at', null))
     from generate_series(1, $1::int) i, generate_series($2::int, $3::int) p`,
    [perEndpoint, hasDeadOne ? 0 : 1, ENDPOINTS],
  );
  await admin.script("vacuum (analyze)");
  await admin.script("checkpoint");
}

/** Calls the function, again and again as the scheduler does but without waiting, until the last message of the answering endpoints. */
async function drain(stack: Stack, receiver: Receiver, messages: number): Promise<LoadResult> {
  const arrived = receiver.expect(messages);
  const [start] = await stack.sql<{ at: string }>("select clock_timestamp()::text as at");
  for (let calls = 0; receiver.received < messages; calls++) {
    if (calls === MAX_CALLS) throw new StackError(`only ${receiver.received} of ${messages} messages arrived`);
    const call = deliver(stack);
    await Promise.race([call, arrived]);
    // everything that counts has arrived: the rest of the call need not wait for the endpoint that never answers
    if (receiver.received >= messages) receiver.hangUp();
    await call;
  }
  const delivered = await count(
    stack.sql,
    "select count(*)::int as n from private.webhook_messages where status = 'delivered'",
  );
  if (delivered !== messages || receiver.received !== messages) {
    throw new StackError(`${messages} messages: ${receiver.received} arrived, ${delivered} count as delivered`);
  }
  const seconds = await count(
    stack.sql,
    `select extract(epoch from max(delivered_at) - '${start?.at}'::timestamptz)::float8 as n from private.webhook_messages`,
  );
  return { transactions: messages, tps: messages / seconds };
}

async function deliver({ url, secretKey }: Stack): Promise<void> {
  const response = await fetch(`${url}/functions/v1/deliver-webhooks`, {
    method: "POST",
    headers: { apikey: secretKey },
  });
  const body = await response.text();
  if (response.status !== 200) throw new StackError(`deliver-webhooks failed: ${response.status} ${body}`);
}
