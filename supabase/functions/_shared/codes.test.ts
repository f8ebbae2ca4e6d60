import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { CODE_ALPHABET, cleanCode, generateCode, isPrintable, printCode, readCode } from "./codes.ts";

const codes = Array.from({ length: 200 }, generateCode);

Deno.test("a code is NH and 18 characters of the alphabet, and never comes twice", () => {
  for (const code of codes) ok(new RegExp(`^NH[${CODE_ALPHABET}]{18}$`, "u").test(code), code);
  strictEqual(new Set(codes).size, codes.length);
});

Deno.test("the alphabet has no look-alikes and a prime number of characters, which 17 times make more than 80 bits", () => {
  for (const lookAlike of "01ILO") ok(!CODE_ALPHABET.includes(lookAlike));
  strictEqual(new Set(CODE_ALPHABET).size, 31);
  ok(17 * Math.log2(CODE_ALPHABET.length) >= 80);
});

Deno.test("every character is equally likely", () => {
  const rounds = 5_000;
  const counts = new Map<string, number>([...CODE_ALPHABET].map((character) => [character, 0]));
  for (let round = 0; round < rounds; round += 1) {
    for (const character of generateCode().slice(2, -1)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const expected = (rounds * 17) / CODE_ALPHABET.length;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 30 degrees of freedom: fair characters get here once in a billion runs, characters taken modulo 31 from a byte (up to
  // an eighth too often) always.
  ok(chiSquare < 105, `chi-square ${chiSquare}`);
});

Deno.test("what is printed can be read again, however it is typed", () => {
  for (const canonical of codes) {
    const printed = printCode(canonical);
    ok(/^NH..(?:-.{4}){4}$/u.test(printed), printed);
    const typed = [printed, canonical, printed.toLowerCase(), ` ${printed.replaceAll("-", " ")}\n`];
    typed.push(printed.replaceAll("-", "\u2013"), [...canonical].join("\u00A0"));
    for (const text of typed) deepStrictEqual(readCode(text), { kind: "ours", canonical });
  }
});

/** What copying and scanning put around and into a code. */
const ADDED: Readonly<Record<string, (code: string) => string>> = {
  "a byte order mark": (code) => `\uFEFF${code}`,
  "direction marks": (code) => `\u200E${code}\u200F`,
  "an embedding": (code) => `\u202A${code}\u202C`,
  "an isolate": (code) => `\u2068${code}\u2069`,
  "zero width inside": (code) => `${code.slice(0, 5)}\u200B${code.slice(5, 9)}\u2060${code.slice(9)}`,
  "soft hyphens": (code) => [...code].join("\u00AD"),
  "joiners and selectors": (code) => [...code].join("\u200D\uFE0F"),
  tags: (code) => `${code}\u{E0041}\u{E007F}`,
  fillers: (code) => `\u3164${code.slice(0, 6)}\u2800${code.slice(6)}`,
  "narrow, wide and no-break spaces": (code) => code.replaceAll("-", "\u202F\u3000\u00A0"),
  "dashes of all lengths": (code) => code.replaceAll("-", "\u2014\u2212\uFE63"),
  "line breaks": (code) => `${code.slice(0, 9)}\r\n${code.slice(9)}\u2028`,
  "a scanner's Enter": (code) => `${code}\r\n`,
  "a scanner's frame": (code) => `\u0002${code}\u0003\u0004`,
  "a scanner's separators": (code) => `\u001D${code.slice(0, 6)}\u001D${code.slice(6)}`,
  "a scanner's symbology": (code) => `]Q1${code}`,
  "quotation marks": (code) => `“${code}”`,
  "German quotation marks": (code) => `„${code}“`,
  "brackets and the end of a sentence": (code) => ` (${code}). `,
  "wide letters": (code) => code.replaceAll(/[!-~]/gu, (sign) => String.fromCodePoint(sign.charCodeAt(0) + 0xfe_e0)),
};

for (const [what, add] of Object.entries(ADDED)) {
  Deno.test(`codes are read through ${what}`, () => {
    for (const canonical of codes.slice(0, 20)) {
      deepStrictEqual(readCode(add(printCode(canonical))), { kind: "ours", canonical });
      deepStrictEqual(readCode(add(printCode(canonical).toLowerCase())), { kind: "ours", canonical });
    }
    deepStrictEqual(readCode(add("sommer-2025-rabatt")), { kind: "foreign", canonical: "SOMMER2025RABATT" });
  });
}

Deno.test("what a member is shown is the code as its partner wrote it, without what was added", () => {
  strictEqual(cleanCode("\uFEFF„Brot \u200B\u20117341“\r\n"), "Brot \u20117341");
  strictEqual(cleanCode("]C1BROT-7341"), "BROT-7341");
  ok(isPrintable("Brot 7341") && !isPrintable("BROT\u0000") && !isPrintable("x".repeat(101)));
});

Deno.test("every single wrong character is noticed", () => {
  for (const code of codes) {
    for (let index = 2; index < code.length; index += 1) {
      for (const wrong of `${CODE_ALPHABET}01ILO`) {
        if (wrong === code[index]) continue;
        strictEqual(readCode(code.slice(0, index) + wrong + code.slice(index + 1)).kind, "mistyped");
      }
    }
  }
});

Deno.test("every two neighbours that changed places are noticed", () => {
  for (const code of codes) {
    for (let index = 2; index < code.length - 1; index += 1) {
      const [left = "", right = ""] = code.slice(index);
      if (left === right) continue;
      strictEqual(readCode(code.slice(0, index) + right + left + code.slice(index + 2)).kind, "mistyped");
    }
  }
});

Deno.test("a character that is missing, doubled or too much is noticed, and so is a slip in the prefix", () => {
  for (const code of codes) {
    for (let index = 0; index < code.length; index += 1) {
      const [before, at, behind] = [code.slice(0, index), code.charAt(index), code.slice(index + 1)];
      strictEqual(readCode(before + behind).kind, "mistyped", `${code} without ${index}`);
      strictEqual(readCode(before + at + at + behind).kind, "mistyped", `${code} with ${index} twice`);
      strictEqual(readCode(`${before}${at}?${behind}`).kind, "mistyped", `${code} with more behind ${index}`);
    }
    for (const prefix of ["HN", "MH", "N4", "NN", "HH"]) {
      strictEqual(readCode(`${prefix}${code.slice(2)}`).kind, "mistyped", prefix);
    }
    strictEqual(readCode(code.slice(0, -4)).kind, "mistyped");
    strictEqual(readCode(`${code}${code.slice(-4)}`).kind, "mistyped");
  }
  for (const own of ["NH-2026", "NHL-FAN-2026", "HALLO-2026-SOMMER-AKTION", "NIKOLAUS-2026-ABCDEFGH"]) {
    strictEqual(readCode(own).kind, "foreign", own);
  }
});

Deno.test("a partner's own code is read without case, spaces and dashes, and printed as it is", () => {
  for (const text of ["summer-25", " SUMMER 25 ", "ＳＵＭＭＥＲ２５", "Summer\u201125"]) {
    deepStrictEqual(readCode(text), { kind: "foreign", canonical: "SUMMER25" });
  }
  strictEqual(printCode("summer-25"), "summer-25");
  deepStrictEqual(readCode("NH-2026"), { kind: "foreign", canonical: "NH2026" });
  deepStrictEqual(readCode("Äpfel"), { kind: "foreign", canonical: "ÄPFEL" });
});

Deno.test("texts that are no code at all are told apart", () => {
  const control = "AB\u0000CD";
  for (const text of ["", "   ", "-----", "a b-c", "x".repeat(101), control, "ABCD\u202E", "AB\uD800CD"]) {
    deepStrictEqual(readCode(text), { kind: "invalid" });
  }
  for (const text of ["abcd", "x".repeat(100)]) strictEqual(readCode(text).kind, "foreign");
});

Deno.test("a code that is wrong is not printed as one of ours", () => {
  const [code = ""] = codes;
  const wrong = code.slice(0, -1) + (code.endsWith("2") ? "3" : "2");
  strictEqual(printCode(wrong), wrong);
  notStrictEqual(printCode(code), code);
});
