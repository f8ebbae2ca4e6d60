import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { releaseNotes } from "./changelog.ts";
import { runCommand } from "./command.ts";

const USAGE = `Usage: npm run --silent release:notes -- <tag>

Checks that a tag, the version of src/client/package.json and a section of CHANGELOG.md belong together, and prints the
section. The release workflow begins with it: docs/operations/releases.md.

  tag      like v1.2.3
  --help   show this text`;

await runCommand({
  usage: USAGE,
  options: {},
  positionals: ["tag"],
  async run(_, [tag = ""]) {
    const { version } = JSON.parse(readFileSync(join(paths.client, "package.json"), "utf8"));
    console.log(releaseNotes(tag, version, readFileSync(join(paths.root, "CHANGELOG.md"), "utf8")));
  },
});
