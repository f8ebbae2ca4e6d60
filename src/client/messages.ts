import {
  type ConversationsInput,
  conversationsInput,
  type MessageSettingsInput,
  type MessagesInput,
  markConversationReadInput,
  messageRef,
  messageSettingsInput,
  messagesInput,
  type SendMessageInput,
  sendMessageInput,
} from "../../supabase/functions/_shared/contracts/messages.ts";
import { offerRef } from "../../supabase/functions/_shared/contracts/tasks.ts";
import { withKey } from "./idempotency-keys.ts";
import { type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, randomId, read, rpc, send, sendIdempotent, sendMaybe } from "./request.ts";
import type { Conversation, Message, MessageSettings } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";
import { type Watcher, type WatchOptions, watch } from "./watch.ts";

/**
 * Writes to the other side of an offer: plain text of 1 to 2000 characters. Sent once, however often the call is repeated: by
 * itself when the connection fails, by a double tap, or by somebody who tries again within ten minutes after an error that left
 * the outcome open. All of them carry the same idempotency key. Pass a key of your own, and keep it until there is an answer,
 * where this has to outlive the app.
 *
 * @throws {@link ApiError} `offer_not_found`, `conversation_closed`, `text_blank`, `text_too_long`,
 * `text_has_control_characters`, `validation_failed`, `idempotency_key_reused`, `message_limit_reached`,
 * `conversation_limit_reached` (both with `retryAfter`), `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const message = await client.messages.send(offer.id, { body: "I'll be there at ten." });
 * ```
 */
export async function sendMessage(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  input: SendMessageInput,
  options: RequestOptions = {},
): Promise<Message> {
  const key = input.idempotency_key ?? randomId();
  const sent = { ...checked(sendMessageInput, { ...input, offer_id: offerId }), idempotency_key: key };
  return withKey(supabase, { input: sent, isOwnKey: input.idempotency_key !== undefined }, (args) =>
    sendIdempotent(rpc(supabase, "send_message", args), options),
  );
}

/**
 * One page of a conversation, newest first; with `oldest_first` the pages go on to newer messages. `body` is plain text, never
 * HTML, and null once the message was deleted.
 *
 * @throws {@link ApiError} `offer_not_found`, `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const { items, next } = await client.messages.listPage({ offer_id: offer.id });
 * for (const { sender_id, body } of items.reverse()) show(sender_id, body ?? "deleted");
 * ```
 */
export async function getMessagesPage(
  supabase: NeighbourhoodSupabase,
  input: MessagesInput,
  options: RequestOptions = {},
): Promise<Page<Message>> {
  const args = checked(messagesInput, input);
  const rows = await send(read(supabase, "list_messages", args), options);
  return toPage(rows, args.page_size, ({ id }) => String(id));
}

/**
 * One page of the conversations of the member who is signed in, last written to first, each with its task, the other side and
 * the last message. An offer nobody wrote about yet is not among them.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.messages.conversationsPage();
 * for (const { other_name, task_title, unread_count } of page.items) console.log(other_name, task_title, unread_count);
 * ```
 */
export async function getConversationsPage(
  supabase: NeighbourhoodSupabase,
  input: ConversationsInput = {},
  options: RequestOptions = {},
): Promise<Page<Conversation>> {
  const args = checked(conversationsInput, input);
  const rows = await listConversations(supabase, args, options);
  return toPage(rows, args.page_size, ({ cursor }) => String(cursor));
}

/**
 * One conversation, by its offer; null while nobody has written anything.
 *
 * @throws {@link ApiError} `offer_not_found` (not an id), `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const conversation = await client.messages.conversation(offer.id);
 * if (conversation?.is_open === false) hide(input);
 * ```
 */
export async function getConversation(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  options: RequestOptions = {},
): Promise<Conversation | null> {
  const { offer_id } = checked(offerRef, { offer_id: offerId });
  const [conversation] = await listConversations(supabase, { only_offer_id: offer_id }, options);
  return conversation ?? null;
}

