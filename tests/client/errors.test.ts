import { describe, expect, test } from "vitest";
import { ADMIN_ERRORS } from "../../supabase/functions/_shared/contracts/errors/admins.ts";
import { MEMBER_ERRORS } from "../../supabase/functions/_shared/contracts/errors/members.ts";
import { MESSAGE_ERRORS } from "../../supabase/functions/_shared/contracts/errors/messages.ts";
import { CLIENT_ERRORS, FUNCTION_ERRORS } from "../../supabase/functions/_shared/contracts/errors/outside.ts";
import { PARTNER_ERRORS } from "../../supabase/functions/_shared/contracts/errors/partners.ts";
import { TASK_ERRORS } from "../../supabase/functions/_shared/contracts/errors/tasks.ts";
import {
  ERRORS,
  type ErrorSlug,
  type ErrorSubject,
  errorText,
  isErrorSlug,
} from "../../supabase/functions/_shared/contracts/errors.ts";
import { MAX_POINTS_REWARD, MIN_POINTS_REWARD } from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import { countRaises, raisedErrors, readMigrations } from "./support/migrations.ts";

const slugs = Object.keys(ERRORS).filter(isErrorSlug);

test("no slug stands in two parts of the list", () => {
  const parts = [
    MEMBER_ERRORS,
    ADMIN_ERRORS,
    MESSAGE_ERRORS,
    TASK_ERRORS,
    PARTNER_ERRORS,
    FUNCTION_ERRORS,
    CLIENT_ERRORS,
  ];
  expect(parts.flatMap((part) => Object.keys(part)).sort()).toEqual([...slugs].sort());
});

describe("the error list and the migrations", () => {
  const sql = readMigrations();
  const raised = raisedErrors(sql);

  test("every exception of the migrations was understood", () => {
    const withLiteral = [...sql.matchAll(/message = '([a-z_]+)'/gu)].length;
    const withArgument = [...sql.matchAll(/message = slug\b/gu)].length;
    expect(withLiteral).toBeGreaterThan(0);
    expect(countRaises(sql)).toBe(withLiteral + withArgument);
    expect([...sql.matchAll(/raise exception using/gu)].length).toBe(withLiteral + withArgument);
  });

  test("every slug that is raised is listed, with the status of its errcode", () => {
    const unlisted = raised.filter(({ slug, status }) => !isErrorSlug(slug) || ERRORS[slug].status !== status);
    expect(unlisted).toEqual([]);
  });

  test("every listed slug is raised somewhere, except the client's and the functions' own", () => {
    const inMigrations = new Set(raised.map(({ slug }) => slug));
    const own = Object.keys({ ...CLIENT_ERRORS, ...FUNCTION_ERRORS });
    expect(slugs.filter((slug) => !inMigrations.has(slug) && !own.includes(slug))).toEqual([]);
    expect(own.filter((slug) => inMigrations.has(slug))).toEqual([]);
  });
});

describe("the texts", () => {
  test.each(slugs)("%s reads well in both languages", (slug) => {
    for (const locale of ["en", "de"] as const) {
      const text = errorText(slug, locale);
      expect(text).toMatch(/^\p{Lu}.*\.$/u);
      expect(text.length).toBeLessThanOrEqual(100);
      expect(text).not.toContain(slug);
    }
    expect(errorText(slug, "de")).not.toMatch(/\b(?:Sie|Ihr|Ihre|Ihnen)\b/u);
    expect(errorText(slug, "de")).not.toBe(errorText(slug, "en"));
  });

  test("only own slugs count as slugs", () => {
    expect(isErrorSlug("task_not_open")).toBe(true);
    for (const other of ["toString", "constructor", "", "TASK_NOT_OPEN", null, 404])
      expect(isErrorSlug(other)).toBe(false);
  });
});

test("the texts about points for a task name the limits", () => {
  const { en, de } = ERRORS.points_reward_out_of_range;
  for (const text of [en, de]) {
    expect(text.match(/[0-9]+/gu)).toEqual([String(MIN_POINTS_REWARD), String(MAX_POINTS_REWARD)]);
  }
});

describe("the texts about what somebody typed", () => {
  test.each<[ErrorSlug, ErrorSubject, string, string]>([
    [
      "text_too_long",
      { detail: "title", limit: 255 },
      "Title: at most 255 characters.",
      "Titel: höchstens 255 Zeichen.",
    ],
    ["text_too_short", { detail: "title", limit: 3 }, "Title: at least 3 characters.", "Titel: mindestens 3 Zeichen."],
    ["text_too_short", { detail: "name", limit: 1 }, "Name: at least 1 character.", "Name: mindestens 1 Zeichen."],
    ["text_too_long", { detail: "of_tomorrow", limit: 9 }, "At most 9 characters.", "Höchstens 9 Zeichen."],
    [
      "text_blank",
      { detail: "bio" },
      "About you: Please fill in this field.",
      "Über dich: Bitte fülle dieses Feld aus.",
    ],
    ["text_too_long", { detail: "toString" }, ERRORS.text_too_long.en, ERRORS.text_too_long.de],
    ["text_blank", { detail: null, limit: null }, ERRORS.text_blank.en, ERRORS.text_blank.de],
    ["task_not_open", { detail: "title", limit: 3 }, ERRORS.task_not_open.en, ERRORS.task_not_open.de],
  ])("%s, %o", (slug, about, en, de) => {
    expect([errorText(slug, "en", about), errorText(slug, "de", about)]).toEqual([en, de]);
  });

  test("every field that members fill in has a name", () => {
    const fields = [...readMigrations().matchAll(/clean_(?:optional_)?text\([a-z_.]+, '([a-z_]+)'/gu)]
      .map(([, field = ""]) => field)
      .filter((field) => !/_(?:de|en)$/u.test(field));
    expect(new Set(fields).size).toBeGreaterThan(8);
    for (const detail of fields) expect(errorText("text_blank", "de", { detail })).toMatch(/^\p{Lu}[^:]*: Bitte/u);
  });
});
