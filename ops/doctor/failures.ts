import type { Address } from "../core/address.ts";
import { codeOf, explanationOf } from "../core/explain.ts";
import type { Illness } from "./illnesses.ts";
import { reasonOf } from "./patient.ts";
import { endpointOf } from "./probe.ts";

/** Why there is no connection. */
export interface Failure {
  readonly illness: Illness;
  readonly says: string;
  readonly next: string;
}

/** What an error of the driver means. */
export function failureOf(error: unknown, address: Address): Failure {
  const explanation = explanationOf(error, address.name);
  const { host, port } = endpointOf(address);
  return {
    illness: explanation?.failure ?? "host_unreachable",
    says: reasonOf(error) || codeOf(error),
    next: explanation?.next ?? `is the server up, and may this machine reach it? pg_isready -h ${host} -p ${port}`,
  };
}