function listConversations(
  supabase: NeighbourhoodSupabase,
  args: { readonly page_size?: number; readonly after?: number; readonly only_offer_id?: string },
  options: RequestOptions,
): Promise<Conversation[]> {
  return send(read(supabase, "list_conversations", args), options);
}

/**
 * Marks the messages of a conversation as read, up to the newest one that was shown, or all of them. Returns how many became
 * read. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `offer_not_found`, `message_not_found`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.messages.markRead(offer.id, messages.at(-1)?.id);
 * ```
 */
export async function markConversationRead(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  upTo?: number,
  options: RequestOptions = {},
): Promise<number> {
  const args = checked(markConversationReadInput, { offer_id: offerId, up_to: upTo });
  return sendIdempotent(rpc(supabase, "mark_conversation_read", args), options);
}

/**
 * How many messages are unread, in all conversations together.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * badge.textContent = String(await client.messages.countUnread());
 * ```
 */
export async function countUnreadMessages(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<number> {
  return send(read(supabase, "count_unread_messages", {}), options);
}

/**
 * Takes one's own message back for both sides, within 15 minutes; a mark stays. Repeating it changes nothing; repeated by
 * itself when the connection fails.
 *
 * @throws {@link ApiError} `message_not_found`, `message_final`, `offer_not_found` (not an id), `not_signed_in`, `user_banned`,
 * `user_inactive`
 * @example
 * ```ts
 * const { deleted_at } = await client.messages.delete(message.offer_id, message.id);
 * ```
 */
export async function deleteMessage(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  messageId: number,
  options: RequestOptions = {},
): Promise<Message> {
  const args = checked(messageRef, { offer_id: offerId, message_id: messageId });
  return sendIdempotent(rpc(supabase, "delete_message", args), options);
}

/**
 * What the member who is signed in chose about messages.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * const { show_read_marks } = await client.messages.settings();
 * ```
 */
export async function getMessageSettings(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<MessageSettings> {
  const settings = await sendMaybe(
    (signal) =>
      supabase.from("message_settings").select("show_read_marks, show_text").abortSignal(signal).maybeSingle(),
    options,
  );
  return settings ?? { show_read_marks: false, show_text: false };
}

/**
 * Changes what the member who is signed in chose about messages. What is left out stays. Repeated by itself when the connection
 * fails.
 *
 * @throws {@link ApiError} `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * await client.messages.updateSettings({ show_read_marks: true });
 * ```
 */
export async function updateMessageSettings(
  supabase: NeighbourhoodSupabase,
  changes: MessageSettingsInput,
  options: RequestOptions = {},
): Promise<MessageSettings> {
  const args = checked(messageSettingsInput, changes);
  const { show_read_marks, show_text } = await sendIdempotent(rpc(supabase, "update_message_settings", args), options);
  return { show_read_marks, show_text };
}

/** So many of the newest messages are looked at again: they may have been deleted. */
const KNOWN = 50;

/**
 * Tells the app of messages in a conversation that come from now on, and once more of one that was deleted (`deleted_at`).
 * Through Realtime at once, on a private channel that only the two sides hear; where Realtime cannot be reached, by asking again
 * and again. What is told was always read from the database, never taken from the channel.
 *
 * @returns a function that stops it; the signal does so, too.
 * @throws Nothing; errors go to `onError`.
 * @example
 * ```ts
 * const stop = client.messages.watch(offer.id, {
 *   onNew: ({ id, sender_id, body }) => show(id, sender_id, body ?? "deleted"),
 *   onError: (error) => console.error(error),
 * });
 * ```
 */
export function watchMessages(
  supabase: NeighbourhoodSupabase,
  offerId: string,
  watcher: Watcher<Message>,
  options: WatchOptions = {},
): () => void {
  return watch(
    supabase,
    {
      topic: async () => `conversation:${offerId.toLowerCase()}`,
      event: "message",
      getPage: (input, request) => getMessagesPage(supabase, { ...input, offer_id: offerId }, request),
      known: KNOWN,
      versionOf: ({ deleted_at }) => deleted_at ?? "",
    },
    watcher,
    options,
  );
}
