import { expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, member, rowsOf, tally, times } from "../support/arena.ts";
import { PLACE, playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

// after every test the arena runs all audits: sums, means and projections must equal what they are made from
const ROUNDS = 3;
const arena = useArena(60);
const { sql } = arena;
const call = arena.call.bind(arena);

async function openPlace(): Promise<string> {
  const [row] = await sql<{ id: string }>(
    "insert into public.places (name, source, latitude, longitude) values ('Bench', 'community', 1, 1) returning id",
  );
  if (row === undefined) throw new Error("no place");
  return row.id;
}

test("fifty members review one place at once: every star is counted", async () => {
  const people = await signUpBySql(sql, 50);
  const place_id = await openPlace();
  const outcomes = await arena.race(
    people.map((id, index) => member(id, "review_place", { place_id, rating: 1 + (index % 5) })),
  );
  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(await sql("select rating_sum, rating_count from public.places where id = $1", [place_id])).toEqual([
    { rating_sum: 150, rating_count: 50 },
  ]);
});

test("reviews that are written, changed, taken back and lose their author at once still add up", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const people = await signUpBySql(sql, 10);
    const [one, other] = [await openPlace(), await openPlace()];
    const outcomes = await arena.race([
      ...people.flatMap((id, index) => [
        member(id, "review_place", { place_id: one, rating: 1 + (index % 5) }),
        member(id, "review_place", { place_id: one, rating: 5 - (index % 5) }),
        member(id, "review_place", { place_id: other, rating: 3 }),
        member(id, "delete_review", { place_id: one }),
      ]),
      admin(DELETE_LOGIN, people[0] ?? ""),
      admin(DELETE_LOGIN, people[1] ?? ""),
      admin("update public.places set is_active = false where id = $1", other),
    ]);
    expect(
      Object.keys(tally(outcomes)).filter(
        (kind) => !["ok", "user_inactive", "not_signed_in", "place_not_found"].includes(kind),
      ),
    ).toEqual([]);
  }
});

test("one member sends the same review ten times: one review", async () => {
  const [id = ""] = await signUpBySql(sql, 1);
  const place_id = await openPlace();
  const outcomes = await arena.race(times(10, member(id, "review_place", { place_id, rating: 4 })));
  expect(new Set(rowsOf<{ id: string }>(outcomes).map((row) => row.id)).size).toBe(1);
  expect(tally(outcomes)).toEqual({ ok: 10 });
});

test("a member adds ten places at once: as many as the limit allows", async () => {
  const [id = ""] = await signUpBySql(sql, 1);
  const outcomes = await arena.race(
    Array.from({ length: 10 }, (_, index) =>
      member(id, "add_place", { name: `Bench ${index}`, category: "other", latitude: 1, longitude: 1 }),
    ),
  );
  expect(tally(outcomes)).toEqual({ ok: 5, place_limit_reached: 5 });
});

test("home, consent, ban and deletion at once: only who may be suggested is listed", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const people = await signUpBySql(sql, 6);
    const outcomes = await arena.race(
      people.flatMap((id, index) => [
        member(id, "update_settings", { is_open_to_suggestions: true }),
        member(id, "update_contact", { latitude: 1 + index / 100, longitude: 1 }),
        member(id, "update_contact", index % 2 === 0 ? { remove_home: true } : { latitude: 2, longitude: 2 }),
        index % 3 === 0 ? admin("select ops.ban_user($1, 'Spam')", id) : admin(DELETE_LOGIN, id),
      ]),
    );
    expect(
      Object.keys(tally(outcomes)).filter(
        (kind) => !["ok", "user_inactive", "not_signed_in", "user_banned"].includes(kind),
      ),
    ).toEqual([]);
  }
});

test("helpers are asked for at once: one list for each task, and no two rounds wait for each other", async () => {
  const helpers = await signUpBySql(sql, 15);
  for (const id of helpers) {
    await sql("update public.user_contacts set latitude = $2, longitude = $3 where user_id = $1", [
      id,
      PLACE.latitude,
      PLACE.longitude,
    ]);
    await sql("update public.user_settings set is_open_to_suggestions = true where user_id = $1", [id]);
  }
  const creators = await signUpBySql(sql, 6);
  const tasks: { creator: string; task_id: string }[] = [];
  for (const creator of creators) {
    const { task } = await playTask(call, creator, helpers[0] ?? "", "open");
    tasks.push({ creator, task_id: task.id });
  }
  const outcomes = await arena.race(
    tasks.flatMap(({ creator, task_id }) => times(4, member(creator, "suggest_helpers", { task_id }))),
  );
  expect(tally(outcomes)).toEqual({ ok: 24 });
  for (const { task_id } of tasks) {
    expect(
      await sql(
        `select count(distinct r.id)::integer as rounds, count(s.user_id)::integer as helpers
         from private.suggestion_rounds r left join private.helper_suggestions s on s.round_id = r.id where r.task_id = $1`,
        [task_id],
      ),
    ).toEqual([{ rounds: 1, helpers: 10 }]);
  }
});
