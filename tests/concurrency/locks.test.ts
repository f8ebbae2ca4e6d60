import { expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, member, type Racer } from "../support/arena.ts";
import { MEMBERS_COMMANDS, type Scene } from "../support/members-commands.ts";
import { playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const arena = useArena(20);
const { sql } = arena;

/** The one order in which rows are locked: docs/locks.md says why. What is not here must not be locked or changed. */
const ORDER = [
  "public.tasks",
  "private.rating_totals",
  "public.user_contacts",
  "public.user_settings",
  "public.users",
  "public.ratings",
  "public.redemptions",
  "public.user_bans",
  "private.recent_actions",
  "private.open_tasks",
  "private.task_texts",
  "private.open_helpers",
  "public.task_offers",
  "private.phone_shares",
  "private.contact_reveals",
  "private.task_locations",
  "private.task_keys",
  "private.pending_confirmations",
  "private.tasks_under_way",
  "public.lapses",
  "private.lapse_totals",
  "public.place_reviews",
  "public.places",
  "private.place_texts",
  "private.listed_places",
  "private.place_authors",
  "public.preferences",
  "private.suggestion_rounds",
  "private.helper_suggestions",
  "private.message_paces",
  "private.conversations",
  "private.messages",
  "public.message_settings",
  "public.notification_preferences",
  "public.notification_settings",
  "public.notifications",
  "private.notification_deliveries",
  "private.push_subscriptions",
  "private.refused_mailboxes",
  "private.picture_names",
  "public.user_blocks",
  "private.partner_requests",
  "public.point_accounts",
  "private.reward_codes",
  "public.reward_stocks",
  "private.outbox_hosts",
];

/** Rows of these are only added, or are the same for everybody: nobody waits for them. */
const APPENDED = [
  "public.task_events",
  "public.point_transactions",
  "private.audit_log",
  "private.leaderboard_changes",
  "private.webhook_messages",
];
const SHARED = [
  "public.categories",
  "public.neighbourhoods",
  "public.notification_types",
  "public.partners",
  "public.rewards",
  "private.webhook_endpoints",
];

async function setScene(): Promise<Scene> {
  const [me = "", other = ""] = await signUpBySql(sql, 2);
  return { me, other, sql, call: arena.call.bind(arena) };
}

/** Tables of which the racer holds rows, before its transaction ends. */
async function tablesOf(racer: Racer): Promise<string[]> {
  const opened = await racer.open(arena);
  await opened.run();
  const rows = await sql<{ name: string }>(
    `select distinct c.relnamespace::regnamespace || '.' || c.relname as name
     from pg_locks l join pg_class c on c.oid = l.relation
     where l.pid = $1 and c.relkind = 'r' and l.mode in ('RowShareLock', 'RowExclusiveLock')
       and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)`,
    [opened.pid],
  );
  await opened.rollback();
  return rows.map(({ name }) => name).filter((name) => ![...APPENDED, ...SHARED].includes(name));
}

test("docs/lock-table.md names the tables of every command, in the one order", async () => {
  const racers: (readonly [string, Racer])[] = [];
  for (const [name, prepare] of Object.entries(MEMBERS_COMMANDS)) {
    racers.push([`\`${name}\``, (await prepare(await setScene()))()]);
  }
  const busy = await setScene();
  for (const prepare of Object.values(MEMBERS_COMMANDS)) await prepare({ ...busy, other: (await setScene()).other });
  racers.push(["deleting a login", admin(DELETE_LOGIN, busy.me)]);
  racers.push(["`ops.ban_user`", admin("select ops.ban_user($1, 'Spam')", busy.me)]);
  const lines: string[] = [];
  for (const [name, racer] of racers) {
    const tables = await tablesOf(racer);
    expect(
      tables.filter((table) => !ORDER.includes(table)),
      name,
    ).toEqual([]);
    lines.push(`| ${name} | ${ORDER.filter((table) => tables.includes(table)).join(" → ")} |`);
  }
  const head = "# Lock table\n\nWritten by `vitest run -u --project concurrency tests/concurrency/locks.test.ts`; ";
  await expect(
    `${head}[locks](locks.md) explains it.\n\n| Command | Locks or changes rows of |\n|---|---|\n${lines.join("\n")}\n`,
  ).toMatchFileSnapshot("../../docs/lock-table.md");
});

test("a new title and a ban of its creator never lock each other out, whoever comes first", async () => {
  for (const comesFirst of ["ban", "title"] as const) {
    const { me, other, call } = await setScene();
    const { task } = await playTask(call, me, other, "open");
    // somebody holds the member, so that both are under way before either goes on
    const holder = await arena.takeAdminConnection();
    await holder.connection.unsafe("begin");
    await holder.connection.unsafe("select from public.users where id = $1 for update", [me]);
    const ban = admin("select ops.ban_user($1, 'Spam')", me);
    const title = member(me, "update_task", { task_id: task.id, title: "Something else" });
    const racing: Promise<unknown>[] = [];
    for (const racer of comesFirst === "ban" ? [ban, title] : [title, ban]) {
      const opened = await racer.open(arena);
      racing.push(opened.run().then(opened.commit));
      await arena.waits(opened.pid);
    }
    await holder.connection.unsafe("commit");
    holder.connection.release();
    expect(await Promise.allSettled(racing)).toEqual(
      racing.map(() => expect.objectContaining({ status: "fulfilled" })),
    );
  }
});

test("helpers who are asked for, and members who leave while they help each other, never lock each other out", async () => {
  for (let round = 0; round < 10; round++) {
    const people = await signUpBySql(sql, 6);
    const call = arena.call.bind(arena);
    for (const [index, me] of people.entries()) {
      await call(me, "update_contact", { latitude: 10 + round, longitude: 10 });
      await call(me, "update_settings", { is_open_to_suggestions: true });
      await playTask(call, me, people[(index + 1) % people.length] ?? "", "assigned", { points_reward: 1 });
    }
    const tasks = await Promise.all(
      people.map((me) =>
        playTask(call, me, people.find((id) => id !== me) ?? "", "open", {
          latitude: 10 + round,
          longitude: 10,
          points_reward: 1,
        }),
      ),
    );
    // each with the suggestions of the others
    await Promise.all(
      tasks.slice(0, 3).map(({ task }) => call(task.creator_id, "suggest_helpers", { task_id: task.id })),
    );
    await arena.race([
      ...tasks.slice(3).map(({ task }) => member(task.creator_id, "suggest_helpers", { task_id: task.id })),
      ...people.filter((_, index) => index % 3 !== round % 3).map((id) => admin(DELETE_LOGIN, id)),
      jobs("now()"),
    ]);
  }
});
