// Which ports the stack takes and whether they are free. Plain JavaScript, because dev/bootstrap.mjs asks before there is
// any package, on Node 20.
import { createServer } from "node:net";
import { parseArgs } from "node:util";

/** @typedef {"api" | "database" | "studio" | "app"} PortName */

/**
 * What has a port: its name for people, its flag, and what else helps when it is taken.
 *
 * @type {Readonly<Record<PortName, { title: string, flag: string, instead?: string }>>}
 */
export const PORTS = {
  api: { title: "API", flag: "port" },
  database: { title: "database", flag: "db-port" },
  studio: { title: "Studio", flag: "studio-port", instead: "--no-studio" },
  app: { title: "app", flag: "app-port", instead: "--no-app" },
};

const NAMES = /** @type {PortName[]} */ (Object.keys(PORTS));
const HIGHEST = 65_535;
const LOWEST_OF_OURS = 1024;
/** Where the app is when config.toml names another machine as its place. */
const APP_PORT = 3000;

/**
 * The ports of a start: what was asked for, and the others as far from the API's as in config.toml. 0 is any free one.
 *
 * @param {Readonly<Record<PortName, number>>} configured
 * @param {Readonly<Partial<Record<PortName, number | undefined>>>} wanted
 * @returns {Record<PortName, number>}
 */
export function choosePorts(configured, wanted) {
  const api = wanted.api ?? configured.api;
  const beside = (/** @type {PortName} */ name) =>
    wanted[name] ?? (api === 0 ? 0 : api + configured[name] - configured.api);
  const ports = { api, database: beside("database"), studio: beside("studio"), app: beside("app") };
  // so far below the others there is not always one
  const isTooLow = wanted.app === undefined && api !== 0 && ports.app < LOWEST_OF_OURS;
  return isTooLow ? { ...ports, app: Math.max(...Object.values(ports)) + 1 } : ports;
}

/**
 * What is wrong with the ports that a start would take, in one line that says what to do; undefined when they are free.
 *
 * @param {Readonly<Partial<Record<PortName, number>>>} ports
 * @returns {Promise<string | undefined>}
 */
export async function portProblem(ports) {
  const taken = /** @type {PortName[]} */ ([]);
  const used = NAMES.filter((name) => (ports[name] ?? 0) !== 0);
  for (const [index, name] of used.entries()) {
    const port = portOf(ports, name);
    const twin = used.slice(0, index).find((other) => ports[other] === port);
    if (twin)
      return `${PORTS[twin].title} and ${PORTS[name].title} cannot share port ${port}: give one --${PORTS[name].flag} N`;
    if (port < 1 || port > HIGHEST)
      return `there is no port ${port} for ${PORTS[name].title}: add --${PORTS[name].flag} N`;
    if (!(await isPortFree(port))) taken.push(name);
  }
  const [first] = taken;
  if (first === undefined) return undefined;
  if (taken.length === 1 && first !== "api") return portInUse(first, portOf(ports, first));
  const free = await freeApiPort(ports, used);
  const list = taken.map((name) => `${portOf(ports, name)} (${PORTS[name].title})`).join(", ");
  const what = taken.length === 1 ? `API port ${ports.api} is` : `ports ${list} are`;
  const hint = free === undefined ? "" : ` (it moves all ports; ${free} is free)`;
  return `${what} in use: stop what listens there, or start with --port N${hint}`;
}

/**
 * The line for one port that something else listens on.
 *
 * @param {PortName} name
 * @param {number} port
 */
export function portInUse(name, port) {
  const { title, flag, instead } = PORTS[name];
  const hint = `--${flag} N${instead === undefined ? "" : ` or ${instead}`}`;
  return `${title} port ${port} is in use: stop what listens there, or start with ${hint}`;
}

/**
 * As {@link portProblem}, from the flags of `npm start` and the text of config.toml. What else may be wrong with the
 * flags is left to the command.
 *
 * @param {string[]} args
 * @param {string} toml
 */
export async function problemOfArguments(args, toml) {
  const text = { type: /** @type {const} */ ("string") };
  const { values } = parseArgs({
    args,
    strict: false,
    options: Object.fromEntries(NAMES.map((name) => [PORTS[name].flag, text])),
  });
  if (values["help"]) return undefined;
  const asked = NAMES.filter((name) => /^\d+$/.test(String(values[PORTS[name].flag])));
  const wanted = Object.fromEntries(asked.map((name) => [name, Number(values[PORTS[name].flag])]));
  const { api, database, studio, app } = choosePorts(configuredPorts(toml), wanted);
  return portProblem({
    api,
    // which server it will be, and whether its port is ours, only the command knows
    ...(values["postgres"] ? {} : { database }),
    ...(values["no-studio"] ? {} : { studio }),
    ...(values["no-app"] ? {} : { app }),
  });
}

/**
 * The ports of config.toml, read without a parser.
 *
 * @param {string} toml
 * @returns {Record<PortName, number>}
 */
export function configuredPorts(toml) {
  const valueIn = (/** @type {string} */ section, /** @type {string} */ line) =>
    new RegExp(`^\\[${section}\\]\\n(?:(?!\\[).*\\n)*?${line}$`, "m").exec(toml)?.[1];
  const portIn = (/** @type {string} */ section) => Number(valueIn(section, "port = (\\d+)") ?? 0);
  return {
    api: portIn("api"),
    database: portIn("db"),
    studio: portIn("studio"),
    app: appPort(valueIn("auth", 'site_url = "([^"]+)"') ?? ""),
  };
}

/**
 * The port of the app, from `site_url` of config.toml.
 *
 * @param {string} siteUrl
 */
export function appPort(siteUrl) {
  const { hostname, port } = URL.canParse(siteUrl) ? new URL(siteUrl) : { hostname: "", port: "" };
  return ["127.0.0.1", "localhost"].includes(hostname) && port !== "" ? Number(port) : APP_PORT;
}

/**
 * Whether a port on 127.0.0.1 can be listened on right now.
 *
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isPortFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/**
 * A `--port` with which everything would find a free port.
 *
 * @param {Readonly<Partial<Record<PortName, number>>>} ports
 * @param {PortName[]} used
 */
async function freeApiPort(ports, used) {
  const api = portOf(ports, "api");
  for (let distance = 100; distance <= 1000; distance += 100) {
    const moved = used.map((name) => portOf(ports, name) + distance).filter((port) => port <= HIGHEST);
    const areFree = await Promise.all(moved.map(isPortFree));
    if (areFree.length === used.length && areFree.every(Boolean)) return api + distance;
  }
  return undefined;
}

const portOf = (/** @type {Readonly<Partial<Record<PortName, number>>>} */ ports, /** @type {PortName} */ name) =>
  ports[name] ?? 0;
