import { beforeEach, expect, test } from "vitest";
import { SERVICE } from "../support/api-connection.ts";
import { jobs, many, rowsOf, service, tally, times } from "../support/arena.ts";
import { offerReward, openPartner, sandboxKey, someCode } from "../support/redemptions.ts";
import { useArena } from "../support/use-arena.ts";

const arena = useArena(50);
const { sql } = arena;

let key: { api_key_hash: string };
let reward_id: string;
beforeEach(async () => {
  const partner = await openPartner(sql);
  key = { api_key_hash: (await sandboxKey(sql, partner)).keyHash };
  reward_id = (await offerReward(sql, partner)).id;
});

interface Used {
  outcome: string;
  is_repeat: boolean;
}

test("a test code at many tills at once is used once", async () => {
  for (let round = 0; round < 5; round++) {
    const { code_hash } = someCode();
    await arena.call(SERVICE, "create_test_code", { ...key, reward_id, code_hash });

    const outcomes = await arena.race(
      many(50, (till) => service("use_code", { ...key, code_hash, till_reference: `till-${till}` })),
    );

    const firsts = rowsOf<Used>(outcomes).filter(({ outcome }) => outcome === "used");
    expect(firsts).toMatchObject([{ is_repeat: false }]);
    expect(tally(outcomes)).toEqual({ ok: 50 });
  }
});

test("use × cancel × expiry of a test code: one ends it, and it is told once", async () => {
  await arena.call(SERVICE, "create_webhook_endpoint", {
    ...key,
    url: "https://partner.example/hooks",
    event_types: "{redemption.used,redemption.cancelled,redemption.expired}" as unknown as string[],
    secret_ciphertext: "k.sealed",
  });
  for (let round = 1; round <= 5; round++) {
    const { code_hash } = someCode();
    const made = (await arena.call(SERVICE, "create_test_code", { ...key, reward_id, code_hash })) as { id: string };

    await arena.race([
      ...times(15, service("use_code", { ...key, code_hash, till_reference: "till-1" })),
      ...times(15, service("cancel_redemption", { ...key, redemption_id: made.id })),
      ...times(3, jobs("now() + interval '2 days'")),
    ]);

    const told = await sql<{ type: string; status: string }>(
      `select m.payload ->> 'type' as type, 'redemption.' || t.status as status
       from private.webhook_messages m join private.test_codes t on t.id = (m.payload #>> '{data,redemption_id}')::uuid
       where t.id = $1`,
      [made.id],
    );
    expect(told.map(({ type }) => type)).toEqual(told.map(({ status }) => status));
    expect(told).toHaveLength(1);
  }
});

test("test codes made at once keep to the limit", async () => {
  await sql(
    `insert into private.test_codes (id, reward_id, code_hash, expires_at)
     select gen_random_uuid(), $1, sha256(gen_random_uuid()::text::bytea), now() from generate_series(1, 90)`,
    [reward_id],
  );

  const outcomes = await arena.race(
    many(50, () => service("create_test_code", { ...key, reward_id, code_hash: someCode().code_hash })),
  );

  expect(tally(outcomes)).toEqual({ ok: 10, test_code_limit: 40 });
});
