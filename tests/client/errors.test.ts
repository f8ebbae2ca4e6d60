import { describe, expect, test } from "vitest";
import { MEMBER_ERRORS } from "../../supabase/functions/_shared/contracts/errors/members.ts";
import { CLIENT_ERRORS, FUNCTION_ERRORS } from "../../supabase/functions/_shared/contracts/errors/outside.ts";
import { PARTNER_ERRORS } from "../../supabase/functions/_shared/contracts/errors/partners.ts";
import { ERRORS, errorText, isErrorSlug } from "../../supabase/functions/_shared/contracts/errors.ts";
import { MAX_POINTS_REWARD, MIN_POINTS_REWARD } from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import { countRaises, raisedErrors, readMigrations } from "./support/migrations.ts";

const slugs = Object.keys(ERRORS).filter(isErrorSlug);

test("no slug stands in two parts of the list", () => {
  const parts = [MEMBER_ERRORS, PARTNER_ERRORS, FUNCTION_ERRORS, CLIENT_ERRORS];
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
