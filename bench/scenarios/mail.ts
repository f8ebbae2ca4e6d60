import { createECDH, randomBytes } from "node:crypto";
import { StackError } from "../../dev/base/stack-error.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { count } from "../counts.ts";
import type { LoadResult } from "../pgbench.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { withReceiver } from "../stacks.ts";
import { medianRatio } from "../statistics.ts";
import type { Receiver } from "../webhook-receiver.ts";

const NEIGHBOURS = 20;
/** Two members with as many devices as one may have, and 60 offers of help each: 1,200 pushes. */
const HOSTILE = { members: 2, devices: 10, notifications: 60 };
const LOOK_MS = 10;
const MAX_LOOKS = 12_000;

/** How fast `send-notifications` sends neighbours' e-mails, alone and beside pushes that nobody answers. */
export function mail(bench: Bench): Promise<ScenarioResult> {
  return withReceiver(bench, "mail", (stack, receiver) => measure(bench, stack, receiver));
}

async function measure({ sizes, progress }: Bench, stack: Stack, receiver: Receiver): Promise<ScenarioResult> {
  await createMembers(stack, receiver);
  const contestant = (name: string, isDisturbed: boolean) => ({
    name,
    async play() {
      await queue(stack, isDisturbed);
      return send(stack, receiver);
    },
  });
  const contestants = [contestant("alone", false), contestant("beside 1,200 pushes that nobody answers", true)];
  const results = await progress.step("sending", () => interleave(contestants, sizes.effort.rounds, progress));
  const rates = results.map((ofOne) => ofOne.map(({ tps }) => tps));
  const [alone = [], disturbed = []] = rates;
  return {
    scenario: "mail",
    checks: [
      {
        name: "time to send neighbours' e-mails beside 1,200 pushes to 20 devices that never answer, to without them",
        value: medianRatio(alone, disturbed),
        target: { atMost: 2 },
        unit: "times",
      },
    ],
    measurements: contestants.map(({ name }, index) => ({
      name: `e-mails sent, ${name}`,
      perSecond: rates[index] ?? [],
    })),
    plans: [],
  };
}

/** Neighbours get e-mails; the hostile ones have devices at a host that never answers, and no e-mails. */
async function createMembers(stack: Stack, receiver: Receiver): Promise<void> {
  await stack.sql(
    `insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
     select md5('member ' || i)::uuid, 'member-' || i || '@example.test', now(), jsonb_build_object('name', 'Member ' || i)
     from generate_series(1, $1::int) i`,
    [HOSTILE.members + NEIGHBOURS],
  );
  const key = createECDH("prime256v1").generateKeys("base64url");
  await stack.sql(
    `insert into private.push_subscriptions (user_id, endpoint, p256dh, auth)
     select md5('member ' || i)::uuid, $1 || '?' || i || '.' || d, $2, $3
     from generate_series(1, $4::int) i, generate_series(1, $5::int) d`,
    [receiver.url(0), key, randomBytes(16).toString("base64url"), HOSTILE.members, HOSTILE.devices],
  );
  await stack.sql(
    `insert into public.notification_settings (user_id, is_email_enabled)
     select md5('member ' || i)::uuid, false from generate_series(1, $1::int) i`,
    [HOSTILE.members],
  );
}

/** Empties the outbox and fills it again, the hostile ones first; the host of their devices is as good as new. */
async function queue(stack: Stack, isDisturbed: boolean): Promise<void> {
  const { admin } = stack.database;
  await admin.script("truncate private.notification_deliveries, public.notifications");
  await admin.script("delete from private.outbox_hosts where channel = 'web_push'");
  const tell = (from: number, to: number, notifications: number) =>
    stack.sql(
      `insert into public.notifications (user_id, type)
       select md5('member ' || i)::uuid, 'offer_accepted' from generate_series($1::int, $2::int) i, generate_series(1, $3::int)`,
      [from, to, notifications],
    );
  if (isDisturbed) await tell(1, HOSTILE.members, HOSTILE.notifications);
  await tell(HOSTILE.members + 1, HOSTILE.members + NEIGHBOURS, 1);
  await stack.sql("select private.queue_notifications(now(), 1000)");
  await admin.script("vacuum (analyze)");
  await admin.script("checkpoint");
}

/** Calls the function once and waits until the last neighbour's e-mail is sent; what hangs then is let go. */
async function send(stack: Stack, receiver: Receiver): Promise<LoadResult> {
  const [start] = await stack.sql<{ at: string }>("select clock_timestamp()::text as at");
  const call = fetch(`${stack.url}/functions/v1/send-notifications`, {
    method: "POST",
    headers: { apikey: stack.secretKey },
  });
  const sent = () =>
    count(
      stack.sql,
      "select count(*)::int as n from private.notification_deliveries where channel = 'email' and status = 'sent'",
    );
  for (let looks = 0; (await sent()) < NEIGHBOURS; looks++) {
    if (looks === MAX_LOOKS) throw new StackError(`only ${await sent()} of ${NEIGHBOURS} e-mails were sent`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const seconds = await count(
    stack.sql,
    `select extract(epoch from max(sent_at) - '${start?.at}'::timestamptz)::float8 as n from private.notification_deliveries`,
  );
  await stack.sql("delete from private.notification_deliveries where status = 'pending'");
  receiver.hangUp();
  const response = await call;
  const body = await response.text();
  if (response.status !== 200) throw new StackError(`send-notifications failed: ${response.status} ${body}`);
  return { transactions: NEIGHBOURS, tps: NEIGHBOURS / seconds };
}
