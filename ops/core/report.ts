import { Listr } from "listr2";

/** How a command tells what it does: step by step to people, one JSON document to programs. */
export interface Report {
  /**
   * Runs a step under its title.
   *
   * @param work gets a function that shows how far it is.
   */
  step<Result>(title: string, work: (detail: (text: string) => void) => Promise<Result>): Promise<Result>;
  /** One line that people should read. */
  line(text: string): void;
  /** What came of it: `data` with `--json`, the lines otherwise. Once, at the end. */
  result(data: object, lines?: readonly string[]): void;
}

export interface ReportOptions {
  /** Nothing but one JSON document on the standard output; steps and lines are left out. */
  json?: boolean;
}

const NARROWEST_TERMINAL = 40;

/** Without a terminal that can redraw lines (CI, a log file), one line per step is enough. */
export function report({ json = false }: ReportOptions = {}): Report {
  const canRedraw = process.stdout.isTTY && process.stdout.columns >= NARROWEST_TERMINAL;
  return {
    async step(title, work) {
      if (json) return work(() => undefined);
      if (canRedraw) return redrawn(title, work);
      console.log(`• ${title}`);
      return work(() => undefined);
    },
    line(text) {
      if (!json) console.log(text);
    },
    result(data, lines = []) {
      if (json) console.log(JSON.stringify(data, null, 2));
      else for (const line of lines) console.log(line);
    },
  };
}

async function redrawn<Result>(
  title: string,
  work: (detail: (text: string) => void) => Promise<Result>,
): Promise<Result> {
  let done: { result: Result } | undefined;
  const list = new Listr(
    {
      title,
      task: async (_context: unknown, task: { output: string }) => {
        const result = await work((text) => {
          task.output = text;
        });
        done = { result };
      },
    },
    { rendererOptions: { showErrorMessage: false }, registerSignalListeners: false },
  );
  await list.run();
  if (done === undefined) throw new Error(`step ${title} did not end`);
  return done.result;
}
