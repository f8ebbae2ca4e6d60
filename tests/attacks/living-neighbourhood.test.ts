import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { runDueJobs } from "../support/admin.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { restOf } from "../support/rest.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** What makes a neighbourhood live must not tell on the people in it. */

const stack = useStack();
const { sql, address, call } = stack;
const rest = restOf(address);

let victim: Member;
let helper: Member;
let attacker: Member;
beforeEach(async () => {
  [victim, helper, attacker] = await stack.members(3);
});

/** A place where nobody else is; each test has one of its own. */
let latitude = -60;
function anywhere(): { latitude: number; longitude: number } {
  latitude += 1;
  return { latitude, longitude: -140 };
}

describe("the inbox", () => {
  async function inboxOf({ api }: Member) {
    const { data } = await api.rpc("list_notifications", {}).throwOnError();
    return data;
  }

  test("is read, counted and marked by its owner alone", async () => {
    await playTask(call, victim.id, helper.id, "pending_confirmation");
    const before = await inboxOf(victim);
    expect(before.map(({ type }) => type)).toEqual(["task_finished", "task_started", "offer_received"]);
    const ids = before.map(({ id }) => id);

    expect(await inboxOf(attacker)).toEqual([]);
    expect((await attacker.api.rpc("list_notifications", { after: (ids[0] ?? 0) + 1 }).throwOnError()).data).toEqual(
      [],
    );
    expect((await attacker.api.rpc("count_unread_notifications").throwOnError()).data).toBe(0);
    expect((await attacker.api.rpc("mark_notifications_read", { ids }).throwOnError()).data).toBe(0);
    expect((await attacker.api.from("notifications").select("*").in("id", ids).throwOnError()).data).toEqual([]);
    expect(await inboxOf(victim)).toEqual(before);
    expect((await victim.api.rpc("mark_notifications_read", { ids }).throwOnError()).data).toBe(3);
  });

  test("wants and devices are changed by their owner alone", async () => {
    const endpoint = `https://push.example.com/${randomUUID()}`;
    const device = { endpoint, p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) };
    await victim.api.rpc("save_push_subscription", device).throwOnError();
    await attacker.api.rpc("delete_push_subscription", { endpoint }).throwOnError();
    await attacker.api.rpc("set_notification_preference", {
      type: "offer_received",
      channel: "email",
      is_enabled: false,
    });
    await rpc(attacker, "update_notification_settings", { is_email_enabled: false });
    expect(await sql("select user_id from private.push_subscriptions where endpoint = $1", [endpoint])).toEqual([
      { user_id: victim.id },
    ]);
    expect((await victim.api.from("notification_preferences").select().throwOnError()).data).toEqual([]);
    expect((await victim.api.from("notification_settings").select().throwOnError()).data).toEqual([]);
  });

  test("outbox commands are for the secret key alone", async () => {
    for (const [command, body] of [
      ["claim_notification_deliveries", {}],
      ["record_notification_deliveries", { results: [] }],
      ["unsubscribe_notifications", { user_id: victim.id, channel: "email" }],
    ] as const) {
      for (const token of [attacker.token, undefined]) {
        const response = await rest(`rpc/${command}`, {
          method: "POST",
          body,
          ...(token === undefined ? {} : { token }),
        });
        expect([command, JSON.parse(response.text).code]).toEqual([command, "42501"]);
      }
    }
  });
});

