import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHARACTER_CLASSES, runsOf } from "../../dev/schemas/characters.ts";
import { requiredText } from "../../supabase/functions/_shared/contracts/fields.ts";
import { isMoment, isPhoneNumber } from "../../supabase/functions/_shared/contracts/text.ts";
import { useStack } from "../support/use-stack.ts";

/** SQL and the contracts judge every character alike, whatever the server's version and locale. */

const { sql } = useStack();

/** What a statement about a text, its $1, fails with. */
const PROBLEM_OF = `create function private.problem_of(statement text, value text) returns text language plpgsql as $$
  begin execute statement using value; return 'fine'; exception when others then return sqlerrm; end $$`;
beforeAll(async () => {
  await sql(PROBLEM_OF);
});
afterAll(async () => {
  await sql("drop function private.problem_of(text, text)");
});

test.each(CHARACTER_CLASSES.filter(({ isIn }) => isIn !== "contracts").map((one) => [one.name, one] as const))(
  "%s are the same in SQL as in Unicode, at every code point",
  async (name, one) => {
    const runs = await sql<{ from: number; to: number }>(
      `select min(code)::integer as from, max(code)::integer as to
       from (select code, code - row_number() over (order by code) as run
         from generate_series(1, 1114111) code
         where code not between 55296 and 57343 and chr(code) ~ ('[' || private.${name}() || ']')) c
       group by run order by 1`,
    );
    const expected = runsOf(one).map(([from, to]) => [Math.max(from, 1), to]);
    expect(runs.map(({ from, to }) => [from, to])).toEqual(expected);
  },
);

// what matters to the rules, and anything else
const character = fc.oneof(
  fc.constantFrom(..." \t\n\r ab李Öé0٣-–()+./🌻"),
  fc.constantFrom(
    "\u00A0",
    "\u00AD",
    "\u200B",
    "\u200C",
    "\u200D",
    "\u200E",
    "\u202A",
    "\u202E",
    "\u2028",
    "\u2068",
    "\u2069",
  ),
  fc.constantFrom(
    "\u0007",
    "\u0085",
    "\u115F",
    "\u17B4",
    "\u2800",
    "\u3164",
    "\uFE0F",
    "\uFEFF",
    "\uFFA0",
    "\uFFFC",
    "\uFFFF",
  ),
  fc.constantFrom("\u{E0061}", "\u{E0100}", "\u{1D159}", "\u{1F1E9}", "\u0301", "\u3099", "\u11AB"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((one) => one !== "\u0000"),
);
const texts = (maxLength: number, from: fc.Arbitrary<string>) =>
  fc.sample(
    fc.array(from, { maxLength, size: "max" }).map((list) => list.join("")),
    { numRuns: 2000 },
  );

/** What SQL makes of each text: one question for all of them. */
async function judged(answer: string, list: readonly string[]): Promise<string[]> {
  const rows = await sql<{ answer: string }>(
    `select ${answer} as answer from jsonb_array_elements_text($1::text::jsonb) with ordinality t (value, place) order by place`,
    [JSON.stringify(list)],
  );
  return rows.map((row) => row.answer);
}

test.each([true, false])("a text is judged alike, with line breaks allowed: %s", async (isMultiline) => {
  const list = [...texts(16, character), ...texts(16, fc.constantFrom(..." \tabÖ٣🌻", "\u200D", "\u3164"))];
  const rules = requiredText({ min: 3, max: 10, isMultiline });
  const own = list.map((text) => rules.safeParse(text).error?.issues[0]?.message ?? "fine");
  const command = `select private.clean_text($1, ''x'', 3, 10, ${isMultiline})`;
  const answers = await judged(`private.problem_of('${command}', value)`, list);
  const different = list.filter((_, index) => own[index] !== answers[index]);
  expect(different.map((text) => JSON.stringify(text))).toEqual([]);
  expect(new Set(own).size).toBe(5);
});

test("a phone number is judged alike", async () => {
  const digits = fc.constantFrom(..."0123456789 -()+/.٣०３", "\u00A0", "\u202A", "\u200B", "\u2011", "x", "\t", "\n");
  const numbers = fc.sample(
    fc.array(digits, { maxLength: 12 }).map((list) => list.join("")),
    { numRuns: 3000 },
  );
  const own = numbers.map((number) => String(isPhoneNumber(number)));
  expect(await judged("(private.clean_phone_number(value) is not null)::text", numbers)).toEqual(own);
  expect(new Set(own).size).toBe(2);
});

test("a moment is judged alike", async () => {
  const pick = (...from: string[]) => fc.constantFrom(...from);
  const moment = fc.tuple(
    pick("2026", "2028", "2100", "0000", "0001", "9999", "26"),
    pick("-01-", "-02-", "-12-", "-13-", "-00-", "-1-"),
    pick("01", "28", "29", "30", "31", "32", "00", "1"),
    pick("T", "T", "T", " ", ""),
    pick("00:00", "23:59:59", "24:00", "12:30:60", "12:30:15.123456", "12:30:15.1234567890", "12:60", ""),
    pick("Z", "+01:00", "-0930", "+14", "+15:00", "", "z", " Z"),
  );
  const moments = fc.sample(
    moment.map((parts) => parts.join("")),
    { numRuns: 3000 },
  );
  const own = moments.map((text) => String(isMoment(text)));
  const read = "private.problem_of('select private.read_moment($1, ''x'')', value)";
  expect(await judged(`(${read} = 'fine')::text`, moments)).toEqual(own);
  expect(new Set(own).size).toBe(2);
});
