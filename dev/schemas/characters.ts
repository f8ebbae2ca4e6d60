/**
 * Which characters are what, from Unicode's own properties: the one place where it is said, for SQL, whose regular
 * expressions know no `\p{…}`, and for the contracts, because not every engine that runs the client knows it.
 *
 * @module
 */

/** A set of characters. */
interface CharacterClass {
  /** Names the function in schema `private` and, in capitals, the constant of the contracts. */
  readonly name: string;
  readonly members: RegExp;
  readonly comment: string;
  readonly isIn: "both" | "schemas" | "contracts";
}

/** Joiners and tags: at the end of a word or an emoji they belong to what stands before them. */
const JOINING = String.raw`\u200C\u200D\u{E0000}-\u{E007F}`;
/** What has a place in a line and nothing to see there, although Unicode counts it among letters and symbols. */
const BLANK = String.raw`\u115F\u1160\u2800\u3164\uFFA0\uFFFC\u{13441}\u{13442}\u{1D159}`;
/** The same among the formats: annotations and the joints of hieroglyphs. */
const BLANK_FORMATS = String.raw`\uFFF9-\uFFFB\u{13430}-\u{1343F}`;

const UNSPACED = [
  ...["Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar"],
  ...["Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Javanese", "Balinese"],
]
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join("");

/** Some characters without others, each side the inside of brackets. */
const set = (members: string, without = ""): RegExp => new RegExp(`[[${members}]--[${without}]]`, "v");

/** Every class. */
export const CHARACTER_CLASSES: readonly CharacterClass[] = [
  {
    name: "space_characters",
    members: set(String.raw`\p{White_Space}${BLANK}`),
    comment: "White space of every kind, and what looks like it.",
    isIn: "both",
  },
  {
    name: "ignorable_characters",
    members: set(
      String.raw`\p{Default_Ignorable_Code_Point}\p{Cc}\p{Noncharacter_Code_Point}${BLANK_FORMATS}`,
      String.raw`\p{White_Space}${BLANK}`,
    ),
    comment: "What shows nothing, not even a gap: joiners, selectors, tags, direction marks, controls.",
    isIn: "both",
  },
  {
    name: "edge_characters",
    members: set(
      String.raw`\p{White_Space}[\p{Cf}&&\p{Default_Ignorable_Code_Point}]\u2800\u3164\uFFA0\uFFFC`,
      String.raw`\u202D\u202E${JOINING}`,
    ),
    comment: "What is trimmed from both ends of a text: white space, and what copying leaves around it.",
    isIn: "both",
  },
  {
    name: "control_characters",
    members: set(String.raw`\p{Cc}\p{Bidi_Control}\p{Noncharacter_Code_Point}`, String.raw`\t\n\r\u061C\u200E\u200F`),
    comment: "What no text may hold: controls, and what makes a text read as another one.",
    isIn: "both",
  },
  {
    name: "dash_characters",
    members: set(String.raw`\p{Dash}`),
    comment: "Hyphens, dashes and minus signs.",
    isIn: "both",
  },
  {
    name: "digit_characters",
    members: set(String.raw`\p{Nd}`),
    comment: "Decimal digits of every script.",
    isIn: "contracts",
  },
  {
    name: "accent_characters",
    // the sound marks of kana make another letter
    members: set(String.raw`[\p{M}&&\p{Script=Inherited}]`, String.raw`\u3099\u309A`),
    comment: "Marks that a search leaves out: accents, not the vowel signs that a script writes with.",
    isIn: "schemas",
  },
  {
    name: "separating_characters",
    members: set(
      String.raw`\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}\p{Extended_Pictographic}${BLANK}`,
      String.raw`\p{Default_Ignorable_Code_Point}--[${BLANK}]`,
    ),
    comment: "What parts the words of a search: spaces, punctuation, symbols and emoji.",
    isIn: "schemas",
  },
  {
    name: "unspaced_characters",
    members: set(String.raw`[[${UNSPACED}]&&[\p{L}\p{M}]]`),
    comment: "Letters of scripts that are written without spaces: a search looks inside of them.",
    isIn: "schemas",
  },
];

