/**
 * Inputs and fixed words of the events that partners send: what happened to codes in their own systems.
 *
 * @module
 */
import { z } from "zod";
import { missingOr, moment, optionalText, requiredText, rowId } from "./fields.ts";
import { isVisible } from "./text.ts";
import { MAX_MESSAGE_LENGTH } from "./words-and-limits.ts";

/** What a partner can tell. */
export const PARTNER_EVENT_TYPES = ["code.issued", "code.used", "code.cancelled"] as const;
/** See {@link PARTNER_EVENT_TYPES}. */
export type PartnerEventType = (typeof PARTNER_EVENT_TYPES)[number];

/**
 * What became of an event. `duplicate`: it came before. `ignored`: nothing to change, or of a type that is not known
 * here. `conflict`: it contradicts what happened already, which stays. An event about nothing of this partner's is refused
 * with `redemption_not_found` and may come again: it may have overtaken the one before it.
 */
export const PARTNER_EVENT_OUTCOMES = ["applied", "duplicate", "ignored", "conflict"] as const;
/** See {@link PARTNER_EVENT_OUTCOMES}. */
export type PartnerEventOutcome = (typeof PARTNER_EVENT_OUTCOMES)[number];

/** Answer to an event that was understood. */
export interface PartnerEventAnswer {
  readonly outcome: PartnerEventOutcome;
}

/** Most characters of an event's id, the header `webhook-id`. */
export const MAX_EVENT_ID_LENGTH = 255;
/** Most characters of a code as it is typed, with its spaces and dashes. */
export const MAX_TYPED_CODE_LENGTH = 200;
/** Fewest and most characters of a code that a partner made. */
export const ISSUED_CODE_LENGTH = { min: 4, max: 100 } as const;
/** Most characters of a till's own reference. */
export const MAX_TILL_REFERENCE_LENGTH = 64;

const redemptionId = rowId("redemption_not_found");
// not a text: what copying and scanning add may be anything
const code = z
  .string({ error: missingOr("text_blank") })
  .refine(isVisible, "text_blank")
  .max(MAX_TYPED_CODE_LENGTH, "text_too_long");
const oneOfBoth = (data: { redemption_id?: string | undefined; code?: string | undefined }): boolean =>
  data.redemption_id !== undefined || data.code !== undefined;

/** What every event has, whatever its type. Types of later versions may have more. */
export const partnerEvent = z.object({
  type: requiredText({ min: 1, max: 100 }),
  /** When it happened. */
  timestamp: moment,
  data: z.record(z.string(), z.unknown(), { error: missingOr("validation_failed") }),
});

/** See {@link partnerEvent}. */
export type PartnerEvent = z.output<typeof partnerEvent>;

/** What each type of event tells. Used and cancelled ones name the redemption, the code, or both. */
export const partnerEventData = {
  "code.issued": z.strictObject({
    redemption_id: redemptionId,
    code: requiredText(ISSUED_CODE_LENGTH),
    expires_at: moment.optional(),
  }),
  "code.used": z
    .strictObject({
      redemption_id: redemptionId.optional(),
      code: code.optional(),
      used_at: moment.optional(),
      till_reference: optionalText({ max: MAX_TILL_REFERENCE_LENGTH }),
    })
    .refine(oneOfBoth, { error: "validation_failed", path: ["redemption_id"] }),
  "code.cancelled": z
    .strictObject({
      redemption_id: redemptionId.optional(),
      code: code.optional(),
      reason: optionalText({ max: MAX_MESSAGE_LENGTH }),
    })
    .refine(oneOfBoth, { error: "validation_failed", path: ["redemption_id"] }),
} as const satisfies Record<PartnerEventType, z.ZodType>;

/** What any of the known events may tell. */
export interface PartnerEventData {
  readonly redemption_id?: string | undefined;
  readonly code?: string | undefined;
  readonly expires_at?: string | undefined;
  readonly used_at?: string | undefined;
  readonly till_reference?: string | undefined;
  /** Partners may say why; it is not kept. */
  readonly reason?: string | undefined;
}

/**
 * Whether a type of event is one of the known ones.
 *
 * @example
 * ```ts
 * isPartnerEventType("code.used"); // true
 * ```
 */
export function isPartnerEventType(type: string): type is PartnerEventType {
  return PARTNER_EVENT_TYPES.some((known) => known === type);
}
