/**
 * Values that no argument expects, as raw JSON, because some of it cannot be written as a value.
 *
 * @module
 */

/** For arguments of every type. */
const ANY: Readonly<Record<string, string>> = {
  null: "null",
  true: "true",
  zero: "0",
  "an empty text": '""',
  "a nul character": '"a\\u0000b"',
  SQL: `"'; drop table public.users; --"`,
  "a long text": `"${"x".repeat(10_000)}"`,
  "an empty object": "{}",
  "an empty list": "[]",
  "a list of nulls": "[null, null]",
  "half an emoji in an object": '{"a": "\\ud800"}',
  "a deep list": `${"[".repeat(5000)}${"]".repeat(5000)}`,
  "a deep object": `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
};

/** Nasty for one kind of type only. */
const FOR_TYPES: readonly (readonly [type: RegExp, values: Readonly<Record<string, string>>])[] = [
  [
    /text|uuid/,
    {
      "a blank text": '" \\t\\n "',
      "a huge text": `"${"x".repeat(1_000_000)}"`,
      "a long blank text": `"${" ".repeat(100_000)}"`,
      "control characters": '"a\\u0001\\u0007\\u001b[31mb\\u007f"',
      "half an emoji": '"\\ud83e"',
      "a text read backwards": '"\\u202eabc"',
      "more SQL": '"$$); select pg_sleep(9); --"',
      "a format string": '"%s%n%I"',
      "a nil uuid": '"00000000-0000-0000-0000-000000000000"',
      "a filler": '"\\u3164"',
    },
  ],
  [
    /integer|bigint|double|timestamp|date/,
    {
      "minus zero": "-0",
      "a huge number": "1e400",
      "a fraction": "1.5",
      "more than an integer": "2147483648",
      "more than a bigint": "9223372036854775808",
      "not a number": '"NaN"',
      infinity: '"Infinity"',
      "minus infinity": '"-infinity"',
    },
  ],
  [
    /timestamp|date/,
    {
      "the largest date": '"294276-12-31T23:59:59Z"',
      "a date before time": '"4714-01-01 BC"',
      "a date that is none": '"2026-02-30"',
    },
  ],
  [
    // moments and times of day are texts, too
    /text|timestamp|date/,
    {
      "a moment without an offset": '"2026-12-24T18:00"',
      "a zone with a rule": '"Europe/Berlin-2"',
    },
  ],
  [/\[\]/, { "a nested list": '[["a"], ["b"]]', "a path upwards": '["../../etc/passwd"]' }],
  [/jsonb/, { "an object with a nul": '{"a\\u0000": 1}' }],
];

/** What to throw at an argument of some type: its name, and the JSON. */
export function nastyFor(type: string): [what: string, json: string][] {
  return [ANY, ...FOR_TYPES.flatMap(([types, values]) => (types.test(type) ? [values] : []))].flatMap(Object.entries);
}
