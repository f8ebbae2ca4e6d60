/** Takes the time of parts of a work; `seconds` by their names. */
export function stopwatch() {
  const seconds: Record<string, number> = {};
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const began = performance.now();
    const result = await work();
    seconds[what] = (performance.now() - began) / 1000;
    return result;
  };
  return { seconds, timed };
}
