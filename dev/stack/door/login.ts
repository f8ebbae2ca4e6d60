import { timingSafeEqual } from "node:crypto";
import { errorResponse, type Message, message, readyForQuery, textsOf } from "./messages.ts";
import type { Settings } from "./turn.ts";

const PROTOCOL = 3;
const CANCEL = 80_877_102;
const ENCRYPTION = new Set([80_877_103, 80_877_104]); // TLS, GSSAPI

/** What the first message of a connection asks for. */
export type Opening =
  | { kind: "encryption" }
  | { kind: "cancel"; id: number; secret: number }
  | { kind: "login"; user: string; database: string; settings: Settings }
  | { kind: "unknown" };

/** Reads a message of a connection that is not logged in yet. */
export function openingOf(message: Message): Opening {
  if (message.length < 8) return { kind: "unknown" };
  const code = message.readInt32BE(4);
  if (ENCRYPTION.has(code)) return { kind: "encryption" };
  if (code === CANCEL && message.length >= 16) {
    return { kind: "cancel", id: message.readInt32BE(8), secret: message.readInt32BE(12) };
  }
  if (code >> 16 !== PROTOCOL) return { kind: "unknown" };
  const texts = textsOf(message, 8, message.subarray(8).filter((byte) => byte === 0).length);
  const parameters = new Map<string, string>();
  for (let index = 0; index + 1 < texts.length && texts[index] !== ""; index += 2) {
    parameters.set(texts[index] ?? "", texts[index + 1] ?? "");
  }
  const { user = "", database = user, options = "", replication: _, ...settings } = Object.fromEntries(parameters);
  return { kind: "login", user, database, settings: { ...settings, ...optionsOf(options) } };
}

/** `-c name=value` and `--name=value`; a blank in a value is written with a backslash. */
function optionsOf(text: string): Settings {
  const pairs = [...text.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g)];
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")]));
}

/** Asks for the password. */
export const PASSWORD_PLEASE: Message = message("R", 3);

/** Whether a client's answer holds the password. */
export function isPassword(answer: Message, password: string): boolean {
  const given = Buffer.from(textsOf(answer, 5, 1)[0] ?? "");
  const wanted = Buffer.from(password);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Lets a client in, and tells it what it needs to know of the server. */
export function welcome(serverVersion: string, settings: Settings, id: number, secret: number): Buffer {
  const parameters = {
    server_version: serverVersion,
    server_encoding: "UTF8",
    client_encoding: settings["client_encoding"] ?? "UTF8",
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    TimeZone: settings["TimeZone"] ?? "GMT",
    integer_datetimes: "on",
    standard_conforming_strings: "on",
    is_superuser: "off",
    application_name: settings["application_name"] ?? "",
  };
  const statuses = Object.entries(parameters).map(([name, value]) => message("S", name, value));
  return Buffer.concat([message("R", 0), ...statuses, message("K", id, secret), readyForQuery("I")]);
}

/** Why somebody is not let in. */
export function refusal(opening: { user: string; database: string }, owner: string): Message | undefined {
  if (opening.user !== owner) {
    return errorResponse("FATAL", "28000", `this database is entered as ${owner}, not as ${opening.user}`);
  }
  if (opening.database !== "postgres") {
    return errorResponse("FATAL", "3D000", `database "${opening.database}" does not exist: there is only postgres`);
  }
  return undefined;
}
