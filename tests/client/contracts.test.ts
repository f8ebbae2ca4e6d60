import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  addPlaceInput,
  cancelTaskInput,
  checkInput,
  createTaskInput,
  finishTaskInput,
  MAX_DESCRIPTION_LENGTH,
  MAX_IMAGES,
  MAX_MESSAGE_LENGTH,
  MAX_METADATA_BYTES,
  MAX_PAGE_SIZE,
  MAX_POINTS_COST,
  MAX_POINTS_REWARD,
  MAX_RADIUS_M,
  MAX_TITLE_LENGTH,
  myTasksInput,
  nearbyTasksInput,
  offerHelpInput,
  offerRef,
  placeReviewsInput,
  placesInput,
  pointHistoryInput,
  recommendationsInput,
  redeemInput,
  redemptionRef,
  redemptionsInput,
  rejectCompletionInput,
  renewOfferInput,
  reviewPlaceInput,
  rewardRef,
  rewardsInput,
  setPreferenceInput,
  taskMapInput,
  taskRef,
  updateContactInput,
  updateProfileInput,
  updateSettingsInput,
  updateTaskInput,
  userRef,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { lengthOf, trimText } from "../../supabase/functions/_shared/contracts/text.ts";
import { MY_ID } from "./support/fake-rest.ts";

const TASK_ID = "22222222-2222-4222-8222-222222222222";

const bench = { name: "Bench", category: "other", latitude: 52.52, longitude: 13.405 };

const validTask = {
  title: "Carry a sofa",
  description: "Third floor.\nNo lift.",
  category: "transport",
  latitude: 52.52,
  longitude: 13.405,
  points_reward: 50,
};

function problem(schema: z.ZodType, input: unknown): [string, string | null] | "accepted" {
  const result = checkInput(schema, input);
  return result.success ? "accepted" : [result.problem.code, result.problem.detail];
}

