/** How much is generated in one database. */
export interface DataSize {
  /** Members. */
  users: number;
  /** Tasks in all states but archived. */
  tasks: number;
  /** Of these: waiting for confirmation. */
  pending: number;
  /** Of these: open within 5 km of the centre of the search. */
  inCentre: number;
  /** Ledger rows of every member besides the earned ones. */
  history: number;
  /** Members with long lists. */
  busyUsers: number;
  /** Ledger rows of such a member besides the earned ones. */
  busyHistory: number;
  /** Codes waiting in the pool of a reward. */
  poolCodes: number;
  /** Of the tasks: completed. What is neither waiting nor completed is open. */
  completed: number;
  /** Of the completed: not long ago, so that their creators can rate; the helpers of half of them have rated. */
  rateable: number;
  /** Tasks created, tasks helped with and ratings of the first member whose statistics are read; the second has three times as many. */
  items: number;
  /** Further tasks, done long ago: they stand in the books and in the statistics. */
  archived: number;
  /** Places, with reviews. With none, ratings and preferences are left out, too. */
  places: number;
}

/** How long and how hard it is measured. */
export interface Effort {
  clients: number;
  rounds: number;
  /** Confirmations of one client in one round; every round goes on where the last one ended. */
  confirmationsPerClient: number;
  /** Redemptions of one client in one round. */
  redemptionsPerClient: number;
  /** The same where all clients wait for one row; together they need no more codes than the pool holds. */
  sharedRedemptionsPerClient: number;
  /** Confirmations and ratings of one client in one round, with and without what is added to them. */
  additionsPerClient: number;
  /** Requests of one till in one round. */
  requestsPerTill: number;
  /** Webhook messages of one round, spread over the endpoints that answer. */
  webhookMessages: number;
  /** Length of one round of reads. */
  secondsPerRound: number;
  /** How many pages of the search lie before the deep one. */
  nearbyPages: number;
  /** How many rows of a list of tasks or offers lie before the deep page. */
  listRows: number;
  /** How many rows of the point history lie before the deep page. */
  historyRows: number;
}

/** One run: amounts of data, two of each kind so that growth shows, and the effort. */
export interface Sizes {
  name: "full" | "quick" | "huge";
  large: DataSize;
  small: DataSize;
  /** What members come back for: ratings, places, search, statistics. */
  neighbourhood: { large: DataSize; small: DataSize };
  effort: Effort;
}

/** The sizes that the targets speak about. */
export const FULL: Sizes = {
  name: "full",
  large: {
    users: 250_000,
    tasks: 1_000_000,
    pending: 300_000,
    inCentre: 20_000,
    history: 2,
    busyUsers: 20,
    busyHistory: 5_000,
    poolCodes: 60_000,
    completed: 340_000,
    rateable: 0,
    items: 0,
    archived: 0,
    places: 0,
  },
  small: {
    users: 50_000,
    tasks: 100_000,
    pending: 40_000,
    inCentre: 20_000,
    history: 2,
    busyUsers: 20,
    busyHistory: 5_000,
    poolCodes: 60_000,
    completed: 20_000,
    rateable: 0,
    items: 0,
    archived: 0,
    places: 0,
  },
  neighbourhood: {
    large: {
      users: 1_000_000,
      tasks: 1_180_800,
      pending: 60_000,
      inCentre: 20_000,
      history: 0,
      busyUsers: 20,
      busyHistory: 0,
      poolCodes: 0,
      completed: 120_800,
      rateable: 120_000,
      items: 100,
      archived: 4_879_200,
      places: 100_000,
    },
    small: {
      users: 100_000,
      tasks: 102_800,
      pending: 1_000,
      inCentre: 20_000,
      history: 0,
      busyUsers: 20,
      busyHistory: 0,
      poolCodes: 0,
      completed: 1_800,
      rateable: 1_000,
      items: 100,
      archived: 198_200,
      places: 10_000,
    },
  },
  effort: {
    clients: 16,
    rounds: 5,
    confirmationsPerClient: 1_200,
    redemptionsPerClient: 1_000,
    sharedRedemptionsPerClient: 300,
    additionsPerClient: 200,
    requestsPerTill: 100,
    webhookMessages: 10_000,
    secondsPerRound: 2,
    nearbyPages: 50,
    listRows: 400,
    historyRows: 2_500,
  },
};

