import { beforeAll, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import { readCatalogue } from "../support/catalogue.ts";
import { type HonestArguments, honestOfEdgeFunctions } from "../support/honest-arguments.ts";
import { hashOf, openPartner, type Partner, sandboxKey } from "../support/redemptions.ts";
import { restOf } from "../support/rest.ts";
import { useStack } from "../support/use-stack.ts";

/** What each scope of an API key opens: every command of partners is sent, as the edge functions do, with every kind of key. */

const { sql, address } = useStack();
const rest = restOf(address);

interface Command {
  name: string;
  /** As its comment says; null: any key. */
  scope: string | null;
}

interface Scene {
  partner: Partner;
  honest: HonestArguments;
}

/** What a command answers to the id of something that is not the key's. */
const NOT_FOUND: Readonly<Record<string, string>> = {
  reward_id: "PT404 reward_not_found",
  redemption_id: "PT404 redemption_not_found",
  endpoint_id: "PT404 webhook_endpoint_not_found",
  message_id: "PT404 webhook_message_not_found",
  key_id: "PT404 api_key_not_found",
};
/** For codes that a partner tries with its own till. */
const SANDBOX_COMMAND = "create_test_code";

let commands: Command[];
let scopes: string[];
/** For what is refused, and so changes nothing. */
let shared: Scene;

beforeAll(async () => {
  commands = await sql<Command>(
    `select p.proname as name, nullif((regexp_match(obj_description(p.oid), 'Scope: ([a-z_:]+)\\.'))[1], 'none') as scope
     from pg_proc p where p.pronamespace = 'public'::regnamespace and 'api_key_hash' = any (p.proargnames) order by 1`,
  );
  const [all] = await sql<{ scopes: string[] }>("select private.partner_scopes() as scopes");
  scopes = all?.scopes ?? [];
  shared = await newScene();
});

async function newScene(): Promise<Scene> {
  const partner = await openPartner(sql);
  const [memberId = ""] = await signUpBySql(sql, 1);
  return { partner, honest: await honestOfEdgeFunctions(sql, memberId, partner) };
}

/** The hash of a new key of the partner. */
async function keyWith(partner: Partner, allowed: readonly string[]): Promise<string> {
  const [made] = await sql<{ key: string }>("select key from ops.create_partner_key($1, 'Key', $2::text[])", [
    partner.id,
    [...allowed],
  ]);
  return hashOf(made?.key ?? "");
}

/** What each command says to a key; what is not refused has a scene of its own, so that each one finds the same. */
async function answers(
  keyOf: (command: Command, partner: Partner) => Promise<string | null> | string | null,
  sceneOf: () => Promise<Scene> | Scene = () => shared,
): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const command of commands) {
    const { partner, honest } = await sceneOf();
    const body = { ...honest[command.name], api_key_hash: await keyOf(command, partner) };
    const { status, text } = await rest(`rpc/${command.name}`, { method: "POST", apiKey: address.secretKey, body });
    const { code, message, details } = status < 300 ? {} : JSON.parse(text);
    all[command.name] = status < 300 ? "answered" : [code, message, ...(details ? [`(${details})`] : [])].join(" ");
  }
  return all;
}

function each(expected: (command: Command, ids: string[]) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    commands.map((command) => {
      const ids = Object.keys(shared.honest[command.name] ?? {}).filter((name) => name.endsWith("_id"));
      return [command.name, expected(command, ids) ?? "answered"];
    }),
  );
}

/** Only a sandbox key makes codes for trying. */
const ownKey = ({ name }: Command, partner: Partner, key: () => Promise<string> | string) =>
  name === SANDBOX_COMMAND ? sandboxKey(sql, partner).then(({ keyHash }) => keyHash) : key();

test("there is a command for every scope, and a refusal for every id", async () => {
  expect([...new Set(commands.flatMap(({ scope }) => scope ?? []))].toSorted()).toEqual(scopes.toSorted());
  const { rpcs } = await readCatalogue(sql);
  const unasked = rpcs
    .filter(({ args }) => args.some(({ name }) => name === "api_key_hash"))
    .flatMap(({ name, args }) => args.map((arg) => ({ name, arg: arg.name })))
    .filter(({ arg }) => arg.endsWith("_id"))
    .filter(({ name, arg }) => !(arg in NOT_FOUND && arg in (shared.honest[name] ?? {})));
  expect(unasked, "but for the filter of a list").toEqual([{ name: "list_partner_redemptions", arg: "reward_id" }]);
});

test("a key with every scope may do everything but make codes for trying", async () => {
  expect(await answers((_, { keyHash }) => keyHash, newScene)).toEqual(
    each(({ name }) => (name === SANDBOX_COMMAND ? "PT403 sandbox_key_required" : undefined)),
  );
});

test("its own scope is enough for a command", async () => {
  const key = (command: Command, partner: Partner) =>
    ownKey(command, partner, () => keyWith(partner, [command.scope ?? "codes:write"]));
  expect(await answers(key, newScene)).toEqual(each(() => undefined));
});

test("all other scopes are not", async () => {
  const key = ({ scope }: Command, partner: Partner) =>
    keyWith(
      partner,
      scopes.filter((other) => other !== scope),
    );
  expect(await answers(key)).toEqual(
    each(({ scope }) => (scope === null ? undefined : `PT403 scope_missing (${scope})`)),
  );
});

test("a sandbox key changes nothing that is real, and what is real is not there for it", async () => {
  const [{ allowed } = { allowed: [] as string[] }] = await sql<{ allowed: string[] }>(
    "select private.sandbox_scopes() as allowed",
  );
  const key = async (_: Command, partner: Partner) => (await sandboxKey(sql, partner)).keyHash;
  expect(await answers(key, newScene)).toEqual(
    each(({ scope }, ids) => {
      if (scope !== null && !allowed.includes(scope)) return `PT403 scope_missing (${scope})`;
      const real = ids.find((id) => id !== "reward_id");
      return real === undefined ? undefined : NOT_FOUND[real];
    }),
  );
});

test("to another partner's key with every scope it is as if the thing were not there", async () => {
  const other = await openPartner(sql);
  const found = await answers((command) => ownKey(command, other, () => other.keyHash));
  const expected = each((_, [id]) => (id === undefined ? "no id" : NOT_FOUND[id]));
  const withId = Object.entries(expected).filter(([, answer]) => answer !== "no id");
  expect(withId.length).toBeGreaterThan(10);
  expect(found).toMatchObject(Object.fromEntries(withId));
});

test.each([
  ["no key", null],
  ["a wrong key", `\\x${"00".repeat(32)}`],
  ["an empty key", ""],
])("%s opens nothing", async (_, hash) => {
  expect(await answers(() => hash)).toEqual(each(() => "PT401 api_key_invalid"));
});

test("half of a key opens nothing", async () => {
  expect(await answers((_, { keyHash }) => keyHash.slice(0, -2))).toEqual(each(() => "PT401 api_key_invalid"));
});
