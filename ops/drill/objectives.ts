/** Where the product runs. */
export const ENVIRONMENTS = ["development", "staging", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** How long it may take until everything is back, and how much may be lost, in seconds. */
export interface Objective {
  rto: number;
  rpo: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** As documented. */
export const OBJECTIVES: Readonly<Record<Environment, Objective>> = {
  development: { rto: HOUR, rpo: 24 * HOUR },
  staging: { rto: 30 * MINUTE, rpo: HOUR },
  production: { rto: 15 * MINUTE, rpo: 5 * MINUTE },
};
