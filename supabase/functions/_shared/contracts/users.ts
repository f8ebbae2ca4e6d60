/**
 * Inputs of the users room: profile, contact data, blocks.
 *
 * @module
 */
import { z } from "zod";
import { latitude, longitude, numberAfter, optionalText, pageSize, requiredText, rowId } from "./fields.ts";
import { isPicturePath } from "./pictures.ts";
import { isPhoneNumber } from "./text.ts";
import { LANGUAGES, MAX_ADDRESS_LENGTH, MAX_BIO_LENGTH, MAX_NAME_LENGTH, PHONE_SHARINGS } from "./words-and-limits.ts";

// only the database has the list; rules, which begin with such a name, have digits behind it
const TIME_ZONE = /^(?:UTC|(?!posix\/|right\/)[A-Z_+-]+(?:\/[A-Z_+-]+)+|Etc\/GMT[+-]?[0-9]{1,2})$/iu;

/** Names a member. */
export const userRef = z.strictObject({ user_id: rowId("user_not_found") });

/** Input of `update_profile`. What is left out stays; an empty text clears bio or picture. */
export const updateProfileInput = z.strictObject({
  name: requiredText({ min: 1, max: MAX_NAME_LENGTH }).optional(),
  bio: optionalText({ max: MAX_BIO_LENGTH, isMultiline: true }),
  /** Path in the bucket `avatars`, in your own folder: see {@link isPicturePath}. */
  avatar_path: z
    .string({ error: "avatar_path_invalid" })
    .refine((path) => path === "" || isPicturePath(path), "avatar_path_invalid")
    .optional(),
});

/** Input of `update_contact`. What is left out stays; an empty text clears it. */
export const updateContactInput = z
  .strictObject({
    phone_number: z
      .string({ error: "phone_number_invalid" })
      .refine((number) => number === "" || isPhoneNumber(number), "phone_number_invalid")
      .optional(),
    address: optionalText({ max: MAX_ADDRESS_LENGTH }),
    /** Exact home; give both or neither. */
    latitude: latitude.optional(),
    /** Exact home; give both or neither. */
    longitude: longitude.optional(),
    /** Forget the exact home. */
    remove_home: z.boolean({ error: "validation_failed" }).optional(),
  })
  .refine((input) => (input.latitude === undefined) === (input.longitude === undefined), {
    error: "coordinates_invalid",
    path: ["latitude"],
  });

/** Input of `update_settings`. What is left out stays. */
export const updateSettingsInput = z.strictObject({
  language: z.enum(LANGUAGES, { error: "language_invalid" }).optional(),
  /** IANA name, for example `Europe/Berlin`. */
  time_zone: z.string({ error: "time_zone_invalid" }).regex(TIME_ZONE, "time_zone_invalid").optional(),
  show_on_leaderboard: z.boolean({ error: "validation_failed" }).optional(),
  is_open_to_suggestions: z.boolean({ error: "validation_failed" }).optional(),
  /** Who is shown the phone number, while a task is shared. */
  phone_sharing: z.enum(PHONE_SHARINGS, { error: "phone_sharing_invalid" }).optional(),
});

/** Input of the list of who was shown one's contact data, newest first. */
export const contactRevealsInput = z.strictObject({ page_size: pageSize, after: numberAfter });

/** See {@link updateProfileInput}. */
export type UpdateProfileInput = z.input<typeof updateProfileInput>;
/** See {@link updateSettingsInput}. */
export type UpdateSettingsInput = z.input<typeof updateSettingsInput>;
/** See {@link contactRevealsInput}. */
export type ContactRevealsInput = z.input<typeof contactRevealsInput>;
/** See {@link updateContactInput}. */
export type UpdateContactInput = z.input<typeof updateContactInput>;
