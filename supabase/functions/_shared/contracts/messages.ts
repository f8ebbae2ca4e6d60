/**
 * Inputs of the messages room.
 *
 * @module
 */
import { z } from "zod";
import { numberAfter, pageSize, requiredText, rowId } from "./fields.ts";
import { MAX_MESSAGE_BODY_LENGTH } from "./words-and-limits.ts";

const offerId = rowId("offer_not_found");
const messageId = z.int({ error: "message_not_found" }).positive("message_not_found");

/** Input of `send_message`. */
export const sendMessageInput = z.strictObject({
  /** The offer that names the conversation. */
  offer_id: offerId,
  /** Plain text. */
  body: requiredText({ min: 1, max: MAX_MESSAGE_BODY_LENGTH, isMultiline: true }),
  /** A UUID: the same key gives the same message, however often it is sent. */
  idempotency_key: z.guid({ error: "validation_failed" }).optional(),
});

/** Input of the messages of a conversation. */
export const messagesInput = z.strictObject({
  offer_id: offerId,
  /** To catch up after a message: the pages go on to newer ones. */
  oldest_first: z.boolean({ error: "validation_failed" }).optional(),
  page_size: pageSize,
  after: numberAfter,
});

/** Input of the list of conversations, last written to first. */
export const conversationsInput = z.strictObject({ page_size: pageSize, after: numberAfter });

/** Input of `mark_conversation_read`. */
export const markConversationReadInput = z.strictObject({
  offer_id: offerId,
  /** The newest message that was shown; all of them when left out. */
  up_to: messageId.optional(),
});

/** Names a message. */
export const messageRef = z.strictObject({ offer_id: offerId, message_id: messageId });

/** Input of `update_message_settings`. What is left out stays. */
export const messageSettingsInput = z.strictObject({
  /** Each side sees how far the other has read, where both have switched this on. */
  show_read_marks: z.boolean({ error: "validation_failed" }).optional(),
  /** Pushes and e-mails carry the text of messages. */
  show_text: z.boolean({ error: "validation_failed" }).optional(),
});

/** See {@link sendMessageInput}; the offer is named apart. */
export type SendMessageInput = Omit<z.input<typeof sendMessageInput>, "offer_id">;
/** See {@link messagesInput}. */
export type MessagesInput = z.input<typeof messagesInput>;
/** See {@link conversationsInput}. */
export type ConversationsInput = z.input<typeof conversationsInput>;
/** See {@link messageSettingsInput}. */
export type MessageSettingsInput = z.input<typeof messageSettingsInput>;
