/**
 * Which of the addresses that partners chose may be called: public ones only, and the name is resolved once, so that the
 * connection goes to exactly the address that was checked.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import { abortable } from "./std.ts";

/** How names are looked up. */
export interface AddressOptions {
  /** For development: loopback addresses may be called as well, by http, too. */
  readonly allowLoopback: boolean;
  /** All addresses of a host name. Default: the system's resolver. */
  readonly resolve?: (hostName: string) => Promise<readonly string[]>;
}

/** An address that was checked: nothing is resolved after this. */
export interface Target {
  readonly url: URL;
  /** Without the brackets of IPv6. */
  readonly hostName: string;
  readonly addresses: readonly string[];
}

/** Ends a request before it has an answer. The message goes to partners and names no inner address. */
export class Failure extends Error {}

const MAX_URL_LENGTH = 2_000;
/** Names that mean something inside somebody's network only. */
const INNER_NAMES = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/;
/** Global unicast; everything else in IPv6 is special, including the old ways to write an IPv4 address in it. */
const IPV6_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** A machine of the cloud platform behind an address that looks public (Azure). */
const PLATFORM_ADDRESSES: readonly string[] = ["168.63.129.16"];

/**
 * Checks an address and finds out where it leads.
 *
 * @throws Failure saying why it may not be called.
 */
export async function findTarget(text: string, options: AddressOptions, signal: AbortSignal): Promise<Target> {
  const url = readUrl(text);
  const hostName = url.hostname.replace(/^\[|\]$/g, "");
  checkName(hostName, options);
  const addresses = ipaddr.isValid(hostName)
    ? [hostName]
    : await resolve(hostName, options.resolve ?? systemResolver, signal);

  const isLoopback = options.allowLoopback && addresses.every((address) => rangeOf(address) === "loopback");
  if (!isLoopback) {
    // One inner address among public ones is enough to be led inside.
    if (!addresses.every(isPublic)) throw new Failure("the address is not public");
    if (url.protocol !== "https:") throw new Failure("the address must begin with https://");
    const port = Number(url.port || 443);
    if (port !== 443 && port < 1024) throw new Failure("the port must be 443 or at least 1024");
  }
  return { url, hostName, addresses };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  // The parser forgives a lot, and what it forgives others may read differently.
  if (url === null || text.length > MAX_URL_LENGTH || !/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(text)) {
    throw new Failure("the address is not a URL that begins with https://");
  }
  if (url.username !== "" || url.password !== "" || /^[^/]+\/\/[^/?#]*@/.test(text)) {
    throw new Failure("the address must not hold a user name or password");
  }
  if (text.includes("#")) throw new Failure("the address must not have a fragment");
  // The parser turns 2130706433, 0x7f.1 and 0177.0.0.1 into four decimal numbers; nobody writes them with good intent.
  const written = /^[^/]+\/\/([^/?:]*)/.exec(text)?.[1];
  if (ipaddr.IPv4.isValid(url.hostname) && written !== url.hostname)
    throw new Failure("the IP address must be four decimal numbers");
  return url;
}

function checkName(hostName: string, options: AddressOptions): void {
  if (ipaddr.isValid(hostName) || (options.allowLoopback && hostName === "localhost")) return;
  if (hostName.endsWith(".") || !hostName.includes(".") || INNER_NAMES.test(hostName)) {
    throw new Failure("the host name is not public");
  }
}

async function resolve(
  hostName: string,
  resolver: (hostName: string) => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await abortable(resolver(hostName), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure("host name not found");
  }
  if (addresses.length === 0) throw new Failure("host name not found");
  return addresses;
}

async function systemResolver(hostName: string): Promise<readonly string[]> {
  const found = await lookup(hostName, { all: true });
  // Not every place has a way to IPv6.
  return found.sort((one, other) => one.family - other.family).map(({ address }) => address);
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).range() : "invalid";
}

function isPublic(address: string): boolean {
  if (rangeOf(address) !== "unicast" || PLATFORM_ADDRESSES.includes(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === "ipv4" || parsed.match(IPV6_UNICAST);
}
