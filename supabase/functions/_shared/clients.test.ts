import { deepStrictEqual, throws } from "node:assert/strict";
import { projectEnvironment, secretKeys, serviceEnvironment } from "./clients.ts";

const reading = (variables: Record<string, string>) => (name: string) => variables[name];
const SUPABASE_URL = "http://localhost:54321";

Deno.test("the default secret key is used, another where there is none", () => {
  const named = (keys: object) => reading({ SUPABASE_URL, SUPABASE_SECRET_KEYS: JSON.stringify(keys) });
  deepStrictEqual(serviceEnvironment(named({ cron: "sb_secret_2", default: "sb_secret_1" })), {
    url: SUPABASE_URL,
    secretKey: "sb_secret_1",
  });
  deepStrictEqual(serviceEnvironment(named({ cron: "sb_secret_2" })).secretKey, "sb_secret_2");
  deepStrictEqual(secretKeys(named({ default: "sb_secret_1", cron: "sb_secret_2" })), {
    default: "sb_secret_1",
    cron: "sb_secret_2",
  });
});

Deno.test("older projects have one key of each kind", () => {
  const old = reading({ SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY: "eyJ.s", SUPABASE_ANON_KEY: "eyJ.a" });
  deepStrictEqual(serviceEnvironment(old), { url: SUPABASE_URL, secretKey: "eyJ.s" });
  deepStrictEqual(projectEnvironment(old), { url: SUPABASE_URL, publishableKey: "eyJ.a" });
});

Deno.test("what is missing is named", () => {
  throws(() => serviceEnvironment(reading({})), /SUPABASE_URL/u);
  throws(() => serviceEnvironment(reading({ SUPABASE_URL })), /SUPABASE_SECRET_KEYS/u);
  throws(() => projectEnvironment(reading({ SUPABASE_URL })), /SUPABASE_PUBLISHABLE_KEYS/u);
});
