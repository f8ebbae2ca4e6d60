import { randomUUID } from "node:crypto";
import type { Sql } from "./admin.ts";
import type { Isolation } from "./api-connection.ts";
import { type Command, type CommandArgs, type Offer, SERVICE } from "./api-connection.ts";
import { member, type Racer } from "./arena.ts";
import { makeOverdue, newestNoShowOf } from "./overdue.ts";
import { offerReward, openPartner, redeemArgs } from "./redemptions.ts";
import { type Call, PLACE, playTask, type Stage, taskArgs } from "./scenario.ts";

/** What a command is prepared with: who sends it, a neighbour whom it is about, and the doors to the database. */
export interface Scene {
  me: string;
  other: string;
  call: Call;
  sql: Sql;
}

/** Makes the command that `me` sends possible; it succeeds when nobody is in its way. */
type Prepare = (scene: Scene) => Promise<(isolation?: Isolation) => Racer>;

function sends<C extends Command>(
  command: C,
  prepare: (scene: Scene) => CommandArgs<C> | Promise<CommandArgs<C>>,
  isForMembers = true,
): Prepare {
  return async (scene) => {
    const args = await prepare(scene);
    return (isolation) => member(isForMembers ? scene.me : SERVICE, command, args, isolation);
  };
}

async function ownTask({ call, me, other }: Scene, stage: Stage): Promise<{ task_id: string; offer: Offer }> {
  const { task, offer } = await playTask(call, me, other, stage, { metadata: { door: "left" } });
  return { task_id: task.id, offer };
}

async function otherTask({ call, me, other }: Scene, stage: Stage): Promise<{ task_id: string; offer: Offer }> {
  const { task, offer } = await playTask(call, other, me, stage);
  return { task_id: task.id, offer };
}

const HOME = { latitude: PLACE.latitude, longitude: PLACE.longitude };
const DEVICE = { p256dh: `B${"x".repeat(86)}`, auth: "y".repeat(22) };

function aMessage({ id }: Offer): CommandArgs<"send_message"> {
  return { offer_id: id, body: "When shall I come?", idempotency_key: randomUUID() };
}

function bench({ call, other }: Scene) {
  return call(other, "add_place", { name: `Bench of ${other}`, category: "other", ...HOME });
}

async function redemption({ call, sql, me }: Scene) {
  const reward = await offerReward(sql, await openPartner(sql), { points_cost: 1, return_days: 7 });
  await sql("select ops.adjust_points($1, 10, 'For a redemption')", [me]);
  const args = redeemArgs(me, reward);
  return { args, begin: () => call(SERVICE, "begin_redemption", args) };
}

