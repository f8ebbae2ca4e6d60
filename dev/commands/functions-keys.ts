import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { messageOf, StackError } from "../base/stack-error.ts";
import { type FunctionKeys, generateFunctionKeys, generateSealingKey } from "../stack/keys.ts";
import { runCommand } from "./command.ts";

const USAGE = `Usage: npm run --silent functions:keys -- [options]

Prints new keys for the functions of a hosted project, as lines for a file:

  npm run --silent functions:keys > functions.env
  npx supabase secrets set --env-file functions.env

SEALING_KEYS encrypts codes and webhook secrets, CODE_INDEX_KEY finds a code again. The project shows neither of them
a second time: keep the file where you keep passwords. Without it every unused code is lost.
NOTIFICATION_SIGNING_KEY signs unsubscribe links; VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are who sends push messages.

Rotation: SEALING_KEYS holds id:key pairs, separated by commas. The first one seals, all of them open. Put a new pair in
front and keep the old ones as long as something sealed with them is left; --rotate does that. CODE_INDEX_KEY cannot be
rotated: codes that are out would not be found any more. Nor can the VAPID keys: browsers subscribed to them.

  --rotate FILE   print the keys of FILE again, with a new pair in front, and those that it lacks
  --help          show this text`;

await runCommand({
  usage: USAGE,
  options: { rotate: { type: "string" } },
  async run({ rotate }) {
    const keys = rotate === undefined ? generateFunctionKeys() : rotated(rotate);
    console.log(
      [
        `SEALING_KEYS=${keys.sealingKeys}`,
        `CODE_INDEX_KEY=${keys.codeIndexKey}`,
        `NOTIFICATION_SIGNING_KEY=${keys.notificationSigningKey}`,
        `VAPID_PUBLIC_KEY=${keys.vapidKeys.publicKey}`,
        `VAPID_PRIVATE_KEY=${keys.vapidKeys.privateKey}`,
      ].join("\n"),
    );
  },
});

function rotated(file: string): FunctionKeys {
  const variables = parseEnv(read(file));
  const { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey } = variables;
  if (!sealingKeys || !codeIndexKey) throw new StackError(`${file} lacks SEALING_KEYS or CODE_INDEX_KEY`);
  const {
    NOTIFICATION_SIGNING_KEY: signingKey,
    VAPID_PUBLIC_KEY: publicKey,
    VAPID_PRIVATE_KEY: privateKey,
  } = variables;
  // Files from before there were notifications lack these.
  const fresh = generateFunctionKeys();
  return {
    sealingKeys: `${generateSealingKey()},${sealingKeys}`,
    codeIndexKey,
    notificationSigningKey: signingKey || fresh.notificationSigningKey,
    vapidKeys: publicKey && privateKey ? { publicKey, privateKey } : fresh.vapidKeys,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StackError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
