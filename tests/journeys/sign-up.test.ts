import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { useStack } from "../support/use-stack.ts";

const { sql, anonymous } = useStack();

async function memberRows(id: string) {
  const [rows] = await sql(
    `select u.name, u.is_email_verified, u.is_phone_verified, c.phone_number, a.balance
     from public.users u join public.user_contacts c on c.user_id = u.id join public.point_accounts a on a.user_id = u.id
     where u.id = $1`,
    [id],
  );
  return rows;
}

describe("signing up never fails because of profile data", () => {
  test.each<[string, object | undefined, string]>([
    ["none at all", undefined, "Neighbour"],
    ["no name", { locale: "de" }, "Neighbour"],
    ["an empty name", { name: "" }, "Neighbour"],
    ["a blank name", { name: " \t\n " }, "Neighbour"],
    ["a null name", { name: null }, "Neighbour"],
    ["a name of one letter", { name: "A" }, "A"],
    ["a name of one character", { name: "李" }, "李"],
    ["a name that is a list", { name: ["Anna"], preferred_username: "anna" }, "anna"],
    ["names from OpenID Connect", { given_name: "Ada", family_name: "Lovelace" }, "Ada Lovelace"],
    ["fillers only", { name: "\u3164\u2800\uFE0F" }, "Neighbour"],
    ["a joiner and emoji", { name: "می\u200Cخواهم 👩\u200D🌾" }, "می\u200Cخواهم 👩\u200D🌾"],
    ["an overlong name", { name: "x".repeat(5000) }, "x".repeat(255)],
    ["an overlong name of emoji", { name: "🦔".repeat(300) }, "🦔".repeat(255)],
    ["control characters", { name: "A\u0007n\u202Ena" }, "A n na"],
    ["invisible characters only", { name: "\u200B\u2060\uFEFF" }, "Neighbour"],
    ["line breaks", { name: "Anna\nAdmin" }, "Anna Admin"],
    ["HTML", { name: "<script>alert(1)</script>" }, "<script>alert(1)</script>"],
    ["SQL", { name: "'); drop table users; --" }, "'); drop table users; --"],
    ["a number", { name: 4711 }, "4711"],
    [
      "a name from an OAuth provider",
      { full_name: "Anna Example", avatar_url: "https://example.test/a.png" },
      "Anna Example",
    ],
    ["columns of the users table", { name: "Eve", is_banned: false, trust_score: 5, points_balance: 1000 }, "Eve"],
  ])("%s", async (_, data, name) => {
    const { data: session, error } = await anonymous().auth.signUp({
      email: `${randomUUID()}@example.test`,
      password: "correct horse battery",
      ...(data === undefined ? {} : { options: { data } }),
    });
    expect(error).toBeNull();
    expect(await memberRows(session.user?.id ?? "")).toEqual({
      name,
      is_email_verified: true,
      is_phone_verified: false,
      phone_number: null,
      balance: 0,
    });
  });
});

describe("sign-ups that do not come through the form", () => {
  test("by phone, without an e-mail address", async () => {
    const id = randomUUID();
    const phone = `49${Date.now()}`;
    await sql("insert into auth.users (id, phone, phone_confirmed_at) values ($1, $2, now())", [id, phone]);
    expect(await memberRows(id)).toEqual({
      name: "Neighbour",
      is_email_verified: false,
      is_phone_verified: true,
      phone_number: `+${phone}`, // Auth stores numbers without their plus
      balance: 0,
    });
  });

  test.each([["null"], ["[]"], ['"Anna"'], ["42"], ['{"name": {"first": "Anna"}}'], ['{"name": ["Anna"]}']])(
    "with metadata %s",
    async (metadata) => {
      const id = randomUUID();
      await sql("insert into auth.users (id, raw_user_meta_data) values ($1, $2::text::jsonb)", [id, metadata]);
      expect(await memberRows(id)).toMatchObject({ name: expect.stringMatching(/^.{2,255}$/), balance: 0 });
    },
  );

  test("confirming the address later shows on the profile", async () => {
    const id = randomUUID();
    await sql("insert into auth.users (id, email) values ($1, $2)", [id, `${id}@example.test`]);
    expect(await memberRows(id)).toMatchObject({ is_email_verified: false });
    await sql("update auth.users set email_confirmed_at = now() where id = $1", [id]);
    expect(await memberRows(id)).toMatchObject({ is_email_verified: true });
  });
});

test("a second sign-up with the same address makes no second member", async () => {
  const login = { email: `${randomUUID()}@example.test`, password: "correct horse battery" };
  const { data } = await anonymous().auth.signUp(login);
  const again = await anonymous().auth.signUp(login);
  expect(again.error?.status).toBe(422);
  expect(await sql("select 1 from auth.users where email = $1", [login.email])).toHaveLength(1);
  expect(await memberRows(data.user?.id ?? "")).toMatchObject({ balance: 0 });
});

test("a wrong password gives no session", async () => {
  const login = { email: `${randomUUID()}@example.test`, password: "correct horse battery" };
  await anonymous().auth.signUp(login);
  const { data, error } = await anonymous().auth.signInWithPassword({ ...login, password: "wrong horse battery" });
  expect(error?.status).toBe(400);
  expect(data.session).toBeNull();
});