describe("createTaskInput", () => {
  test("accepts the least and the most", () => {
    expect(problem(createTaskInput, validTask)).toBe("accepted");
    expect(
      problem(createTaskInput, {
        ...validTask,
        title: "x".repeat(MAX_TITLE_LENGTH),
        description: "x".repeat(MAX_DESCRIPTION_LENGTH),
        latitude: -90,
        longitude: 180,
        points_reward: MAX_POINTS_REWARD,
        address: "",
        image_paths: Array.from({ length: MAX_IMAGES }, (_, index) => `${MY_ID}/${index}.jpg`),
        expires_at: new Date("2027-01-01T00:00:00Z"),
        starts_at: new Date("2027-01-01T00:00:00Z"),
        ends_at: "2027-01-01T02:00:00+01:00",
        is_flexible: true,
        metadata: { tools: ["drill"], floor: 3, note: null, nested: { yes: true } },
      }),
    ).toBe("accepted");
  });

  test.each([
    [{ title: " \t\n" }, "text_blank", "title"],
    [{ title: "\u200B\u00A0\uFEFF" }, "text_blank", "title"],
    [{ title: undefined }, "text_blank", "title"],
    [{ title: null }, "text_blank", "title"],
    [{ title: 7 }, "validation_failed", "title"],
    [{ title: "ab" }, "text_too_short", "title"],
    [{ title: "  ab  " }, "text_too_short", "title"],
    [{ title: "x".repeat(256) }, "text_too_long", "title"],
    [{ title: "two\nlines" }, "text_has_control_characters", "title"],
    [{ title: "a tab\there" }, "text_has_control_characters", "title"],
    [{ title: "null \u0000 character" }, "text_has_control_characters", "title"],
    [{ title: "turned \u202E around" }, "text_has_control_characters", "title"],
    [{ title: "half \uD83D of a pair" }, "text_has_control_characters", "title"],
    [{ description: "" }, "text_blank", "description"],
    [{ description: "x".repeat(5001) }, "text_too_long", "description"],
    [{ description: "bell \u0007" }, "text_has_control_characters", "description"],
    [{ category: "" }, "category_not_found", "category"],
    [{ category: undefined }, "category_not_found", "category"],
    [{ latitude: Number.NaN }, "coordinates_invalid", "latitude"],
    [{ latitude: 90.000001 }, "coordinates_invalid", "latitude"],
    [{ latitude: "52" }, "coordinates_invalid", "latitude"],
    [{ longitude: Number.POSITIVE_INFINITY }, "coordinates_invalid", "longitude"],
    [{ longitude: -180.5 }, "coordinates_invalid", "longitude"],
    [{ points_reward: 0 }, "points_reward_out_of_range", "points_reward"],
    [{ points_reward: MAX_POINTS_REWARD + 1 }, "points_reward_out_of_range", "points_reward"],
    [{ points_reward: 1.5 }, "points_reward_out_of_range", "points_reward"],
    [{ points_reward: undefined }, "points_reward_out_of_range", "points_reward"],
    [{ address: "x".repeat(501) }, "text_too_long", "address"],
    [{ address: "first\nsecond" }, "text_has_control_characters", "address"],
    [{ image_paths: Array.from({ length: 11 }, () => `${MY_ID}/a.jpg`) }, "image_paths_invalid", "image_paths"],
    [{ image_paths: ["a.jpg"] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/../a.jpg`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}//a.jpg`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/more/a.jpg`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/a.svg`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/a`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/${"x".repeat(101)}.jpg`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [`${MY_ID}/${"x".repeat(500)}`] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: [null] }, "image_paths_invalid", "image_paths"],
    [{ image_paths: "a.jpg" }, "image_paths_invalid", "image_paths"],
    [{ expires_at: "tomorrow" }, "validation_failed", "expires_at"],
    [{ expires_at: new Date(Number.NaN) }, "validation_failed", "expires_at"],
    [{ starts_at: "" }, "validation_failed", "starts_at"],
    [{ ends_at: "later" }, "validation_failed", "ends_at"],
    [{ is_flexible: "yes" }, "validation_failed", "is_flexible"],
    [{ metadata: [] }, "metadata_invalid", "metadata"],
    [{ metadata: "x" }, "metadata_invalid", "metadata"],
    [{ metadata: { date: new Date(0) } }, "metadata_invalid", "metadata"],
    [{ metadata: { ratio: Number.NaN } }, "metadata_invalid", "metadata"],
    [{ metadata: { text: "\u0000" } }, "metadata_invalid", "metadata"],
    [{ metadata: { text: "x".repeat(MAX_METADATA_BYTES) } }, "metadata_invalid", "metadata"],
    [{ creator_id: MY_ID }, "validation_failed", "creator_id"],
  ])("refuses %j as %s", (change, code, detail) => {
    expect(problem(createTaskInput, { ...validTask, ...change })).toEqual([code, detail]);
  });

  test("refuses what is no object", () => {
    for (const input of [null, undefined, "task", 3, []])
      expect(problem(createTaskInput, input)).toEqual(["validation_failed", null]);
  });

  test("sends a date as the same moment", () => {
    const result = checkInput(createTaskInput, { ...validTask, expires_at: new Date("2027-01-01T12:00:00Z") });
    expect(result.success && result.data.expires_at).toBe("2027-01-01T12:00:00.000Z");
  });
});

describe("text fields, whatever is typed", () => {
  const unit = fc.string({ unit: "binary", maxLength: 300 });

  test("are judged as PostgreSQL judges them: trimmed, in code points", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (title) => {
        const { length } = [...trimText(title)];
        const shown = lengthOf(trimText(title));
        const result = problem(createTaskInput, { ...validTask, title });
        if (result === "accepted") return shown >= 3 && length <= MAX_TITLE_LENGTH;
        if (result[0] === "text_too_short") return shown < 3;
        if (result[0] === "text_too_long") return length > MAX_TITLE_LENGTH;
        return result[0] === "text_blank" || result[0] === "text_has_control_characters";
      }),
    );
  });

  test("never let a control character, a bidirectional override or half a character pass", () => {
    const forbidden = fc.constantFrom(
      "\u0000",
      "\u0008",
      "\u001F",
      "\u007F",
      "\u009F",
      "\u202A",
      "\u202E",
      "\u2066",
      "\u2069",
      "\uD800",
    );
    fc.assert(
      fc.property(unit, forbidden, unit, (before, character, behind) => {
        expect(problem(createTaskInput, { ...validTask, title: `a${before}${character} ${behind}b` })).toEqual([
          "text_has_control_characters",
          "title",
        ]);
      }),
    );
  });

  test("never make the check itself fail", () => {
    fc.assert(
      fc.property(
        fc.record({ title: fc.anything(), metadata: fc.anything(), image_paths: fc.anything() }),
        (change) => {
          checkInput(createTaskInput, { ...validTask, ...change });
        },
      ),
    );
  });
});

