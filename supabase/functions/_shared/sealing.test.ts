import { match, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createSealer } from "./sealing.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte).toBase64({ alphabet: "base64url", omitPadding: true });
const sealerWith = (sealingKeys: string | undefined, indexKey: string | undefined = key(9)) => {
  const variables: Record<string, string | undefined> = { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: indexKey };
  return createSealer((name) => variables[name]);
};
const sealer = await sealerWith(`k1:${key(1)}`);

Deno.test("what is sealed opens again, and never looks the same twice", async () => {
  for (const text of ["NH2345", "", "grüße 🎁", "x".repeat(10_000)]) {
    const sealed = await sealer.seal("code", text);
    match(sealed, /^k1\.[\w-]{16}\.[\w-]+$/u);
    strictEqual(await sealer.open("code", sealed), text);
    notStrictEqual(await sealer.seal("code", text), sealed);
  }
});

Deno.test("a changed text does not open, wherever it was changed", async () => {
  const sealed = await sealer.seal("code", "NH2345");
  // The last character is left out: some of its bits mean nothing.
  for (let index = "k1.".length; index < sealed.length - 1; index += 1) {
    if (sealed[index] === ".") continue;
    const changed = sealed.slice(0, index) + (sealed[index] === "A" ? "B" : "A") + sealed.slice(index + 1);
    await rejects(sealer.open("code", changed), /does not open with key "k1"/u);
  }
  for (const nonsense of ["", "NH2345", "k1.AAAA", `${sealed}.x`, `${sealed}=`, sealed.slice(0, -8)]) {
    await rejects(sealer.open("code", nonsense));
  }
});

Deno.test("a secret put in a code's place does not open", async () => {
  await rejects(sealer.open("code", await sealer.seal("secret", "whsec_x")), /a sealed code does not open/u);
});

Deno.test("another key with the same name does not open, an unknown one is named", async () => {
  const sealed = await sealer.seal("code", "NH2345");
  await rejects((await sealerWith(`k1:${key(2)}`)).open("code", sealed), /does not open with key "k1"/u);
  await rejects((await sealerWith(`k2:${key(1)}`)).open("code", sealed), /no sealing key "k1"/u);
});

Deno.test("a new key seals while the old one still opens", async () => {
  const old = await sealer.seal("code", "NH2345");
  const rotated = await sealerWith(`k2:${key(2)}, k1:${key(1)}`);
  strictEqual(await rotated.open("code", old), "NH2345");
  ok((await rotated.seal("code", "NH2345")).startsWith("k2."));
});

Deno.test("a code is found by a keyed hash", async () => {
  const hash = await sealer.codeHash("NH2345");
  match(hash, /^\\x[0-9a-f]{64}$/u);
  strictEqual(await sealer.codeHash("NH2345"), hash);
  strictEqual(await (await sealerWith(`k2:${key(2)}`)).codeHash("NH2345"), hash);
  notStrictEqual(await (await sealerWith(`k1:${key(1)}`, key(8))).codeHash("NH2345"), hash);
});

Deno.test("missing and malformed keys are named, not shown", async () => {
  await rejects(sealerWith(undefined), /^Error: SEALING_KEYS is not set$/u);
  for (const wrong of ["", "k1", "k1:", `k1:${key(1)}A`, `k.1:${key(1)}`, `:${key(1)}`, `k1:${key(1)},`, "k1:abc="]) {
    await rejects(sealerWith(wrong), (error: Error) => /^SEALING_KEYS /u.test(error.message));
  }
  await rejects(sealerWith(`k1:${key(1)},k1:${key(2)}`), /SEALING_KEYS holds an id twice/u);
  await rejects(sealerWith(`k1:${key(1)}`, ""), /CODE_INDEX_KEY is not set/u);
  await rejects(sealerWith(`k1:${key(1)}`, "short"), /CODE_INDEX_KEY must be 32 bytes/u);
});
