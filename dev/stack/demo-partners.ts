import { createHash, createHmac, randomBytes } from "node:crypto";
import { readCode } from "../../supabase/functions/_shared/codes.ts";
import { createSealer, type Sealer } from "../../supabase/functions/_shared/sealing.ts";
import type { SqlSession } from "./database/session.ts";
import type { StackDatabase } from "./database/stack-database.ts";
import { DEMO_PARTNERS, DEMO_POOL_REWARD } from "./demo.ts";
import { DEMO_CODES_PATH } from "./demo-code-service.ts";
import type { StackKeys } from "./keys.ts";

const POOL_SIZE = 50;

/** The API key of a demo partner. It follows from the stack's keys and so stays the same from start to start. */
export function demoPartnerKey(keys: StackKeys, partnerId: string): string {
  return `nhp_${derive(keys, `demo partner key ${partnerId}`).toString("hex")}`;
}

/** The secret that this stack and the code system of its demo partner sign with. */
export function demoConnectionSecret(keys: StackKeys): string {
  return `whsec_${derive(keys, "demo partner connection").toString("base64")}`;
}

/**
 * Does for the demo partners what real ones do themselves and the seed cannot, because it needs this stack's keys and
 * address: gives each an API key, uploads codes to the bookshop's pool when there are none, and connects the swimming
 * hall to its code system.
 *
 * @returns false when the database has no demo partners.
 */
export async function prepareDemoPartners(database: StackDatabase, keys: StackKeys, url: string): Promise<boolean> {
  const environment: Record<string, string> = { SEALING_KEYS: keys.sealingKeys, CODE_INDEX_KEY: keys.codeIndexKey };
  const sealer = await createSealer((name) => environment[name]);
  return database.asOwner(async (session) => {
    if (!(await hasDemoPartners(session))) return false;
    for (const partnerId of Object.values(DEMO_PARTNERS)) await addKey(session, keys, partnerId);
    await fillPool(session, sealer, demoPartnerKey(keys, DEMO_PARTNERS.bookshop));
    await connect(session, `${url}${DEMO_CODES_PATH}`, await sealer.seal("secret", demoConnectionSecret(keys)));
    return true;
  });
}

async function hasDemoPartners(session: SqlSession): Promise<boolean> {
  const [table] = await session.query<{ exists: boolean }>(
    "select to_regclass('private.partner_connections') is not null as exists",
  );
  if (!table?.exists) return false;
  const ids = Object.values(DEMO_PARTNERS);
  const found = await session.query("select id from public.partners where id::text = any (string_to_array($1, ','))", [
    ids.join(","),
  ]);
  return found.length === ids.length;
}

async function addKey(session: SqlSession, keys: StackKeys, partnerId: string): Promise<void> {
  await session.query(
    `insert into private.partner_api_keys (partner_id, name, key_hash, scopes)
     values ($1, 'Demo', decode($2, 'hex'), private.partner_scopes())
     on conflict (key_hash) do nothing`,
    [partnerId, sha256(demoPartnerKey(keys, partnerId))],
  );
}

async function fillPool(session: SqlSession, sealer: Sealer, apiKey: string): Promise<void> {
  const [pool] = await session.query<{ count: number }>(
    "select count(*) from private.reward_codes where reward_id = $1",
    [DEMO_POOL_REWARD],
  );
  if (pool === undefined || pool.count > 0) return;
  const texts = Array.from({ length: POOL_SIZE }, () => `BUCH-${randomBytes(6).toString("hex").toUpperCase()}`);
  const codes = await Promise.all(
    texts.map(async (text, index) => ({
      line: index + 1,
      hash: await sealer.codeHash(canonical(text)),
      ciphertext: await sealer.seal("code", text),
    })),
  );
  await session.query("select public.add_codes($1, $2, $3::text::jsonb)", [
    `\\x${sha256(apiKey)}`,
    DEMO_POOL_REWARD,
    JSON.stringify(codes),
  ]);
}

/** At every start: the port may be another one, and the secret is sealed with the newest key. */
async function connect(session: SqlSession, url: string, sealedSecret: string): Promise<void> {
  await session.query(
    `insert into private.partner_connections (partner_id, url, secret) values ($1, $2, $3)
     on conflict (partner_id) do update set url = excluded.url, secret = excluded.secret, updated_at = now()`,
    [DEMO_PARTNERS.swimmingHall, url, sealedSecret],
  );
}

function canonical(text: string): string {
  const read = readCode(text);
  if (read.kind !== "foreign") throw new Error(`${text} is no code of a partner`);
  return read.canonical;
}

function derive(keys: StackKeys, purpose: string): Buffer {
  return createHmac("sha256", keys.jwtSecret).update(purpose).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
