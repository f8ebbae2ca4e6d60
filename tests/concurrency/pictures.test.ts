import { beforeEach, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { codeOf } from "../support/api-connection.ts";
import { admin, many, type Racer, rowsOf } from "../support/arena.ts";
import { changeSettings } from "../support/settings.ts";
import { useArena } from "../support/use-arena.ts";

/** Uploads as the Storage server finishes them: with all rights, in a transaction of its own. */

const arena = useArena(20);
const { sql } = arena;

let me: string;
beforeEach(async () => {
  [me = ""] = await signUpBySql(sql, 1);
});

/** Stores a picture; tells `stored`, or the code of the refusal. */
function upload(name: string): Racer {
  const racer = admin(
    `insert into storage.objects (bucket_id, name, version, metadata)
     values ('avatars', $1, gen_random_uuid(), '{"size": 1000, "mimetype": "image/jpeg"}')`,
    `${me}/${name}.jpg`,
  );
  return {
    async open(place) {
      const opened = await racer.open(place);
      return { ...opened, run: () => opened.run().then(() => "stored", codeOf) };
    },
  };
}

const stored = async (): Promise<number> =>
  (await sql("select from storage.objects where name like $1", [`${me}/%`])).length;

test("picture_limit is exact under 20 parallel uploads", async () => {
  await changeSettings(sql, { picture_limit: 3 });
  const answers = rowsOf<string>(await arena.race(many(20, (index) => upload(`${index}`))));
  expect(answers.toSorted()).toEqual([...Array<string>(17).fill("42501"), ...Array<string>(3).fill("stored")]);
  expect(await stored()).toBe(3);
});

test("the same name is stored once under 20 parallel uploads, and the others are told that it is there", async () => {
  const answers = rowsOf<string>(await arena.race(many(20, () => upload("me"))));
  expect(answers.toSorted()).toEqual([...Array<string>(19).fill("23505"), "stored"]);
  expect(await stored()).toBe(1);
});

test.each([
  ["deletion of the login", DELETE_LOGIN],
  ["ban", "select ops.ban_user($1, 'Spam')"],
])("an upload and a %s come one after the other", async (_what, ending) => {
  const before = await arena.interleave(upload("before"), admin(ending, me));
  expect(before).toMatchObject({ first: { row: "stored" }, waited: true });
  expect(await stored()).toBe(1);

  [me = ""] = await signUpBySql(sql, 1);
  const after = await arena.interleave(admin(ending, me), upload("after"));
  expect(after).toMatchObject({ second: { row: "42501" }, waited: true });
  expect(await stored()).toBe(0);
});