test("coordinates are accepted exactly when they are on earth", () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (latitude, longitude) => {
      const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      const result = problem(createTaskInput, { ...validTask, latitude, longitude });
      expect(result === "accepted").toBe(isOnEarth);
    }),
  );
});

describe("changes", () => {
  test("may leave everything out", () => {
    expect(problem(updateTaskInput, { task_id: TASK_ID })).toBe("accepted");
    expect(problem(updateProfileInput, {})).toBe("accepted");
    expect(problem(updateContactInput, {})).toBe("accepted");
  });

  test("may clear what can be empty", () => {
    expect(problem(updateTaskInput, { task_id: TASK_ID, address: "", starts_at: "", ends_at: "" })).toBe("accepted");
    expect(problem(updateProfileInput, { bio: "", avatar_path: "" })).toBe("accepted");
    expect(problem(updateContactInput, { phone_number: "", address: " ", remove_home: true })).toBe("accepted");
  });

  test.each([
    [updateTaskInput, { task_id: TASK_ID, title: "" }, "text_blank", "title"],
    [updateTaskInput, { task_id: TASK_ID, latitude: 52 }, "coordinates_invalid", "latitude"],
    [updateTaskInput, { task_id: TASK_ID, longitude: 13 }, "coordinates_invalid", "latitude"],
    [updateTaskInput, { task_id: "7" }, "task_not_found", "task_id"],
    [updateTaskInput, { task_id: TASK_ID, starts_at: " " }, "validation_failed", "starts_at"],
    [renewOfferInput, { offer_id: "7" }, "offer_not_found", "offer_id"],
    [renewOfferInput, { offer_id: TASK_ID, terms_version: 1.5 }, "validation_failed", "terms_version"],
    [updateProfileInput, { name: "\u3164" }, "text_blank", "name"],
    [updateProfileInput, { bio: "x".repeat(2001) }, "text_too_long", "bio"],
    [updateProfileInput, { avatar_path: "../secret" }, "avatar_path_invalid", "avatar_path"],
    [updateProfileInput, { is_banned: false }, "validation_failed", "is_banned"],
    [updateContactInput, { phone_number: "call me" }, "phone_number_invalid", "phone_number"],
    [updateContactInput, { phone_number: "+" }, "phone_number_invalid", "phone_number"],
    [updateContactInput, { latitude: 1 }, "coordinates_invalid", "latitude"],
    [updateSettingsInput, { language: "fr" }, "language_invalid", "language"],
    [updateSettingsInput, { time_zone: "CET+1" }, "time_zone_invalid", "time_zone"],
  ])("%# are refused with the database's words", (schema, input, code, detail) => {
    expect(problem(schema, input)).toEqual([code, detail]);
  });

  test("accept phone numbers as people write them", () => {
    for (const phoneNumber of ["+49 30 123456", "030/123456", "0176-1234567", "+1 (555) 010-9999"]) {
      expect(problem(updateContactInput, { phone_number: phoneNumber })).toBe("accepted");
    }
  });
});

