import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { CODE_ALPHABET, generateCode, printCode, readCode } from "./codes.ts";

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
