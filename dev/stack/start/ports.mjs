// Which ports the stack takes and whether they are free. Plain JavaScript, because dev/bootstrap.mjs asks before there is
// any package, on Node 20.
import { createServer } from "node:net";
import { parseArgs } from "node:util";

/** @typedef {"api" | "database" | "studio"} PortName */

/**
 * What has a port: its name for people, its section in config.toml, its flag, and what else helps when it is taken.
 *
 * @type {Readonly<Record<PortName, { title: string, section: string, flag: string, instead?: string }>>}
 */
export const PORTS = {
  api: { title: "API", section: "api", flag: "port" },
  database: { title: "database", section: "db", flag: "db-port" },
  studio: { title: "Studio", section: "studio", flag: "studio-port", instead: "--no-studio" },
};

const NAMES = /** @type {PortName[]} */ (Object.keys(PORTS));
const HIGHEST = 65_535;

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
  return { api, database: beside("database"), studio: beside("studio") };
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
  const { api, database, studio } = choosePorts(configuredPorts(toml), wanted);
  return portProblem({
    api,
    // which server it will be, and whether its port is ours, only the command knows
    ...(values["postgres"] ? {} : { database }),
    ...(values["no-studio"] ? {} : { studio }),
  });
}

/**
 * The ports of config.toml, read without a parser.
 *
 * @param {string} toml
 * @returns {Record<PortName, number>}
 */
export function configuredPorts(toml) {
  const portIn = (/** @type {string} */ section) =>
    Number(new RegExp(`^\\[${section}\\]\\n(?:(?!\\[).*\\n)*?port = (\\d+)$`, "m").exec(toml)?.[1] ?? 0);
  return { api: portIn("api"), database: portIn("db"), studio: portIn("studio") };
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