describe("redeemInput", () => {
  const wish = { reward_id: TASK_ID, expected_points: 50, idempotency_key: MY_ID };

  test("accepts the least, the most, and any form of UUID", () => {
    for (const change of [
      {},
      { expected_points: 1 },
      { expected_points: MAX_POINTS_COST },
      { idempotency_key: "0192F0C1-7A6B-7C3D-8E4F-5A6B7C8D9E0F" },
    ]) {
      expect(problem(redeemInput, { ...wish, ...change })).toBe("accepted");
    }
  });

  test.each([
    [{ reward_id: undefined }, "reward_not_found", "reward_id"],
    [{ reward_id: "coffee" }, "reward_not_found", "reward_id"],
    [{ expected_points: undefined }, "validation_failed", "expected_points"],
    [{ expected_points: 0 }, "validation_failed", "expected_points"],
    [{ expected_points: -50 }, "validation_failed", "expected_points"],
    [{ expected_points: MAX_POINTS_COST + 1 }, "validation_failed", "expected_points"],
    [{ expected_points: 49.5 }, "validation_failed", "expected_points"],
    [{ expected_points: Number.NaN }, "validation_failed", "expected_points"],
    [{ expected_points: "50" }, "validation_failed", "expected_points"],
    [{ idempotency_key: undefined }, "idempotency_key_missing", "idempotency_key"],
    [{ idempotency_key: null }, "idempotency_key_missing", "idempotency_key"],
    [{ idempotency_key: "" }, "validation_failed", "idempotency_key"],
    [{ idempotency_key: "tap-1" }, "validation_failed", "idempotency_key"],
    [{ idempotency_key: 7 }, "validation_failed", "idempotency_key"],
    [{ user_id: MY_ID }, "validation_failed", "user_id"],
    [{ member_id: MY_ID }, "validation_failed", "member_id"],
    [{ points: 1 }, "validation_failed", "points"],
  ])("refuses %j as %s", (change, code, detail) => {
    expect(problem(redeemInput, { ...wish, ...change })).toEqual([code, detail]);
  });

  test("refuses what is no object", () => {
    for (const input of [null, undefined, "reward", 3, []]) {
      expect(problem(redeemInput, input)).toEqual(["validation_failed", null]);
    }
  });

  test("never makes the check itself fail", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (reward_id, expected_points, idempotency_key) => {
        checkInput(redeemInput, { reward_id, expected_points, idempotency_key });
      }),
    );
  });
});

describe("references and words along the way", () => {
  test.each([
    [taskRef, { task_id: null }, "task_not_found", "task_id"],
    [offerRef, { offer_id: "x" }, "offer_not_found", "offer_id"],
    [userRef, { user_id: undefined }, "user_not_found", "user_id"],
    [rewardRef, { reward_id: "x" }, "reward_not_found", "reward_id"],
    [redemptionRef, { redemption_id: `${TASK_ID}/return` }, "redemption_not_found", "redemption_id"],
    [offerHelpInput, { task_id: TASK_ID, message: "x".repeat(MAX_MESSAGE_LENGTH + 1) }, "text_too_long", "message"],
    [finishTaskInput, { task_id: TASK_ID, note: "\u0001" }, "text_has_control_characters", "note"],
    [rejectCompletionInput, { task_id: TASK_ID }, "text_blank", "reason"],
    [cancelTaskInput, { task_id: TASK_ID, reason: 1 }, "validation_failed", "reason"],
  ])("%# are refused with the database's words", (schema, input, code, detail) => {
    expect(problem(schema, input)).toEqual([code, detail]);
  });
});