describe("leaderboard and figures", () => {
  async function shownTo({ api }: Member): Promise<string[]> {
    const ids: string[] = [];
    for (const period of ["week", "month", "year", "all"]) {
      const { data } = await api.rpc("leaderboard", { period, page_size: 100 }).throwOnError();
      ids.push(...data.map(({ user_id }) => user_id));
    }
    return ids;
  }

  test("show who agreed, at once not any more, and never who did not", async () => {
    await playTask(call, victim.id, helper.id, "completed", { points_reward: 900 });
    await runDueJobs(sql, "now()");
    expect(await shownTo(attacker)).not.toContain(helper.id);
    expect(await shownTo(helper)).toContain(helper.id);

    // shown by the next run of the jobs; hidden without waiting for it
    await rpc(helper, "update_settings", { show_on_leaderboard: true });
    await runDueJobs(sql, "now()");
    expect(await shownTo(attacker)).toContain(helper.id);
    for (const [hide, showAgain] of [
      [
        () => rpc(helper, "update_settings", { show_on_leaderboard: false }),
        () => rpc(helper, "update_settings", { show_on_leaderboard: true }),
      ],
      [() => sql("select ops.ban_user($1, 'test')", [helper.id]), () => sql("select ops.unban_user($1)", [helper.id])],
    ] as const) {
      await hide();
      expect(await shownTo(attacker)).not.toContain(helper.id);
      await showAgain();
      await runDueJobs(sql, "now()");
      expect(await shownTo(attacker)).toContain(helper.id);
    }
    await sql("delete from auth.users where id = $1", [helper.id]);
    expect(await shownTo(attacker)).not.toContain(helper.id);
  });

  test("do not tell what somebody else owns", async () => {
    await playTask(call, victim.id, helper.id, "completed", { points_reward: 123 });
    await runDueJobs(sql, "now()");
    const { data } = await attacker.api.rpc("user_statistics", { user_id: helper.id }).throwOnError();
    expect(data).toMatchObject([
      { id: helper.id, tasks_helped: 1, points_balance: null, points_earned: null, points_redeemed: null },
    ]);
  });

  test("hold back months of a neighbourhood in which few people were active", async () => {
    const place = anywhere();
    const [area] = await sql<{ id: string }>(
      `insert into public.neighbourhoods (slug, name, area)
       values ($1, 'Two people', extensions.st_multi(extensions.st_makeenvelope($2 - 0.1, $3 - 0.1, $2 + 0.1, $3 + 0.1, 4326))) returning id`,
      [`few-${victim.id}`, place.longitude, place.latitude],
    );
    await playTask(call, victim.id, helper.id, "completed", place);
    await runDueJobs(sql, "now()");
    for (const token of [attacker.token, undefined]) {
      const { text } = await rest("rpc/monthly_statistics", {
        method: "POST",
        body: { months: 1, neighbourhood_id: area?.id },
        ...(token === undefined ? {} : { token }),
      });
      expect(JSON.parse(text)).toMatchObject([
        { tasks_created: null, tasks_completed: null, points_issued: null, people: null, is_suppressed: true },
      ]);
    }
    await sql("delete from public.neighbourhoods where id = $1", [area?.id ?? null]);
  });
});

describe("search", () => {
  async function found(by: Member, query: string, near: { latitude: number; longitude: number }): Promise<string[]> {
    const { data } = await by.api.rpc("search_tasks", { query, ...near, radius_m: 50_000 }).throwOnError();
    return data.map(({ id }) => id);
  }

  test("finds no address, no note, and no task that may not be read", async () => {
    const place = anywhere();
    // unlike each other: what is spelt alike is found, too
    const [title, address, changed] = ["xylophone", "Birkenweg", "harmonium"];
    const { task } = await playTask(call, victim.id, helper.id, "open", { ...place, title: `Carry ${title}`, address });
    expect(await found(attacker, title, place)).toEqual([task.id]);
    expect(await found(attacker, address, place)).toEqual([]);

    await rpc(victim, "block_user", { user_id: attacker.id });
    expect(await found(attacker, title, place)).toEqual([]);
    expect(await found(helper, title, place)).toEqual([task.id]);
    await victim.api.rpc("unblock_user", { user_id: attacker.id }).throwOnError();
    await sql("select ops.ban_user($1, 'test')", [victim.id]);
    expect(await found(attacker, title, place)).toEqual([]);
    await sql("select ops.unban_user($1)", [victim.id]);
    expect(await found(attacker, title, place)).toEqual([task.id]);

    await rpc(victim, "update_task", { task_id: task.id, title: `Carry ${changed}` });
    expect(await found(attacker, title, place)).toEqual([]);
    expect(await found(attacker, changed, place)).toEqual([task.id]);
    await rpc(victim, "cancel_task", { task_id: task.id });
    expect(await found(attacker, changed, place)).toEqual([]);
  });

  test("gives the cell, not the place", async () => {
    const place = anywhere();
    const exact = { latitude: place.latitude + 0.000_912, longitude: place.longitude + 0.000_734 };
    const title = "xylophone";
    const task = await rpc(victim, "create_task", taskArgs({ ...exact, title: `Carry ${title}` }));
    const { data } = await attacker.api.rpc("search_tasks", { query: title, ...exact, radius_m: 5000 }).throwOnError();
    expect(data).toMatchObject([{ id: task.id, latitude: task.latitude, longitude: task.longitude }]);
    expect(data[0]?.latitude).not.toBe(exact.latitude);
    expect((data[0]?.distance_m ?? 1) % 100).toBe(0);
  });
});

