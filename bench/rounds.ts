import type { LoadResult } from "./pgbench.ts";
import type { Progress } from "./progress.ts";

/** One of the things that are compared. */
export interface Contestant<Result extends LoadResult = LoadResult> {
  name: string;
  /** Plays the load of one round. */
  play(): Promise<Result>;
}

/**
 * Plays A, B, C, C, B, A, A, … so that whatever else the machine does, and who went before, meets all of them alike. The
 * round before the first one fills caches and is not counted.
 *
 * @returns for each contestant the results of its rounds.
 */
export async function interleave<Result extends LoadResult>(
  contestants: readonly Contestant<Result>[],
  rounds: number,
  progress: Progress,
): Promise<Result[][]> {
  const results: Result[][] = contestants.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    const line: string[] = [];
    const order = [...contestants.entries()];
    for (const [index, contestant] of round % 2 === 0 ? order : order.reverse()) {
      const result = await contestant.play();
      if (round > 0) results[index]?.push(result);
      line.push(`${contestant.name} ${Math.round(result.tps)}/s`);
    }
    progress.note(`${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}: ${line.join(", ")}`);
  }
  return results;
}