describe("lists", () => {
  const here = { latitude: 52.52, longitude: 13.405 };
  const bounds = { west: 13.3, south: 52.4, east: 13.5, north: 52.6 };

  test("fill in and clamp what the database clamps", () => {
    const output = (input: object): unknown => {
      const result = checkInput(nearbyTasksInput, { ...here, ...input });
      return result.success ? [result.data.radius_m, result.data.page_size, result.data.sort] : result.problem;
    };
    expect(output({})).toEqual([5000, 20, "newest"]);
    expect(output({ radius_m: 1e9, page_size: 1e9, sort: "distance" })).toEqual([
      MAX_RADIUS_M,
      MAX_PAGE_SIZE,
      "distance",
    ]);
    expect(output({ radius_m: -5, page_size: 0 })).toEqual([1, 1, "newest"]);
  });

  test("take any zoom of a map for a whole one that the database knows", () => {
    const zoomOf = (zoom: number): unknown => {
      const result = checkInput(taskMapInput, { ...bounds, zoom });
      return result.success ? result.data.zoom : result.problem;
    };
    expect([-2, 0.9, 12.99, 24].map(zoomOf)).toEqual([0, 0, 12, 22]);
  });

  test.each([
    [nearbyTasksInput, { ...here, sort: "price" }, "sort_invalid", "sort"],
    [nearbyTasksInput, { ...here, starts_from: "Saturday" }, "validation_failed", "starts_from"],
    [nearbyTasksInput, { ...here, starts_until: "" }, "validation_failed", "starts_until"],
    [nearbyTasksInput, { ...here, after: "" }, "cursor_invalid", "after"],
    [nearbyTasksInput, { ...here, page_size: 1.5 }, "validation_failed", "page_size"],
    [nearbyTasksInput, { latitude: 52 }, "coordinates_invalid", "longitude"],
    [taskMapInput, { ...bounds, zoom: "12" }, "validation_failed", "zoom"],
    [taskMapInput, { ...bounds, zoom: Number.NaN }, "validation_failed", "zoom"],
    [taskMapInput, { ...bounds, west: Number.POSITIVE_INFINITY, zoom: 1 }, "coordinates_invalid", "west"],
    [taskMapInput, { ...bounds, north: 91, zoom: 1 }, "coordinates_invalid", "north"],
    [taskMapInput, { ...bounds, north: 51, zoom: 1 }, "validation_failed", "north"],
    [taskMapInput, { ...bounds, zoom: 1, category: "" }, "category_not_found", "category"],
    [pointHistoryInput, { after: "0" }, "cursor_invalid", "after"],
    [pointHistoryInput, { after: "1; drop" }, "cursor_invalid", "after"],
    [myTasksInput, {}, "validation_failed", "as"],
    [myTasksInput, { as: "helper", status: "done" }, "validation_failed", "status"],
    [myTasksInput, { as: "helper", status: [] }, "validation_failed", "status"],
    [rewardsInput, { partner_id: "x" }, "validation_failed", "partner_id"],
    [rewardsInput, { after: TASK_ID }, "cursor_invalid", "after"],
    [rewardsInput, { is_active: false }, "validation_failed", "is_active"],
    [placesInput, { partner_id: null }, "validation_failed", "partner_id"],
    [addPlaceInput, { ...bench, name: "\u2800" }, "text_blank", "name"],
    [addPlaceInput, { ...bench, category: "kiosk" }, "place_category_invalid", "category"],
    [addPlaceInput, { ...bench, latitude: 91 }, "coordinates_invalid", "latitude"],
    [addPlaceInput, { ...bench, types: Array.from({ length: 21 }, () => "x") }, "place_types_invalid", "types"],
    [addPlaceInput, { ...bench, types: ["x".repeat(51)] }, "text_too_long", "types"],
    [addPlaceInput, { ...bench, description: "x".repeat(2001) }, "text_too_long", "description"],
    [reviewPlaceInput, { place_id: "x", rating: 3 }, "place_not_found", "place_id"],
    [reviewPlaceInput, { place_id: TASK_ID, rating: 0 }, "review_rating_out_of_range", "rating"],
    [reviewPlaceInput, { place_id: TASK_ID, rating: 4.5 }, "review_rating_out_of_range", "rating"],
    [reviewPlaceInput, { place_id: TASK_ID, rating: 3, comment: "x".repeat(1001) }, "text_too_long", "comment"],
    [placeReviewsInput, { place_id: TASK_ID, after: TASK_ID }, "cursor_invalid", "after"],
    [setPreferenceInput, { category: "", rating: 3 }, "category_not_found", "category"],
    [setPreferenceInput, { category: "garten", rating: 6 }, "preference_rating_out_of_range", "rating"],
    [setPreferenceInput, { category: "garten" }, "preference_rating_out_of_range", "rating"],
    [recommendationsInput, { latitude: 52 }, "coordinates_invalid", "longitude"],
    [recommendationsInput, { latitude: 52, longitude: 13, after: "" }, "cursor_invalid", "after"],
    [placesInput, { after: "7" }, "cursor_invalid", "after"],
    [redemptionsInput, { status: "lost" }, "validation_failed", "status"],
    [redemptionsInput, { status: [] }, "validation_failed", "status"],
    [redemptionsInput, { after: `${TASK_ID},id.gt.0` }, "cursor_invalid", "after"],
  ])("%# are refused with the database's words", (schema, input, code, detail) => {
    expect(problem(schema, input)).toEqual([code, detail]);
  });

  test("a cursor that could reach into the filter never passes", () => {
    const cursor = `2026-11-21T08:00:00.123456+00:00_${TASK_ID}`;
    expect(problem(myTasksInput, { as: "creator", after: cursor })).toBe("accepted");
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(cursor.length), (noise, at) => {
        const after = cursor.slice(0, at) + noise + cursor.slice(at);
        const result = problem(myTasksInput, { as: "creator", after });
        return result === "accepted" ? /^[0-9T:.+_a-f-]+$/u.test(after) : result[0] === "cursor_invalid";
      }),
    );
  });
});
