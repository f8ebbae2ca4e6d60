import { StackError } from "../../dev/base/stack-error.ts";
import { count } from "../counts.ts";
import type { BenchDatabase } from "../databases.ts";
import { type Reading, read } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { QUICK } from "../sizes.ts";
import { medianRatio } from "../statistics.ts";

/** Messages of a conversation. */
const LENGTH = 10;
const CLIENTS = 2;
/** Who is measured, and their conversations with each other: as many in both databases. */
const MEASURED = { members: 20, conversations: 1_000 };

const ME = `select c.creator_id as me, c.offer_id as offer from private.conversations c
  where c.creator_id = bench.user_id(1 + :client_id) order by c.offer_id limit 1`;

const readings: readonly Reading[] = [
  { name: "list_messages", setup: ME, sql: "select * from public.list_messages(:offer)" },
  { name: "list_conversations", setup: ME, sql: "select * from public.list_conversations()" },
  { name: "count_unread_messages", setup: ME, sql: "select public.count_unread_messages()" },
  {
    name: "send_message",
    setup: ME,
    sql: "select * from public.send_message(:offer, 'See you at ten', gen_random_uuid())",
  },
];

/** How reading and writing messages grows with ten times as many conversations of others. */
export async function messages(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  // two that are alike but for the messages, and no other scenario's: their number of tasks names them
  const [small, large] = await Promise.all([
    databases.get("product", { ...QUICK.small, tasks: QUICK.small.tasks + 1 }),
    databases.get("product", { ...QUICK.small, tasks: QUICK.small.tasks + 2 }),
  ]);
  const conversations = sizes.name === "full" ? 10_000 : 2_000;
  await progress.step("writing messages", async () => {
    await write(small, conversations);
    await write(large, 10 * conversations);
  });

  const result: ScenarioResult = { scenario: "messages", checks: [], measurements: [], plans: [] };
  for (const reading of readings) {
    const contestants = [small, large].map((database) => ({
      name: database === small ? "small" : "large",
      play: () => read(bench, database, reading, "authenticated", CLIENTS),
    }));
    const results = await progress.step(reading.name, () => interleave(contestants, sizes.effort.rounds, progress));
    const [few = [], many = []] = results.map((rounds) => rounds.map(({ tps }) => tps));
    result.measurements.push(
      { name: `${reading.name}, ${(conversations * LENGTH).toLocaleString("en")} messages`, perSecond: few },
      { name: `${reading.name}, ${(10 * conversations * LENGTH).toLocaleString("en")} messages`, perSecond: many },
    );
    result.checks.push({
      name: `time of ${reading.name}, ten times as many messages`,
      value: medianRatio(few, many),
      target: { atMost: 1.15 },
      unit: "times",
    });
  }
  return result;
}

/** Conversations about tasks of their own, past the commands; the audit of the room says whether they could be theirs. */
async function write(database: BenchDatabase, conversations: number): Promise<void> {
  const { query, size } = database;
  const id = "md5('conversation ' || n)::uuid";
  // the first ones belong to those who are measured, the others to everybody else
  const some = `(select n, case when n <= ${MEASURED.conversations} then 1 else ${MEASURED.members + 1} end as first,
    case when n <= ${MEASURED.conversations} then ${MEASURED.members} else ${size.users - MEASURED.members} end as members
    from generate_series(1, ${conversations}) n) s`;
  await query("set session_replication_role = replica");
  await query(`insert into public.tasks
    (id, creator_id, title, description, category, latitude, longitude, points_reward, reward_funding)
    select ${id}, bench.user_id(first + n % members), 'Task ' || n, 'Of a conversation', 'garten', 52.5, 13.4, 10, 'community' from ${some}`);
  await query(`insert into public.task_offers (id, task_id, creator_id, helper_id)
    select ${id}, ${id}, bench.user_id(first + n % members), bench.user_id(first + (n + 1 + n / members % (members - 1)) % members) from ${some}`);
  await query(`insert into private.conversations (offer_id, creator_id, helper_id, place, last_message_id, creator_unread, helper_unread)
    select o.id, o.creator_id, o.helper_id, n * ${LENGTH}::bigint, n * ${LENGTH}::bigint, ${LENGTH / 2}, ${LENGTH / 2}
    from generate_series(1, ${conversations}) n join public.task_offers o on o.id = ${id}`);
  await query(`insert into private.messages (offer_id, id, sender_id, recipient_id, body, idempotency_key)
    select c.offer_id, (n - 1) * ${LENGTH}::bigint + k, case k % 2 when 0 then c.creator_id else c.helper_id end,
      case k % 2 when 0 then c.helper_id else c.creator_id end, 'I could come on Saturday morning, at about ten.', gen_random_uuid()
    from generate_series(1, ${conversations}) n join private.conversations c on c.offer_id = ${id}, generate_series(1, ${LENGTH}) k`);
  await query("select setval('private.message_ids', $1)", [conversations * LENGTH]);
  // nobody types as fast as a benchmark
  await query(`alter table private.settings drop constraint message_limit_per_hour_is_between_0_and_10000,
    drop constraint conversation_message_limit_per_hour_is_between_0_and_10000`);
  await query(
    "update private.settings set message_limit_per_hour = 100000000, conversation_message_limit_per_hour = 100000000",
  );
  await query("set session_replication_role = origin");
  await query("vacuum (analyze)");
  await query("checkpoint");
  const problems = await count(query, "select count(*)::int as n from ops.audit_messages()");
  if (problems > 0) throw new StackError(`${problems} of the generated conversations could not be the commands' own`);
}
