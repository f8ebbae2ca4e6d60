import { randomUUID } from "node:crypto";
import { makeOverdue, newestNoShowOf } from "./overdue.ts";
import { offerReward, openPartner, redeemArgs } from "./redemptions.ts";
import { playTask, taskArgs } from "./scenario.ts";
import { type Member, rpc, type TestStack } from "./use-stack.ts";

/** Words and numbers that belong to the victim alone; an attacker who reads one of them has found a leak. */
export interface Secrets {
  [what: string]: string;
}

/** A neighbourhood in which every table has rows: a victim's with secrets in them, the helper's and the attacker's own. */
export interface Neighbourhood {
  victim: Member;
  helper: Member;
  attacker: Member;
  secrets: Secrets;
  /** Open task of the victim; the attacker can see it. */
  openTaskId: string;
  /** Task of the victim that the helper works on; the attacker cannot see it. */
  assignedTaskId: string;
}

let houseNumber = 0;

/** Signs the people up and lets them live a little; call it once per file. */
export async function populate(stack: TestStack): Promise<Neighbourhood> {
  const { sql, call } = stack;
  const [victim, helper, attacker] = await stack.members(3);
  const [bystander] = await stack.members(1);
  houseNumber += 1;
  const mark = `SECRET-${victim.id.slice(0, 8)}-${houseNumber}`;
  const secrets = {
    phone: "+49 30 77345612",
    homeAddress: `${mark}-home`,
    homeLatitude: "48.1371549",
    homeLongitude: "11.5761243",
    taskAddress: `${mark}-door`,
    taskLatitude: "52.5163771",
    taskLongitude: "13.3777041",
    balance: "7730177",
    adjustment: `${mark}-adjustment`,
    banReason: `${mark}-ban`,
    offerMessage: `${mark}-offer`,
    message: `${mark}-message`,
    note: `${mark}-note`,
    reason: `${mark}-reason`,
    hiddenRating: `${mark}-rating`,
    statement: `${mark}-statement`,
    decision: `${mark}-decision`,
    likedCategory: `${mark}-liked`.toLowerCase(),
    timeZone: "Antarctica/Troll",
    quietFrom: "03:17:11",
    redemptionKey: randomUUID(),
    tillReference: `${mark}-till`,
  };

  await rpc(victim, "update_contact", {
    phone_number: secrets.phone,
    address: secrets.homeAddress,
    latitude: Number(secrets.homeLatitude),
    longitude: Number(secrets.homeLongitude),
  });
  await rpc(attacker, "update_contact", { phone_number: "+49 30 1111111", address: "My own street 1" });
  for (let rest = Number(secrets.balance); rest > 0; rest -= 1_000_000) {
    await sql("select ops.adjust_points($1, $2, $3)", [victim.id, Math.min(rest, 1_000_000), secrets.adjustment]);
  }
  await sql("select ops.adjust_points($1, 5, 'Attacker''s own')", [attacker.id]);

  const place = {
    latitude: Number(secrets.taskLatitude),
    longitude: Number(secrets.taskLongitude),
    address: secrets.taskAddress,
  };
  const open = await rpc(victim, "create_task", taskArgs(place));
  await rpc(helper, "offer_help", { task_id: open.id, message: secrets.offerMessage });
  const { task, offer } = await playTask(call, victim.id, helper.id, "assigned", place);
  const write = (sender: Member, offer_id: string, body: string) =>
    rpc(sender, "send_message", { offer_id, body, idempotency_key: randomUUID() });
  await write(victim, offer.id, secrets.message);
  await rpc(victim, "update_message_settings", { show_text: true });
  await rpc(attacker, "update_message_settings", { show_read_marks: true });
  await rpc(helper, "finish_task", { task_id: task.id, note: secrets.note });
  await rpc(victim, "reject_completion", { task_id: task.id, reason: secrets.reason });
  await playTask(call, attacker.id, helper.id, "completed", { title: "The attacker's own" });
  const own = await playTask(call, helper.id, attacker.id, "completed", { title: "The helper's" });
  await write(attacker, own.offer.id, "The attacker's own");
  for (const [creator, late] of [
    [attacker, victim],
    [helper, attacker],
  ] as const) {
    const { task: missed } = await playTask(call, creator.id, late.id, "assigned", { title: "Nobody came" });
    await makeOverdue(sql, missed.id);
    await rpc(creator, "replace_helper", { task_id: missed.id, reason: "Nobody came" });
  }
  const no_show_id = await newestNoShowOf(sql, victim.id);
  await rpc(victim, "contest_no_show", { no_show_id, statement: secrets.statement });
  await sql("select ops.decide_no_show($1, 'upheld', $2)", [no_show_id, secrets.decision]);
  // rated by one side only, so nobody but its author may read it
  const { task: rated } = await playTask(call, victim.id, helper.id, "completed", { title: "The victim's, long ago" });
  await rpc(victim, "rate_task", { task_id: rated.id, score: 1, comment: secrets.hiddenRating });
  await rpc(victim, "set_preference", { category: "garten", rating: 2 });
  await sql("insert into public.preferences (user_id, category, rating) values ($1, $2, 4)", [
    victim.id,
    secrets.likedCategory,
  ]);
  await rpc(attacker, "set_preference", { category: "garten", rating: 5 });
  await rpc(victim, "update_settings", { time_zone: secrets.timeZone, is_open_to_suggestions: true });
  await rpc(victim, "update_notification_settings", { quiet_from: secrets.quietFrom, quiet_until: "04:00" });
  await rpc(victim, "set_notification_preference", { type: "offer_received", channel: "email", is_enabled: false });
  await rpc(victim, "block_user", { user_id: bystander.id });
  await rpc(attacker, "block_user", { user_id: bystander.id });
  await sql("select ops.ban_user($1, $2)", [bystander.id, secrets.banReason]);
  await sql("select ops.ban_user($1, 'Once')", [attacker.id]);
  await sql("select ops.unban_user($1)", [attacker.id]);

  const partner = await openPartner(sql);
  const reward = await offerReward(sql, partner, { points_cost: 1, stock_total: 10 });
  await sql(
    `insert into public.places (partner_id, name, latitude, longitude) values ($1, 'A shop that everybody may see', 52.5, 13.4)`,
    [partner.id],
  );
  for (const [memberId, key, till] of [
    [victim.id, secrets.redemptionKey, secrets.tillReference],
    [attacker.id, randomUUID(), "attacker-till"],
  ] as const) {
    const args = redeemArgs(memberId, reward, key);
    await sql("select public.begin_redemption($1, $2, 1, $3, $4, $5)", [
      memberId,
      reward.id,
      key,
      args.code_hash,
      args.code_ciphertext,
    ]);
    await sql("select public.use_code($1, $2, $3)", [partner.keyHash, args.code_hash, till]);
  }

  return { victim, helper, attacker, secrets, openTaskId: open.id, assignedTaskId: task.id };
}