/** Every command by which, or in whose name, something is written about a member. A test holds this to the catalogue. */
export const MEMBERS_COMMANDS: Readonly<Record<string, Prepare>> = {
  create_task: sends("create_task", () =>
    taskArgs({ metadata: { door: "left" }, address: "Sea Lane 1", idempotency_key: randomUUID() }),
  ),
  update_task: sends("update_task", async (scene) => ({
    task_id: (await ownTask(scene, "open")).task_id,
    title: "Something else",
    address: "Sea Lane 2",
    points_reward: 20,
  })),
  cancel_task: sends("cancel_task", async (scene) => ({ task_id: (await ownTask(scene, "assigned")).task_id })),
  offer_help: sends("offer_help", async ({ call, other }) => ({
    task_id: (await call(other, "create_task", taskArgs())).id,
    message: "I live next door",
  })),
  renew_offer: sends("renew_offer", async (scene) => {
    const { offer, task_id } = await otherTask(scene, "open");
    await scene.call(scene.other, "update_task", { task_id, title: "Something else" });
    return { offer_id: offer.id };
  }),
  withdraw_offer: sends("withdraw_offer", async (scene) => ({ offer_id: (await otherTask(scene, "open")).offer.id })),
  decline_offer: sends("decline_offer", async (scene) => ({ offer_id: (await ownTask(scene, "open")).offer.id })),
  accept_offer: sends("accept_offer", async (scene) => ({ offer_id: (await ownTask(scene, "open")).offer.id })),
  start_task: sends("start_task", async (scene) => ({ task_id: (await otherTask(scene, "assigned")).task_id })),
  finish_task: sends("finish_task", async (scene) => ({
    task_id: (await otherTask(scene, "in_progress")).task_id,
    note: "Done",
  })),
  release_task: sends("release_task", async (scene) => ({ task_id: (await otherTask(scene, "assigned")).task_id })),
  replace_helper: sends("replace_helper", async (scene) => {
    const { task_id } = await ownTask(scene, "assigned");
    await makeOverdue(scene.sql, task_id);
    return { task_id, reason: "Did not come" };
  }),
  contest_no_show: sends("contest_no_show", async (scene) => {
    const { task_id } = await otherTask(scene, "assigned");
    await makeOverdue(scene.sql, task_id);
    await scene.call(scene.other, "replace_helper", { task_id, reason: "Did not come" });
    return { no_show_id: await newestNoShowOf(scene.sql, scene.me), statement: "I was there" };
  }),
  confirm_task: sends("confirm_task", async (scene) => ({
    task_id: (await ownTask(scene, "pending_confirmation")).task_id,
  })),
  reject_completion: sends("reject_completion", async (scene) => ({
    task_id: (await ownTask(scene, "pending_confirmation")).task_id,
    reason: "Not yet",
  })),
  reveal_task_contact: sends("reveal_task_contact", async (scene) => {
    await scene.call(scene.other, "update_contact", { phone_number: "+49 30 123456" });
    await scene.call(scene.other, "update_settings", { phone_sharing: "on_shared_tasks" });
    return { task_id: (await otherTask(scene, "completed")).task_id };
  }),
  request_phone_number: sends("request_phone_number", async (scene) => ({
    task_id: (await ownTask(scene, "completed")).task_id,
  })),
  share_phone_number: sends("share_phone_number", async (scene) => {
    await scene.call(scene.me, "update_contact", { phone_number: "+49 30 123456" });
    return { task_id: (await otherTask(scene, "completed")).task_id };
  }),
  rate_task: sends("rate_task", async (scene) => {
    const { task_id } = await ownTask(scene, "completed");
    await scene.call(scene.other, "rate_task", { task_id, score: 5, comment: "Kind" });
    return { task_id, score: 4, comment: "Kind, too" };
  }),
  suggest_helpers: sends("suggest_helpers", async ({ call, me, other }) => {
    for (const helper of [me, other]) {
      await call(helper, "update_contact", HOME);
      await call(helper, "update_settings", { is_open_to_suggestions: true });
    }
    await call(other, "suggest_helpers", { task_id: (await call(other, "create_task", taskArgs())).id });
    return { task_id: (await call(me, "create_task", taskArgs())).id };
  }),
  set_preference: sends("set_preference", () => ({ category: "garten", rating: 5 })),
  add_place: sends("add_place", ({ me }) => ({ name: `Home of ${me}`, category: "other", ...HOME })),
  review_place: sends("review_place", async (scene) => ({
    place_id: (await bench(scene)).id,
    rating: 4,
    comment: "My bench",
  })),
  delete_review: sends("delete_review", async (scene) => {
    const { id } = await bench(scene);
    await scene.call(scene.me, "review_place", { place_id: id, rating: 4, comment: "My bench" });
    return { place_id: id };
  }),
  update_profile: sends("update_profile", () => ({ name: "Anna", bio: "Likes plants" })),
  update_contact: sends("update_contact", () => ({ phone_number: "+49 30 123456", address: "Sea Lane 1", ...HOME })),
  update_settings: sends("update_settings", ({ call, me }) =>
    call(me, "update_contact", HOME).then(() => ({ is_open_to_suggestions: true, show_on_leaderboard: true })),
  ),
  block_user: sends("block_user", ({ other }) => ({ user_id: other })),
  unblock_user: sends("unblock_user", async ({ call, me, other }) => {
    await call(me, "block_user", { user_id: other });
    return { user_id: other };
  }),
  mark_notifications_read: sends("mark_notifications_read", async (scene) => {
    await ownTask(scene, "pending_confirmation");
    return {};
  }),
  send_message: sends("send_message", async (scene) => aMessage((await otherTask(scene, "open")).offer)),
  mark_conversation_read: sends("mark_conversation_read", async (scene) => {
    const { offer } = await otherTask(scene, "open");
    await scene.call(scene.other, "send_message", aMessage(offer));
    return { offer_id: offer.id };
  }),
  delete_message: sends("delete_message", async (scene) => {
    const { offer } = await otherTask(scene, "open");
    const { id } = await scene.call(scene.me, "send_message", aMessage(offer));
    return { offer_id: offer.id, message_id: id };
  }),
  update_message_settings: sends("update_message_settings", () => ({ show_read_marks: true })),
  set_notification_preference: sends("set_notification_preference", () => ({
    type: "task_started",
    channel: "email",
    is_enabled: false,
  })),
  update_notification_settings: sends("update_notification_settings", () => ({ digest: "weekly" })),
  save_push_subscription: sends("save_push_subscription", async ({ call, me, other }) => {
    const device = { endpoint: `https://push.example/${me}`, ...DEVICE };
    await call(other, "save_push_subscription", device);
    return device;
  }),
  delete_push_subscription: sends("delete_push_subscription", async ({ call, me }) => {
    const endpoint = `https://push.example/${me}`;
    await call(me, "save_push_subscription", { endpoint, ...DEVICE });
    return { endpoint };
  }),
  begin_redemption: sends("begin_redemption", async (scene) => (await redemption(scene)).args, false),
  return_redemption: sends(
    "return_redemption",
    async (scene) => {
      const begun = (await (await redemption(scene)).begin()) as unknown as { redemption: { id: string } };
      return { member_id: scene.me, redemption_id: begun.redemption.id };
    },
    false,
  ),
  unsubscribe_notifications: sends("unsubscribe_notifications", ({ me }) => ({ user_id: me, channel: "email" }), false),
};
