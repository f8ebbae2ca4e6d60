import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type FunctionKeys, generateFunctionKeys, generateSealingKey } from "../stack/keys.ts";
import { messageOf, StackError } from "../stack/stack-error.ts";
import { runCommand } from "./command.ts";

const USAGE = `Usage: npm run --silent functions:keys -- [options]

Prints new keys for the functions of a hosted project, as lines for a file:

  npm run --silent functions:keys > functions.env
  npx supabase secrets set --env-file functions.env

SEALING_KEYS encrypts codes and webhook secrets, CODE_INDEX_KEY finds a code again. The project shows neither of them
a second time: keep the file where you keep passwords. Without it every unused code is lost.

Rotation: SEALING_KEYS holds id:key pairs, separated by commas. The first one seals, all of them open. Put a new pair in
front and keep the old ones as long as something sealed with them is left; --rotate does that. CODE_INDEX_KEY cannot be
rotated: codes that are out would not be found any more.

  --rotate FILE   print the keys of FILE again, with a new pair in front
  --help          show this text`;

await runCommand({
  usage: USAGE,
  options: { rotate: { type: "string" } },
  async run({ rotate }) {
    const keys = rotate === undefined ? generateFunctionKeys() : rotated(rotate);
    console.log(`SEALING_KEYS=${keys.sealingKeys}\nCODE_INDEX_KEY=${keys.codeIndexKey}`);
  },
});

function rotated(file: string): FunctionKeys {
  const { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey } = parseEnv(read(file));
  if (!sealingKeys || !codeIndexKey) throw new StackError(`${file} lacks SEALING_KEYS or CODE_INDEX_KEY`);
  return { sealingKeys: `${generateSealingKey()},${sealingKeys}`, codeIndexKey };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StackError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
