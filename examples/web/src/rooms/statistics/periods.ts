/** The periods of a leaderboard. */
export const PERIODS = ["week", "month", "year", "all"] as const;
/** See {@link PERIODS}. */
export type Period = (typeof PERIODS)[number];