const LAST = 0x10_ff_ff;
/** Halves of pairs are no characters. */
const isSurrogate = (code: number): boolean => code >= 0xd8_00 && code <= 0xdf_ff;

/** Code points of a class as runs from and to, both in it. */
export function runsOf({ members }: Pick<CharacterClass, "members">): [from: number, to: number][] {
  const runs: [from: number, to: number][] = [];
  for (let code = 0; code <= LAST; code += 1) {
    if (isSurrogate(code) || !members.test(String.fromCodePoint(code))) continue;
    const last = runs.at(-1);
    if (last?.[1] === code - 1) last[1] = code;
    else runs.push([code, code]);
  }
  return runs;
}

/** Parts in lines of some width. */
function inLines(parts: readonly string[], width: number, separator = ""): string[] {
  const [first = "", ...others] = parts;
  const lines = [first];
  for (const part of others) {
    const longer = `${lines.at(-1)}${separator}${part}`;
    if (longer.length > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

const WIDTH = 100;
const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0");
const inSql = (code: number): string => (code > 0xff_ff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`);
// twice the backslash: it stands in a text
const inScript = (code: number): string => `\\\\u{${hex(code, 1)}}`;

const brackets = (runs: readonly [number, number][], write: (code: number) => string): string[] =>
  runs.map(([from, to]) => (from === to ? write(from) : `${write(from)}-${write(to)}`));

const HEADING = "Written by npm run db:build from dev/schemas/characters.ts: edit there.";

/** `supabase/schemas/text/characters.sql`: each class as the inside of a regular expression's brackets. */
export function charactersSql(): string {
  const functions = CHARACTER_CLASSES.filter(({ isIn }) => isIn !== "contracts").map((one) => {
    // PostgreSQL has no null character
    const runs = runsOf(one).map(([from, to]): [number, number] => [Math.max(from, 1), to]);
    const lines = inLines(brackets(runs, inSql), WIDTH).map((line) => `'${line}'`);
    return sqlConstant(one.name, "text", lines.join("\n  "), one.comment);
  });
  const zeros = inLines(
    zeroDigits()
      .join(", ")
      .split(/(?<=,) /u),
    WIDTH,
    " ",
  ).join("\n    ");
  functions.push(
    sqlConstant(
      "zero_digits",
      "integer[]",
      `array[${zeros}]`,
      "Code points of the zeros of every script; the digits up to nine follow each.",
    ),
  );
  return `-- Room: text. ${HEADING}\n\n${functions.join("\n")}`;
}

function sqlConstant(name: string, type: string, value: string, comment: string): string {
  return `create function private.${name}() returns ${type} language sql immutable set search_path = '' return
  ${value};
comment on function private.${name}() is
  '${comment}';
`;
}

/** Unicode gives digits in runs of ten, now and then one run after the other. */
function zeroDigits(): number[] {
  return runsOf({ members: /\p{Nd}/u }).flatMap(([from, to]) =>
    Array.from({ length: (to + 1 - from) / 10 }, (_, index) => from + 10 * index),
  );
}

/** `supabase/functions/_shared/contracts/characters.ts`: the same for the contracts. */
export function charactersScript(): string {
  const constants = CHARACTER_CLASSES.filter(({ isIn }) => isIn !== "schemas").map((one) => {
    const lines = inLines(brackets(runsOf(one), inScript), WIDTH).map((line) => `  "${line}",\n`);
    return `/** ${one.comment} */\nexport const ${one.name.toUpperCase()}: string = [\n${lines.join("")}].join("");\n`;
  });
  return `// ${HEADING}
// Each is the inside of a regular expression's brackets, for the flag u.\n\n${constants.join("\n")}`;
}