/** A smoke test of the benchmark itself; its ratios mean nothing. */
export const QUICK: Sizes = {
  name: "quick",
  large: {
    users: 2_000,
    tasks: 20_000,
    pending: 10_000,
    inCentre: 2_000,
    history: 4,
    busyUsers: 4,
    busyHistory: 400,
    poolCodes: 2_000,
    completed: 4_000,
    rateable: 0,
    items: 0,
    archived: 0,
    places: 0,
  },
  small: {
    users: 1_000,
    tasks: 6_000,
    pending: 2_000,
    inCentre: 2_000,
    history: 4,
    busyUsers: 4,
    busyHistory: 400,
    poolCodes: 2_000,
    completed: 1_000,
    rateable: 0,
    items: 0,
    archived: 0,
    places: 0,
  },
  neighbourhood: {
    large: {
      users: 5_000,
      tasks: 20_000,
      pending: 4_000,
      inCentre: 2_000,
      history: 0,
      busyUsers: 4,
      busyHistory: 0,
      poolCodes: 0,
      completed: 4_160,
      rateable: 4_000,
      items: 20,
      archived: 10_000,
      places: 1_000,
    },
    small: {
      users: 1_000,
      tasks: 5_000,
      pending: 1_000,
      inCentre: 2_000,
      history: 0,
      busyUsers: 4,
      busyHistory: 0,
      poolCodes: 0,
      completed: 1_160,
      rateable: 1_000,
      items: 20,
      archived: 1_000,
      places: 200,
    },
  },
  effort: {
    clients: 16,
    rounds: 3,
    confirmationsPerClient: 40,
    redemptionsPerClient: 40,
    sharedRedemptionsPerClient: 10,
    additionsPerClient: 10,
    requestsPerTill: 10,
    webhookMessages: 600,
    secondsPerRound: 1,
    nearbyPages: 5,
    listRows: 20,
    historyRows: 200,
  },
};

/** Ten times the million tasks, as `--huge` measures it: as much as half an hour and 60 GB of disk hold. */
export const HUGE: Sizes = huge({
  users: 2_000_000,
  tasks: 2_000_000,
  pending: 250_000,
  inCentre: 20_000,
  history: 21,
  busyUsers: 20,
  busyHistory: 5_000,
  poolCodes: 0,
  completed: 250_000,
  rateable: 100_000,
  items: 100,
  archived: 8_000_000,
  places: 200_000,
});

/** The same with so little that it takes a minute; its ratios mean nothing. */
export const HUGE_QUICK: Sizes = {
  ...huge({
    ...HUGE.large,
    users: 20_000,
    tasks: 40_000,
    pending: 20_000,
    inCentre: 1_000,
    busyHistory: 100,
    completed: 5_000,
    rateable: 1_000,
    items: 10,
    archived: 20_000,
    places: 10_000,
  }),
  name: "quick",
  effort: { ...QUICK.effort, rounds: 2, confirmationsPerClient: 20, redemptionsPerClient: 20 },
};

/** The small amount is a tenth, with as much in the centre: only what grows around it is more. */
function huge(large: DataSize): Sizes {
  const tenth = (value: number) => Math.round(value / 10);
  const small = {
    ...large,
    users: tenth(large.users),
    tasks: tenth(large.tasks),
    pending: tenth(large.pending),
    completed: tenth(large.completed),
    rateable: tenth(large.rateable),
    archived: tenth(large.archived),
    places: tenth(large.places),
  };
  const effort = { ...FULL.effort, confirmationsPerClient: 250, redemptionsPerClient: 250 };
  return { name: "huge", large, small, neighbourhood: { large, small }, effort };
}
