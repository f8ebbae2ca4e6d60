/** One number that has a target. */
export interface Check {
  /** What was measured, in words that stand alone. */
  name: string;
  value: number;
  /** None: the number stands for the record. */
  target?: { atLeast: number } | { atMost: number };
  /** How the number is written. */
  unit: "times" | "percent" | "count";
}

/** One series of rounds behind the checks. */
export interface Measurement {
  name: string;
  /** Requests (or transactions) in a second, one value for each round. */
  perSecond: number[];
  /** Further facts, for example bytes of write-ahead log. */
  facts?: Readonly<Record<string, number>>;
}

/** How the server answered a query: its plans, also those of statements inside functions. */
export interface Plan {
  name: string;
  plan: string;
}

/** What one scenario found out. */
export interface ScenarioResult {
  scenario: string;
  checks: Check[];
  measurements: Measurement[];
  plans: Plan[];
}

/** Whether a check reached its target, if it has one. */
export function isReached({ value, target }: Check): boolean {
  if (!target) return true;
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}
