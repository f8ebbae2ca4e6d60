import { describe, expect, test } from "vitest";
import { CHARACTER_CLASSES } from "../../dev/schemas/characters.ts";
import * as characters from "../../supabase/functions/_shared/contracts/characters.ts";
import {
  checkInput,
  createTaskInput,
  updateContactInput,
  updateProfileInput,
  updateSettingsInput,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { partnerEventData } from "../../supabase/functions/_shared/contracts/partner-events.ts";
import { isMoment, trimText } from "../../supabase/functions/_shared/contracts/text.ts";

const nameProblem = (name: string) => {
  const result = checkInput(updateProfileInput, { name });
  return result.success ? "accepted" : result.problem.code;
};

describe("names", () => {
  test.each([
    "李",
    "Ö",
    "A",
    "Nguyễn",
    "שָׁלוֹם",
    "مُحَمَّد",
    "می\u200Cخواهم",
    "ශ්\u200Dරී",
    "क्\u200D",
    "か\u3099",
    "👩\u200D🌾",
    "❤\uFE0F",
    "1\uFE0F\u20E3",
    "🏴\u{E0067}\u{E0062}\u{E007F}",
    "\u{1F8FF}", // an emoji of tomorrow
    "O’Neill",
  ])("%s is one", (name) => {
    expect(nameProblem(name)).toBe("accepted");
    expect(trimText(name)).toBe(name);
  });

  test.each([
    "",
    "\u00A0",
    "\u3164",
    "\uFFA0",
    "\u115F\u1160",
    "\u2800\u2800",
    "\uFE0F",
    "\u{E0100}",
    "\u{E0061}\u{E0062}",
    "\u200B\u2060\uFEFF",
    "\u200D",
    "\u2068\u2069",
    "\u200E\u061C",
    "\u17B4",
    "\uFFFC",
    "\u{1D159}",
    "\u2028",
  ])("%j shows nothing and is none", (name) => {
    expect(nameProblem(name)).toBe("text_blank");
  });

  test("are read without what copying leaves around them", () => {
    expect(trimText("\uFEFF \u2068Anna\u3164B.\u00A0\u2069\u200E\u2800 ")).toBe("Anna\u3164B.");
    expect(nameProblem("\u2068Anna\u2069")).toBe("accepted");
    expect(nameProblem("An\u2068na")).toBe("text_has_control_characters");
    expect(nameProblem("\u202EannA\u202C")).toBe("text_has_control_characters");
  });
});

test("what shows nothing does not make a title longer", () => {
  const input = { description: "x", category: "garten", latitude: 1, longitude: 1, points_reward: 1 };
  const result = checkInput(createTaskInput, { ...input, title: "a\u200B\u{E0061}\uFE0Fb" });
  expect(result.success ? null : result.problem).toEqual({ code: "text_too_short", detail: "title", limit: 3 });
  expect(checkInput(createTaskInput, { ...input, title: "a b" }).success).toBe(true);
});

test("an optional text of nothing visible is none", () => {
  expect(checkInput(updateProfileInput, { bio: "\u3164\uFE0F" }).success).toBe(true);
});

test.each([
  ["(030) 1234567", true],
  [" 030\u00A01234567", true],
  ["\u202A+49 30 1234567\u202C", true],
  ["(+49) 30-123\u20114567", true],
  ["٠٣٠ ١٢٣٤٥٦٧", true],
  ["＋４９３０１２３４５６", true],
  ["", true],
  [" ", false],
  ["\u3164", false],
  ["12 3", false],
  ["030 1234567 a", false],
  ["0301234\n567", false],
  ["1".repeat(51), false],
])("whether %j is a phone number: %s", (phone_number, isOne) => {
  expect(checkInput(updateContactInput, { phone_number }).success).toBe(isOne);
});

test.each([
  ["Europe/Berlin", true],
  ["europe/berlin", true],
  ["UTC", true],
  ["America/Port-au-Prince", true],
  ["Etc/GMT+5", true],
  ["Europe/Berlin-2", false],
  ["Mars/Phobos3", false],
  ["posix/Europe/Berlin", false],
  ["right/Europe/Berlin", false],
  ["CET", false],
  ["+02:00", false],
])("whether %s may be the name of a time zone: %s", (time_zone, mayBe) => {
  expect(checkInput(updateSettingsInput, { time_zone }).success).toBe(mayBe);
});

test.each([
  ["2026-12-24T18:00:00+01:00", true],
  ["2026-12-24T17:00Z", true],
  ["2026-12-24T18:00:00.123456+0100", true],
  ["2028-02-29T00:00:00Z", true],
  ["2026-12-24T18:00", false],
  ["2026-12-24 18:00:00+01:00", false],
  ["2027-02-29T00:00:00Z", false],
  ["2026-02-30T00:00:00Z", false],
  ["2026-13-01T00:00:00Z", false],
  ["0000-01-01T00:00:00Z", false],
  ["2026-12-24T24:00:00Z", false],
  ["2026-12-31T23:59:60Z", false],
  ["2026-12-24T18:00:00+23:59", false],
  ["2026-1-1T00:00:00Z", false],
  ["tomorrow", false],
  ["infinity", false],
])("whether %s is a moment: %s", (text, isOne) => {
  expect(isMoment(text)).toBe(isOne);
});

test("a code that was typed or scanned may hold anything that shows something", () => {
  const problem = (code: string) => {
    const result = checkInput(partnerEventData["code.used"], { code });
    return result.success ? "accepted" : result.problem.code;
  };
  expect(problem("\u0002NH4K\u001D-7QWE\u202C\r\n")).toBe("accepted");
  expect(problem("\u200B\u3164")).toBe("text_blank");
  expect(problem("x".repeat(201))).toBe("text_too_long");
});

test("the classes of the contracts are those of Unicode", () => {
  for (const { name, members, isIn } of CHARACTER_CLASSES) {
    const written: unknown = Reflect.get(characters, name.toUpperCase());
    expect(written !== undefined, name).toBe(isIn !== "schemas");
    if (written === undefined) continue;
    const own = new RegExp(`[${String(written)}]`, "u");
    const different = Array.from({ length: 0x11_00_00 }, (_, code) => String.fromCodePoint(code)).filter(
      (one) => !/\p{Cs}/u.test(one) && own.test(one) !== members.test(one),
    );
    expect(different, name).toEqual([]);
  }
});
