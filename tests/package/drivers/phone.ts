import { keptNames } from "../frameworks/async-storage/index.ts";
import { type AppStateStatus, change } from "../frameworks/react-native/index.ts";

/** Uses the modules of docs/client.md as a phone does, and prints what came of it. */

interface Modules {
  supabase: {
    auth: {
      signInWithPassword(login: { email: string; password: string }): Promise<{ error: Error | null }>;
      getSession(): Promise<{ data: { session: { user: { email: string } } | null } }>;
      startAutoRefresh(): Promise<void>;
      stopAutoRefresh(): Promise<void>;
    };
  };
  client: {
    redemptions: { listPage(): Promise<{ items: { id: string }[] }> };
    rewards: { listPage(): Promise<{ items: { id: string; points_cost: number; title_en: string }[] }> };
  };
  redeem(reward: { id: string; points_cost: number }): Promise<{ redemption: { id: string } }>;
}

const [folder = ""] = process.argv.slice(2);

/** The app starts, with nothing in memory of the time before. */
const start = (time: number) => import(`${folder}/phone.js?${time}`) as Promise<Modules>;

/** The session's timer runs, as far as supabase-js was told. */
async function isRenewing({ auth }: Modules["supabase"], state: AppStateStatus): Promise<string[]> {
  const told: string[] = [];
  auth.startAutoRefresh = async () => void told.push("start");
  auth.stopAutoRefresh = async () => void told.push("stop");
  change(state);
  return told;
}

const { supabase, client, redeem } = await start(1);
const { error } = await supabase.auth.signInWithPassword({ email: "ben@example.test", password: "neighbour-demo" });
if (error) throw error;
const inFront = await isRenewing(supabase, "active");
const behind = await isRenewing(supabase, "background");

const { items: rewards } = await client.rewards.listPage();
const reward = rewards.find(({ title_en }) => title_en === "A loaf of your choice");
if (!reward) throw new Error("there is no loaf");

// the tunnel: every request arrives, and no answer comes back
const { fetch } = globalThis;
let sent = 0;
globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!String(input).includes("/functions/v1/redeem")) return response;
  sent += 1;
  throw new TypeError("fetch failed");
};
const cutOff = await redeem(reward).then(String, ({ code }) => code);
globalThis.fetch = fetch;
const keptWhileOpen = keptNames().filter((name) => name.startsWith("redeem "));

const again = await start(2);
const { data } = await again.supabase.auth.getSession();
const { items: made } = await again.client.redemptions.listPage();
const answer = await again.redeem(reward);
const { items: afterwards } = await again.client.redemptions.listPage();
console.log(
  JSON.stringify({
    inFront,
    behind,
    cutOff,
    sent,
    keptWhileOpen: keptWhileOpen.length,
    signedInAgain: data.session?.user.email,
    isTheSame: made[0]?.id === answer.redemption.id,
    newOnes: afterwards.length - made.length,
    keptInTheEnd: keptNames().filter((name) => name.startsWith("redeem ")).length,
  }),
);
process.exit(0);
