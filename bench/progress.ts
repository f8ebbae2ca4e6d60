/** Tells the person who waits what is going on. */
export interface Progress {
  /** Runs a step and prints its title and how long it took. */
  step<Result>(title: string, work: () => Promise<Result>): Promise<Result>;
  /** Prints one line of result. */
  note(line: string): void;
}

/** Progress on stderr, so that stdout stays for the summary. */
export function openProgress(): Progress {
  const started = Date.now();
  const write = (text: string) => process.stderr.write(`${clock(Date.now() - started)}  ${text}\n`);
  return {
    async step(title, work) {
      write(`${title} …`);
      const begin = Date.now();
      const result = await work();
      write(`${title}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      return result;
    },
    note: (line) => write(`  ${line}`),
  };
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
