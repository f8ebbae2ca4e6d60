import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { StackError } from "../../dev/base/stack-error.ts";
import type { Action } from "./actions.ts";
import { openClient } from "./open-client.ts";
import { type Target, variableOf } from "./target.ts";

/** In the North Sea, where no neighbour is told of it. */
const PLACE = { latitude: 55.5, longitude: 4.5 };
const REWARD = 1;

/**
 * Two throw-away members do what members do, up to the points; then their logins are deleted, which erases them. On staging
 * only: the ledger keeps it for ever.
 */
export const JOURNEY: Action = {
  show: "client, two throw-away members: sign up, post, offer, accept, start, finish, confirm, points; then delete them",
  async run({ target, database }) {
    const members: string[] = [];
    try {
      const creator = await signUp(target, members);
      const helper = await signUp(target, members);
      const task = await creator.tasks.create({
        title: "Check of a deployment",
        description: "Posted and done by a program. It will be gone in a moment.",
        category: (await creator.tasks.categories())[0]?.slug ?? "",
        points_reward: REWARD,
        ...PLACE,
      });
      const offer = await helper.tasks.offerHelp(task.id);
      await creator.tasks.acceptOffer(offer.id);
      await helper.tasks.start(task.id);
      await helper.tasks.finish(task.id);
      await creator.tasks.confirm(task.id);
      const { balance } = await helper.points.account();
      if (balance < REWARD) throw new StackError(`the helper of a confirmed task has ${balance} points`);
    } finally {
      const session = await database();
      for (const member of members) await session.query("delete from auth.users where id = $1", [member]);
    }
  },
};

async function signUp(target: Target, members: string[]) {
  const { supabase, client } = openClient(target);
  const login = { email: `deployment-${randomUUID()}@example.com`, password: randomUUID() };
  members.push(await createLogin(target, login, supabase));
  const { error } = await supabase.auth.signInWithPassword(login);
  if (error !== null) throw new StackError(`a member who has just signed up cannot sign in: ${error.message}`);
  return client;
}

/** A project confirms addresses, so its admin makes the login; the local stack has no admin and confirms none. */
async function createLogin(
  target: Target,
  login: { email: string; password: string },
  supabase: ReturnType<typeof openClient>["supabase"],
): Promise<string> {
  const admin = createClient(variableOf(target, "SUPABASE_URL"), variableOf(target, "SUPABASE_SECRET_KEY"), {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = target.isHosted
    ? await admin.auth.admin.createUser({ ...login, email_confirm: true, user_metadata: { name: "Deployment" } })
    : await supabase.auth.signUp({ ...login, options: { data: { name: "Deployment" } } });
  if (error !== null || data.user === null) throw new StackError(`nobody can sign up: ${error?.message ?? "no user"}`);
  return data.user.id;
}
