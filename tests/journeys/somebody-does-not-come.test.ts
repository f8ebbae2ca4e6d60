import { beforeEach, expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { runDueJobs } from "../support/admin.ts";
import { makeOverdue } from "../support/overdue.ts";
import { balanceOf, offerStatuses } from "../support/read.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** What a frontend does when a helper does not come, through the typed client. */

const { sql, members, call } = useStack();

let creator: Member;
let helper: Member;
let spare: Member;
beforeEach(async () => {
  [creator, helper, spare] = await members(3);
});

const clientOf = ({ api }: Member) => createNeighbourhoodClient(api);

async function typesIn(member: Member): Promise<string[]> {
  const { items } = await clientOf(member).notifications.listPage();
  return items.map(({ type }) => type);
}

test("nobody comes: both are reminded, somebody else takes over, the helper contests, an admin decides", async () => {
  const task = await rpc(creator, "create_task", taskArgs());
  const offer = await rpc(helper, "offer_help", { task_id: task.id });
  await rpc(spare, "offer_help", { task_id: task.id });
  await rpc(creator, "accept_offer", { offer_id: offer.id });

  // two days later the helper is reminded, three days later the creator may look for somebody else
  await runDueJobs(sql, "now() + interval '2 days 1 hour'");
  expect(await typesIn(helper)).toEqual(["start_reminder", "offer_accepted"]);
  await runDueJobs(sql, "now() + interval '3 days 1 hour'");
  expect((await typesIn(creator))[0]).toBe("start_overdue");
  const replace = () => clientOf(creator).tasks.replaceHelper(task.id, { reason: "I waited all Saturday." });
  await expect(replace()).rejects.toMatchObject({ code: "helper_not_overdue", detail: expect.stringMatching(/^20/u) });
  await makeOverdue(sql, task.id);
  expect(await replace()).toMatchObject({ status: "open", helper_id: null });
  expect(await offerStatuses(sql, task.id)).toEqual({ [helper.id]: "withdrawn", [spare.id]: "pending" });
  expect((await typesIn(helper))[0]).toBe("no_show_recorded");
  expect((await typesIn(spare))[0]).toBe("offer_revived");

  // the helper reads it, and what the creator says, and contests it
  const [lapse] = await clientOf(helper).users.lapses();
  expect(lapse).toMatchObject({ kind: "no_show", decision: null, task: { id: task.id, title: task.title } });
  const told = (await clientOf(helper).tasks.events(task.id)).at(-1);
  expect(told).toMatchObject({ action: "replaced", details: { reason: "I waited all Saturday." } });
  const noShowId = lapse?.id ?? 0;
  const statement = "The bell is broken, I rang twice.";
  const contest = () => clientOf(helper).users.contestNoShow(noShowId, { statement });
  expect(await contest()).toEqual(await contest());
  expect(await clientOf(helper).users.me()).toMatchObject({ accepted_tasks: 1, finished_tasks: 0 });

  const waiting = await sql<{ statement: string }>(
    "select statement from ops.no_shows where no_show_id = $1 and contested_at is not null and decision is null",
    [noShowId],
  );
  expect(waiting).toEqual([{ statement }]);
  await sql("select ops.decide_no_show($1, 'withdrawn', 'The bell is broken indeed.')", [noShowId]);
  expect((await typesIn(helper))[0]).toBe("no_show_withdrawn");
  expect(await clientOf(helper).users.me()).toMatchObject({ accepted_tasks: 0, finished_tasks: 0 });

  // and somebody else does the work
  const offers = await clientOf(creator).tasks.offers(task.id);
  const theirs = offers.find((row) => row.helper_id === spare.id);
  await clientOf(creator).tasks.acceptOffer(theirs?.id ?? "");
  await clientOf(spare).tasks.finish(task.id);
  await clientOf(creator).tasks.confirm(task.id);
  expect(await balanceOf(sql, spare.id)).toBe(10);
  expect(await balanceOf(sql, helper.id)).toBe(0);
});

test("stepping back in time is nobody's business, stepping back late is", async () => {
  const { task } = await playTask(call, creator.id, helper.id, "assigned");
  await clientOf(helper).tasks.release(task.id);
  expect(await clientOf(helper).users.lapses()).toEqual([]);

  const { task: late } = await playTask(call, creator.id, helper.id, "assigned");
  await sql("update public.tasks set assigned_at = now() - interval '3 days' where id = $1", [late.id]);
  await clientOf(helper).tasks.release(late.id, { reason: "I forgot." });
  expect(await clientOf(helper).users.lapses()).toMatchObject([{ kind: "late_release", task: { id: late.id } }]);
});

test("reliability stands in the profile and beside offers once there are five tasks", async () => {
  for (let done = 0; done < 5; done++) await playTask(call, creator.id, helper.id, "completed");
  await runDueJobs(sql, "now()");
  const { offer } = await playTask(call, creator.id, helper.id, "open");
  const reliability = { accepted_tasks: 5, finished_tasks: 5 };
  expect(await clientOf(spare).users.get(helper.id)).toMatchObject(reliability);
  const [offered] = await clientOf(creator).tasks.offers(offer.task_id);
  expect(offered?.helper).toMatchObject(reliability);
  const mine = await clientOf(creator).tasks.minePage({ as: "creator", status: "open" });
  expect(mine.items[0]?.offers[0]?.helper).toMatchObject(reliability);
});

test("a task that nobody ends is seen by admins, and both are asked", async () => {
  const { task } = await playTask(call, creator.id, helper.id, "in_progress");
  await makeOverdue(sql, task.id);
  expect(await sql("select status from ops.stuck_tasks where task_id = $1", [task.id])).toEqual([
    { status: "in_progress" },
  ]);
  await sql("update private.tasks_under_way set expected_at = now() - interval '14 days 1 hour' where task_id = $1", [
    task.id,
  ]);
  await runDueJobs(sql, "now()");
  expect((await typesIn(creator))[0]).toBe("task_unended");
  expect((await typesIn(helper))[0]).toBe("task_unended");
  await clientOf(helper).tasks.finish(task.id);
  expect(await sql("select 1 from ops.stuck_tasks where task_id = $1", [task.id])).toEqual([]);
});
