import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";

/** Screens that pages show, by the pictures that `tests/browser/accessibility.slow.test.ts` leaves of them. */
const SCREENS: Readonly<Record<string, string>> = {
  home: "home-1-1280-en",
  task: "tasks-task_id-1-320-en",
  messages: "messages-offer_id-1-320-en",
  code: "redemptions-redemption_id-1-320-en",
};

/** Takes the pictures of the app over into `docs/pictures`. */
export function takePictures(): void {
  const folder = join(paths.root, "docs/pictures");
  mkdirSync(folder, { recursive: true });
  for (const [name, screen] of Object.entries(SCREENS)) {
    const picture = join(paths.cache, "browser/screenshots", `${screen}.png`);
    if (!existsSync(picture)) {
      throw new StackError(`${picture} is not there: run npm test -- tests/browser/accessibility.slow.test.ts first`);
    }
    copyFileSync(picture, join(folder, `${name}.png`));
  }
}
