import type { Cluster } from "../dev/stack/database/cluster.ts";
import type { Databases } from "./databases.ts";
import type { Progress } from "./progress.ts";
import type { ScenarioResult } from "./result.ts";
import type { Sizes } from "./sizes.ts";

/** What a scenario works with. */
export interface Bench {
  cluster: Cluster;
  databases: Databases;
  sizes: Sizes;
  progress: Progress;
}

/** One part of the benchmark. */
export type Scenario = (bench: Bench) => Promise<ScenarioResult>;
