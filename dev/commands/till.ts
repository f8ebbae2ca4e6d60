// npm run till
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { serve } from "@hono/node-server";
import { build } from "vite";
import { createTill } from "../../examples/till/server.ts";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { addressOfRunningStack } from "../stack/addresses.ts";
import { DEMO_PARTNERS } from "../stack/demo.ts";
import { demoPartnerKey } from "../stack/demo-partners.ts";
import { loadKeys } from "../stack/keys.ts";
import { fail, portOf, runCommand, wrongUsage } from "./command.ts";

const USAGE = `Usage: npm run till -- [options]

Serves the till of examples/till, a page on which a cashier takes members' codes. The shop is that of PARTNER_KEY at
PARTNER_URL; without them it is the demo bakery of the npm start that runs.

  --port N        port of the page; 0 picks a free one (default: 5180)
  --name NAME     begins the receipt numbers of this till (default: till-1)
  --data-dir DIR  where the data of npm start is (default: .local)
  --help          show this text

Ctrl-C stops it.`;

await runCommand({
  usage: USAGE,
  options: {
    port: { type: "string", default: "5180" },
    name: { type: "string", default: "till-1" },
    "data-dir": { type: "string", default: paths.local },
  },
  async run({ port, name, "data-dir": dataDir }) {
    const wanted = portOf("--port", port, USAGE);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/u.test(name)) {
      wrongUsage(`--name ${name}: up to 32 letters, digits and the characters . _ -`, USAGE);
    }
    const page = join(paths.cache, "till");
    const shop = shopOf(resolve(dataDir));
    await build({
      root: join(paths.root, "examples/till"),
      logLevel: "warn",
      build: { outDir: page, emptyOutDir: true, reportCompressedSize: false },
    });
    const { fetch } = createTill({ ...shop, name, page });
    // to this machine alone: whoever reaches it takes codes in the shop's name
    const server = serve({ fetch, port: wanted, hostname: "127.0.0.1" }, (info) =>
      console.log(`\n  Till  http://127.0.0.1:${info.port}\n\n  Ctrl-C stops it.`),
    );
    server.once("error", (error) => fail(new StackError(`the till cannot listen on port ${port}: ${error.message}`)));
  },
});

/** The shop that the environment names, or the demo bakery of the local stack. */
function shopOf(dataDir: string): { partnerUrl: string; key: string } {
  const partnerUrl = process.env["PARTNER_URL"];
  const key = process.env["PARTNER_KEY"];
  if (partnerUrl && key) return { partnerUrl, key };
  if (partnerUrl || key) throw new StackError("PARTNER_URL and PARTNER_KEY belong together: set both, or neither");
  const api = addressOfRunningStack(dataDir, "api");
  const keys = join(dataDir, "keys.json");
  if (api === undefined || !existsSync(keys)) {
    throw new StackError("no stack runs here: npm start, or name a shop by PARTNER_URL and PARTNER_KEY");
  }
  return { partnerUrl: `${api}/functions/v1/partner`, key: demoPartnerKey(loadKeys(keys), DEMO_PARTNERS.bakery) };
}
