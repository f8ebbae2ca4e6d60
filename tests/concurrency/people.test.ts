import { beforeAll, describe, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import { admin, jobs, member, tally } from "../support/race.ts";
import { useRing } from "../support/ring.ts";
import { playTask, taskArgs } from "../support/scenario.ts";

const { arena, sql } = useRing(60);
const call = arena.call.bind(arena);

describe("suspects", () => {
  test("release x release", async () => {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    const { task } = await playTask(call, creator, helper, "assigned");
    const outcomes = await arena.race(Array.from({ length: 50 }, () => member(helper, "release_task", { task_id: task.id })));
    expect(tally(outcomes)).toEqual({ ok: 50 });
  });
  test("two confirm jobs", async () => {
    for (let round = 0; round < 5; round++) {
    const [c1 = "", c2 = "", h1 = "", h2 = ""] = await signUpBySql(sql, 4);
    for (let i = 0; i < 15; i++) await playTask(call, i % 2 ? c1 : c2, (i >> 1) % 2 ? h1 : h2, "pending_confirmation");
    await arena.race([jobs(sql, "now() + interval '15 days'"), jobs(sql, "now() + interval '15 days'"), jobs(sql, "now() + interval '15 days'")]);
    }
  });
  test("ban x expiry", async () => {
    for (let round = 0; round < 10; round++) {
    const [c1 = "", c2 = ""] = await signUpBySql(sql, 2);
    for (let i = 0; i < 20; i++) await call(c1, "create_task", taskArgs({ expires_at: new Date(Date.now() + (40 - i) * 60000).toISOString() }));
    await arena.race([jobs(sql, "now() + interval '1 day'"), admin(sql, "select ops.ban_user($1, 'x')", [c1])]);
    }
  });
  test("erase x create", async () => {
    for (let round = 0; round < 10; round++) {
    const [c1 = ""] = await signUpBySql(sql, 1);
    const o = await arena.race([...Array.from({length: 10}, () => member(c1, "create_task", taskArgs())), admin(sql, "delete from auth.users where id = $1", [c1])]);
    const [row] = await sql("select count(*)::int n from public.tasks where creator_id = $1 and status = 'open'", [c1]);
    expect(row).toEqual({ n: 0 });
    }
  });
  test("erase x accept", async () => {
    for (let round = 0; round < 20; round++) {
    const [c1 = "", h = ""] = await signUpBySql(sql, 2);
    const { offer, task } = await playTask(call, c1, h, "open");
    const o = await arena.race([member(c1, "accept_offer", { offer_id: offer.id }), admin(sql, "delete from auth.users where id = $1", [h])]);
    const [row] = await sql<{status: string; helper_id: string|null}>("select status, helper_id from public.tasks where id = $1", [task.id]);
    expect(row).toMatchObject({ status: "open", helper_id: null });
    }
  });
  test("erase x job", async () => {
    for (let round = 0; round < 10; round++) {
    const [c1 = "", h = ""] = await signUpBySql(sql, 2);
    for (let i = 0; i < 20; i++) { const t = await call(c1, "create_task", taskArgs({ expires_at: new Date(Date.now() + (40 - i) * 60000).toISOString() })); await call(h, "offer_help", { task_id: t.id }); }
    await arena.race([jobs(sql, "now() + interval '1 day'"), admin(sql, "delete from auth.users where id = $1", [h])]);
    }
  });
});
