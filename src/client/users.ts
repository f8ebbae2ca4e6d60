import {
  type ContactRevealsInput,
  contactRevealsInput,
  contestNoShowInput,
  type UpdateContactInput,
  type UpdateProfileInput,
  type UpdateSettingsInput,
  updateContactInput,
  updateProfileInput,
  updateSettingsInput,
  userRef,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "./api-error.ts";
import { type Page, toPage } from "./paging.ts";
import { anywhere } from "./replica.ts";
import {
  checked,
  type RequestOptions,
  read,
  rpc,
  send,
  sendIdempotent,
  sendIdempotentVoid,
  sendMaybe,
} from "./request.ts";
import type {
  ContactReveal,
  Lapse,
  LapseWithTask,
  Me,
  Profile,
  User,
  UserBan,
  UserBlock,
  UserBlockWithUser,
  UserContact,
  UserSettings,
} from "./rows.ts";
import { type NeighbourhoodSupabase, ownUserId, USER_CARD } from "./supabase.ts";

const PROFILE = "*, accepted_tasks, finished_tasks";

/**
 * The profile and the points of the member who is signed in.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_not_found`
 * @example
 * ```ts
 * const me = await client.users.me();
 * console.log(me.name, me.points_balance);
 * ```
 */
export async function getMe(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<Me> {
  const id = await ownUserId(supabase, options);
  const me = await sendMaybe(
    (signal) =>
      supabase.from("users").select(`${PROFILE}, points_balance`).eq("id", id).abortSignal(signal).maybeSingle(),
    options,
  );
  if (me === null) throw new ApiError({ code: "user_not_found" });
  return me;
}

/**
 * The profile of a member. `finished_tasks` of `accepted_tasks` say how reliably they helped; both are null while others have
 * fewer than five.
 *
 * @throws {@link ApiError} `user_not_found`, `not_signed_in`
 * @example
 * ```ts
 * const neighbour = await client.users.get(task.creator_id);
 * ```
 */
export async function getUser(
  supabase: NeighbourhoodSupabase,
  userId: string,
  options: RequestOptions = {},
): Promise<Profile> {
  const input = checked(userRef, { user_id: userId });
  const user = await sendMaybe(
    anywhere<Profile | null>(
      supabase,
      (server) => (signal) =>
        server.from("users").select(PROFILE).eq("id", input.user_id).abortSignal(signal).maybeSingle(),
    ),
    options,
  );
  if (user === null) throw new ApiError({ code: "user_not_found" });
  return user;
}

/**
 * Phone number, address and exact home of the member who is signed in. Nobody else can read them; the phone number is shown
 * to the other side of a task as the setting `phone_sharing` says.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_not_found`
 * @example
 * ```ts
 * const { phone_number, address } = await client.users.contact();
 * ```
 */
export async function getContact(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<UserContact> {
  const contact = await sendMaybe(
    (signal) => supabase.from("user_contacts").select("*").abortSignal(signal).maybeSingle(),
    options,
  );
  if (contact === null) throw new ApiError({ code: "user_not_found" });
  return contact;
}

/**
 * One page of who was shown the exact place of a task or the phone number of the member who is signed in, newest first: one
 * row for each hour in which somebody looked.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * for await (const { viewer_name, task_title, revealed_at } of client.users.contactReveals()) {
 *   console.log(viewer_name, task_title, revealed_at);
 * }
 * ```
 */
export async function getContactRevealsPage(
  supabase: NeighbourhoodSupabase,
  input: ContactRevealsInput = {},
  options: RequestOptions = {},
): Promise<Page<ContactReveal>> {
  const args = checked(contactRevealsInput, input);
  const rows = await send(read(supabase, "my_contact_reveals", args), options);
  return toPage(rows, args.page_size, ({ id }) => String(id));
}

/**
 * Language, time zone and what the member who is signed in agreed to. Nobody else can read them.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_not_found`
 * @example
 * ```ts
 * const { show_on_leaderboard } = await client.users.settings();
 * ```
 */
export async function getSettings(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<UserSettings> {
  const settings = await sendMaybe(
    (signal) => supabase.from("user_settings").select("*").abortSignal(signal).maybeSingle(),
    options,
  );
  if (settings === null) throw new ApiError({ code: "user_not_found" });
  return settings;
}

/**
 * The bans of the member who is signed in, newest first; `lifted_at` is null while one holds.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * const [ban] = await client.users.bans();
 * if (ban && ban.lifted_at === null) show(ban.reason);
 * ```
 */
export async function listBans(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<UserBan[]> {
  return send(
    (signal) => supabase.from("user_bans").select("*").order("id", { ascending: false }).abortSignal(signal),
    options,
  );
}

/**
 * The members whom the member who is signed in has blocked, newest block first.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * for (const block of await client.users.blocked()) console.log(block.blocked.name);
 * ```
 */
export async function listBlocked(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<UserBlockWithUser[]> {
  return send(
    (signal) =>
      supabase
        .from("user_blocks")
        .select(`*, blocked:users!user_blocks_blocked_id_fkey(${USER_CARD})`)
        .order("created_at", { ascending: false })
        .order("blocked_id")
        .abortSignal(signal),
    options,
  );
}

/**
 * The tasks that the member who is signed in was accepted for and did not come to, or gave back too late; newest first.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * for (const { kind, task, decision } of await client.users.lapses()) console.log(kind, task?.title, decision);
 * ```
 */
export async function listLapses(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<LapseWithTask[]> {
  return send(
    (signal) =>
      supabase
        .from("lapses")
        .select("*, task:tasks!lapses_task_id_fkey(id, title)")
        .order("id", { ascending: false })
        .abortSignal(signal),
    options,
  );
}

/**
 * Says, once, why one's own no-show is wrong; admins read it and decide. Repeating it with the same words returns the row;
 * repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `no_show_not_found`, `no_show_already_contested`, `no_show_decided`, `text_blank`, `text_too_long`,
 * `text_has_control_characters`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.users.contestNoShow(lapse.id, { statement: "I rang twice, and nobody opened." });
 * ```
 */
export async function contestNoShow(
  supabase: NeighbourhoodSupabase,
  noShowId: number,
  input: { readonly statement: string },
  options: RequestOptions = {},
): Promise<Lapse> {
  const args = checked(contestNoShowInput, { ...input, no_show_id: noShowId });
  return sendIdempotent(rpc(supabase, "contest_no_show", args), options);
}

/**
 * Changes the profile of the member who is signed in. What is left out stays; an empty text clears bio or picture.
 * Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `text_blank`, `text_too_short`, `text_too_long`, `text_has_control_characters` (`detail` names the
 * field), `avatar_path_invalid`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.users.updateProfile({ name: "Kim", bio: "" });
 * ```
 */
export async function updateProfile(
  supabase: NeighbourhoodSupabase,
  changes: UpdateProfileInput,
  options: RequestOptions = {},
): Promise<User> {
  return sendIdempotent(rpc(supabase, "update_profile", checked(updateProfileInput, changes)), options);
}

/**
 * Changes language, time zone or what the member who is signed in agrees to: to be shown on leaderboards, to be suggested as
 * a helper, to whom the phone number is shown. What is left out stays. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `language_invalid`, `time_zone_invalid`, `phone_sharing_invalid`, `consent_limit_reached`,
 * `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.users.updateSettings({ language: "en", show_on_leaderboard: true });
 * ```
 */
export async function updateSettings(
  supabase: NeighbourhoodSupabase,
  changes: UpdateSettingsInput,
  options: RequestOptions = {},
): Promise<UserSettings> {
  return sendIdempotent(rpc(supabase, "update_settings", checked(updateSettingsInput, changes)), options);
}

/**
 * Changes phone number, address or exact home of the member who is signed in. What is left out stays; an empty text
 * clears it, `remove_home` forgets the coordinates. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `phone_number_invalid`, `text_too_long`, `text_has_control_characters`, `coordinates_invalid`,
 * `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * await client.users.updateContact({ phone_number: "+49 30 123456", latitude: 52.52, longitude: 13.405 });
 * ```
 */
export async function updateContact(
  supabase: NeighbourhoodSupabase,
  changes: UpdateContactInput,
  options: RequestOptions = {},
): Promise<UserContact> {
  return sendIdempotent(rpc(supabase, "update_contact", checked(updateContactInput, changes)), options);
}

/**
 * Blocks a member: both stop seeing each other's open tasks. Repeating it returns the same block; repeated by itself when
 * the connection fails.
 *
 * @throws {@link ApiError} `user_not_found`, `cannot_block_self`, `block_limit_reached`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.users.block(userId);
 * ```
 */
export async function blockUser(
  supabase: NeighbourhoodSupabase,
  userId: string,
  options: RequestOptions = {},
): Promise<UserBlock> {
  return sendIdempotent(rpc(supabase, "block_user", checked(userRef, { user_id: userId })), options);
}

/**
 * Lifts a block; does nothing when there is none. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `user_not_found` (not an id), `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.users.unblock(userId);
 * ```
 */
export async function unblockUser(
  supabase: NeighbourhoodSupabase,
  userId: string,
  options: RequestOptions = {},
): Promise<void> {
  await sendIdempotentVoid(rpc(supabase, "unblock_user", checked(userRef, { user_id: userId })), options);
}
