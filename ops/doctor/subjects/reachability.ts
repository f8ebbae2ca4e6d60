import type { Address } from "../../core/address.ts";
import { failureOf } from "../failures.ts";
import { type Findings, fine, ill, unasked } from "../finding.ts";
import { ILLNESSES } from "../illnesses.ts";
import { endpointOf, type Probe, probe } from "../probe.ts";
import type { FirstSubject } from "../subject.ts";

const SLOW_MS = 500;
const MUST_BE_TLS = ["require", "verify-ca", "verify-full"];

export const reachability: FirstSubject = {
  name: "reachability",
  about: "whether the server answers, and over TLS",
  async examine(patient) {
    if (patient.address === undefined) return [unasked("there is no address to reach")];
    const { address } = patient;
    let answer: Probe;
    try {
      answer = await probe(endpointOf(address), 10_000);
    } catch (error) {
      const { illness, says, next } = failureOf(error, address);
      return [ill(illness, `${address.name} does not answer: ${says}`, patient.isLocalStack ? "npm start" : next)];
    }
    const verdict = judgeAnswer(address, answer);
    if (verdict[0].level === "problem") return verdict;
    try {
      await patient.connect();
    } catch (error) {
      const { illness, says, next } = failureOf(error, address);
      if (ILLNESSES[illness].subject === "reachability") return [ill(illness, says, next)];
    }
    return verdict;
  },
};

/** Whether the way to the server is good. */
export function judgeAnswer(address: Address, { offersTls, milliseconds }: Probe): Findings {
  const { name, isLocal } = address;
  const mode = new URL(address.url).searchParams.get("sslmode") ?? process.env["PGSSLMODE"] ?? "prefer";
  const isDemanded = MUST_BE_TLS.includes(mode);
  if (isDemanded && !offersTls) {
    const next = isLocal
      ? "put sslmode=disable into DATABASE_URL: the server is on this machine"
      : "switch TLS on at the server (ssl = on in postgresql.conf) rather than off here";
    return [ill("tls_refused", `DATABASE_URL asks for sslmode=${mode}, and the server speaks no TLS`, next)];
  }
  if (!isLocal && !isDemanded) {
    const next = offersTls
      ? "add ?sslmode=require to DATABASE_URL"
      : "switch TLS on at the server, then ?sslmode=require";
    return [ill("tls_off", `what is said to ${name} may be read on the way, as sslmode=${mode} allows it`, next)];
  }
  const time = `${Math.round(milliseconds)} ms`;
  if (milliseconds > SLOW_MS) {
    const next = `is the way long, or the server busy? ping ${endpointOf(address).host}`;
    return [ill("answers_slowly", `${name} took ${time} to say hello`, next)];
  }
  return [fine(`answers after ${time}, ${isDemanded ? "over TLS" : "on this machine"}`)];
}
