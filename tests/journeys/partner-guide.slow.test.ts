import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, GuideReader, type GuideStep, stepsOf } from "../support/guide.ts";
import { openPartner, redeemed } from "../support/redemptions.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";
import type { Member } from "../support/use-stack.ts";

/** docs/partner-integration.md, line by line, as a partner's developer would follow it. */

const guide = readFileSync(new URL("../../docs/partner-integration.md", import.meta.url), "utf8");
const steps = stepsOf(blocksOf(guide));
const stack = useFunctionStack();
const { sql, send } = stack;
const followed: GuideStep[] = [];
let reader: GuideReader;
let member: Member;
beforeAll(async () => {
  const partner = await openPartner(sql);
  const [webhooksPort, codesPort] = [await freePort(), await freePort()];
  reader = new GuideReader({
    BASE: `${stack.url}/functions/v1/partner`,
    KEY: partner.key,
    WEBHOOKS: `http://127.0.0.1:${webhooksPort}/`,
    WEBHOOKS_PORT: String(webhooksPort),
    CODES: `http://127.0.0.1:${codesPort}/`,
    CODES_PORT: String(codesPort),
  });
  [member] = (await stack.members(1, 1000)) as [Member];
});
afterAll(() => {
  reader.close();
  stack.keepSecret(
    ...[
      "KEY",
      "TILL_KEY",
      "NEW_TILL_KEY",
      "SANDBOX_KEY",
      "TEST_CODE",
      "WEBHOOK_SECRET",
      "NEW_WEBHOOK_SECRET",
      "CONNECTION_SECRET",
    ].map(variable),
  );
});

function variable(name: string): string {
  const value = reader.variables[name];
  if (value === undefined) throw new Error(`the guide has not come to $${name}`);
  return value;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A member redeems a reward of the guide and shows the code. */
async function someCode(reward: string): Promise<string> {
  const [found] = await sql<{ id: string; points_cost: number }>(
    "select id, points_cost from public.rewards where id = $1",
    [variable(reward)],
  );
  if (!found) throw new Error(`there is no reward $${reward}`);
  return (await redeemed(stack, member, found)).code;
}

/** What happens outside of the guide before a step can be followed. */
const SUPPLIES: Readonly<Record<string, () => Promise<string>>> = {
  CODE: async () => {
    await someCode("REWARD"); // stays unused, for the chapter on giving points back
    return someCode("REWARD");
  },
};

/** What has to happen for the guide's servers to get something to do, by the variable with their port. */
const EVENTS: Readonly<Record<string, () => Promise<void>>> = {
  async WEBHOOKS_PORT() {
    await someCode("REWARD");
    const { status } = await send("/functions/v1/deliver-webhooks", {
      method: "POST",
      headers: { apikey: stack.secretKey },
    });
    expect(status).toBe(200);
  },
  async CODES_PORT() {
    expect(await someCode("ADMISSION")).toMatch(/^SWIM-/);
  },
};

describe("every block of the guide does what the guide says", () => {
  test.each(steps.map((step) => [step.line, step.text.split("\n")[0], step] as const))(
    "line %i: %s",
    async (_, __, step) => {
      for (const name of reader.missing(step).filter((missing) => SUPPLIES[missing])) {
        reader.variables[name] = (await SUPPLIES[name]?.()) ?? "";
      }
      const [port = ""] = Object.keys(EVENTS).filter((name) => step.text.includes(`listen(process.env.${name})`));
      await reader.follow(step, EVENTS[port]);
      followed.push(step);
    },
  );
});

test("no block was left out, and the partner sees what the guide did", async () => {
  expect(followed).toEqual(steps);
  const statuses = await sql("select status, count(*)::int from public.redemptions group by status order by status");
  expect(statuses).toEqual([
    { status: "active", count: 1 },
    { status: "cancelled", count: 1 },
    { status: "used", count: 2 },
  ]);
  expect(await sql("select * from ops.audit_books()")).toEqual([]);
});
