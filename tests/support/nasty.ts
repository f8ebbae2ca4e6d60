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
  "minus zero": "-0",
  "a number as text": '"12"',
  "a number with a comma": '"1,5"',
  "a huge number": "1e400",
  "half an emoji": '"\\ud83e"',
  "half an emoji in an object": '{"a": "\\ud800"}',
  "half an emoji as a name": '{"\\udc00": 1}',
  "a nul character in a list": '["a\\u0000b"]',
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
      "a text read backwards": '"\\u202eabc"',
      "more SQL": '"$$); select pg_sleep(9); --"',
      "a format string": '"%s%n%I"',
      "a nil uuid": '"00000000-0000-0000-0000-000000000000"',
      "a uuid in braces": '"{00000000-0000-4000-8000-000000000000}"',
      "a uuid too long": '"00000000-0000-4000-8000-0000000000001"',
      "another word": '"nonsense"',
      "the word in capitals": '"GARTEN"',
      "a filler": '"\\u3164"',
      tags: '"\\udb40\\udc61"',
      "no character": '"\\uffff"',
    },
  ],
  [
    /integer|bigint|double|timestamp|date/,
    {
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
      "an offset that is none": '"2026-12-24T18:00:00+23:59"',
      tomorrow: '"tomorrow"',
      "the end of time": '"infinity"',
      "a day before Christ": '"0044-03-15T12:00:00Z BC"',
      "a day that is none": '"2026-02-30T00:00:00Z"',
      "24 o'clock": '"24:00"',
      "a zone with a rule": '"Europe/Berlin-2"',
    },
  ],
  [/boolean/, { yes: '"yes"', two: "2", perhaps: '"perhaps"' }],
  [/\[\]/, { "a nested list": '[["a"], ["b"]]', "a path upwards": '["../../etc/passwd"]' }],
  [/jsonb/, { "an object with a nul": '{"a\\u0000": 1}' }],
];

/** What to throw at an argument of some type: its name, and the JSON. */
export function nastyFor(type: string): [what: string, json: string][] {
  return [ANY, ...FOR_TYPES.flatMap(([types, values]) => (types.test(type) ? [values] : []))].flatMap(Object.entries);
}
