import { deepStrictEqual, throws } from "node:assert/strict";
import { anonymousProject, secretKeys, serviceProject } from "./project.ts";

const reading = (variables: Record<string, string>) => (name: string) => variables[name];
const SUPABASE_URL = "http://localhost:54321";

Deno.test("the default secret key is used, another where there is none", () => {
  const named = (keys: object) => reading({ SUPABASE_URL, SUPABASE_SECRET_KEYS: JSON.stringify(keys) });
  deepStrictEqual(serviceProject(named({ cron: "sb_secret_2", default: "sb_secret_1" })), {
    url: SUPABASE_URL,
    key: "sb_secret_1",
  });
  deepStrictEqual(serviceProject(named({ cron: "sb_secret_2" })).key, "sb_secret_2");
  deepStrictEqual(secretKeys(named({ default: "sb_secret_1", cron: "sb_secret_2" })), {
    default: "sb_secret_1",
    cron: "sb_secret_2",
  });
});

Deno.test("older projects have one key of each kind", () => {
  const old = reading({ SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY: "eyJ.s", SUPABASE_ANON_KEY: "eyJ.a" });
  deepStrictEqual(serviceProject(old), { url: SUPABASE_URL, key: "eyJ.s" });
  deepStrictEqual(anonymousProject(old), { url: SUPABASE_URL, key: "eyJ.a" });
});

Deno.test("what is missing is named", () => {
  throws(() => serviceProject(reading({})), /SUPABASE_URL/u);
  throws(() => serviceProject(reading({ SUPABASE_URL })), /SUPABASE_SECRET_KEYS/u);
  throws(() => anonymousProject(reading({ SUPABASE_URL })), /SUPABASE_PUBLISHABLE_KEYS/u);
});
