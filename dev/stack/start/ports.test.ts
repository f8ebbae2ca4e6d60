import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { paths } from "../../base/paths.ts";
import { findFreePort } from "../database/free-port.ts";
import { readSettings } from "../settings.ts";
import { appPort, choosePorts, configuredPorts, portProblem, problemOfArguments } from "./ports.mjs";

const CONFIGURED = { api: 54321, database: 54322, studio: 54323, app: 3000 };

/** Takes a port for the time of the test. */
async function occupy(port: number): Promise<void> {
  const occupant = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void occupant.close());
  await new Promise((resolve) => occupant.once("listening", resolve));
}

it("reads from config.toml what the parser reads", () => {
  const { api, db, studio, auth } = readSettings();
  const ports = { api: api.port, database: db.port, studio: studio.port, app: appPort(auth.site_url) };
  expect(configuredPorts(readFileSync(paths.configToml, "utf8"))).toEqual(ports);
});

it.each([
  [{}, CONFIGURED],
  [{ api: 60000 }, { api: 60000, database: 60001, studio: 60002, app: 8679 }],
  [{ api: 0 }, { api: 0, database: 0, studio: 0, app: 0 }],
  [
    { api: 60000, studio: 7, app: 8 },
    { api: 60000, database: 60001, studio: 7, app: 8 },
  ],
  // so far below the API's there is none
  [{ api: 8000 }, { api: 8000, database: 8001, studio: 8002, app: 8003 }],
  [{ database: 5432 }, { api: 54321, database: 5432, studio: 54323, app: 3000 }],
  [
    { api: 0, database: 5432, app: 3000 },
    { api: 0, database: 5432, studio: 0, app: 3000 },
  ],
])("%o moves the others along, unless they have one of their own", (wanted, ports) => {
  expect(choosePorts(CONFIGURED, wanted)).toEqual(ports);
});

it.each([
  ["http://127.0.0.1:3000", 3000],
  ["http://localhost:5000/", 5000],
  ["https://help.example.org", 3000],
  ["http://help.example.org:8080", 3000],
  ["", 3000],
])("the app of site_url %j is served at %i", (siteUrl, port) => {
  expect(appPort(siteUrl)).toBe(port);
});

it("tells each port that is taken from its flag, and a --port that is free", async () => {
  const api = await findFreePort();
  const ports = { api, database: api + 1, studio: api + 2 };
  await occupy(api + 2);
  expect(await portProblem(ports)).toBe(
    `Studio port ${api + 2} is in use: stop what listens there, or start with --studio-port N or --no-studio`,
  );
  expect(await portProblem({ api, database: api + 1 })).toBeUndefined();
  await occupy(api);
  expect(await portProblem(ports)).toMatch(
    new RegExp(
      `^ports ${api} \\(API\\), ${api + 2} \\(Studio\\) are in use: stop what listens there, or start with --port N \\(it moves all ports; \\d+ is free\\)$`,
    ),
  );
  expect(await portProblem({ api })).toMatch(
    /^API port \d+ is in use: .* --port N \(it moves all ports; \d+ is free\)$/,
  );
});

it("refuses ports that cannot be", async () => {
  expect(await portProblem({ api: 7, studio: 7 })).toBe("API and Studio cannot share port 7: give one --studio-port N");
  expect(await portProblem({ api: 0, studio: 0 })).toBeUndefined();
  expect(await portProblem({ api: 0, studio: 65536 })).toBe("there is no port 65536 for Studio: add --studio-port N");
});

it("leaves flags that are wrong, and --help, to the command", async () => {
  const toml = '[api]\nschemas = ["public"]\nport = 54321\n\n[db]\nport = 54322\n\n[studio]\nport = 54323\n';
  const port = await findFreePort();
  await occupy(port);
  expect(await problemOfArguments(["--port", "0", "--studio-port", "abc", "--no-such-flag"], toml)).toBeUndefined();
  expect(await problemOfArguments(["--port", String(port), "--help"], toml)).toBeUndefined();
  expect(await problemOfArguments(["--port", String(port), "--no-studio"], toml)).toMatch(/ in use: /);
});
