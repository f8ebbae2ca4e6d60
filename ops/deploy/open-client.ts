import { createClient } from "@supabase/supabase-js";
import { createNeighbourhoodClient } from "../../src/client/client.ts";
import type { Database } from "../../src/client/database.types.ts";
import { type Target, variableOf } from "./target.ts";

/** A client of the target that nobody is signed in to yet. */
export function openClient(target: Target) {
  const supabase = createClient<Database>(
    variableOf(target, "SUPABASE_URL"),
    variableOf(target, "SUPABASE_PUBLISHABLE_KEY"),
    { auth: { persistSession: false, autoRefreshToken: false } },
  );
  return { supabase, client: createNeighbourhoodClient(supabase) };
}