describe("suggested helpers", () => {
  async function suggestionsFor({ api }: Member, task_id: string) {
    const { data } = await api.rpc("suggest_helpers", { task_id }).throwOnError();
    return data;
  }

  test("are for the creator of the task, and only those who agreed", async () => {
    const place = anywhere();
    await rpc(helper, "update_contact", place);
    const task = await rpc(victim, "create_task", taskArgs(place));
    expect(await slugAndStatus(attacker.api.rpc("suggest_helpers", { task_id: task.id }))).toBe("404 task_not_found");
    expect(await suggestionsFor(victim, task.id)).toEqual([]);

    await rpc(helper, "update_settings", { is_open_to_suggestions: true });
    const second = await rpc(victim, "create_task", taskArgs(place));
    expect(await suggestionsFor(victim, second.id)).toMatchObject([{ user_id: helper.id }]);
    await rpc(helper, "update_settings", { is_open_to_suggestions: false });
    expect(await suggestionsFor(victim, second.id)).toEqual([]);
  });

  test("are the same wherever in its square the home is, and hold no place at all", async () => {
    const place = anywhere();
    await rpc(helper, "update_settings", { is_open_to_suggestions: true });
    const answers: string[] = [];
    const squares = new Set<string>();
    for (const north of [0, 0.0011, 0.0023]) {
      await rpc(helper, "update_contact", { latitude: place.latitude + 0.02 + north, longitude: place.longitude });
      const [home] = await sql<{ square: string }>(
        "select home_square::text as square from private.open_helpers where user_id = $1",
        [helper.id],
      );
      squares.add(home?.square ?? "");
      // what was suggested before makes tired: begin anew
      await sql("delete from private.suggestion_rounds where creator_id = $1", [victim.id]);
      const bands: string[] = [];
      for (const far of [0, 0.01, 0.03, 0.06]) {
        const task = await rpc(
          victim,
          "create_task",
          taskArgs({ latitude: place.latitude + far, longitude: place.longitude }),
        );
        const [suggestion] = await suggestionsFor(victim, task.id);
        expect(JSON.stringify(suggestion)).not.toMatch(/latitude|longitude|distance_m/u);
        bands.push(`${suggestion?.distance_band} ${suggestion?.part_distance}`);
        await rpc(victim, "cancel_task", { task_id: task.id });
      }
      answers.push(bands.join());
    }
    // a home that crosses into another square may answer otherwise; within one, never
    expect(new Set(answers).size).toBeLessThanOrEqual(squares.size);
    expect(squares.size).toBeLessThan(3);
  });
});

describe("places of the community", () => {
  test("do not tell who added them, and count each member's review once", async () => {
    const { data: place } = await victim.api
      .rpc("add_place", { name: "A bench in the sun", category: "other", ...anywhere() })
      .throwOnError();
    for (const caller of [{ token: attacker.token }, {}, { apiKey: address.secretKey }]) {
      const { text } = await rest(`places?select=*&id=eq.${place.id}`, caller);
      expect(text).toContain("A bench in the sun");
      expect(text).not.toContain(victim.id);
    }
    await rpc(victim, "review_place", { place_id: place.id, rating: 5 });
    for (const rating of [1, 1, 2]) await rpc(attacker, "review_place", { place_id: place.id, rating });
    await attacker.api.rpc("delete_review", { place_id: place.id }).throwOnError();
    const { data } = await attacker.api
      .from("places")
      .select("rating_average, rating_count")
      .eq("id", place.id)
      .single();
    expect(data).toEqual({ rating_average: 5, rating_count: 1 });
    expect((await attacker.api.from("place_reviews").select("user_id").eq("place_id", place.id)).data).toEqual([
      { user_id: victim.id },
    ]);
  });
});
