/**
 * The REST server prints every database error, also the expected ones that it answers with a proper body (a
 * refused command, a timeout). Errors marked here have been answered and are kept out of the terminal.
 */
const reported = new WeakSet<object>();
let isInstalled = false;

/** Marks an error as answered to the client, and returns it. */
export function silenceReported(error: unknown): unknown {
  install();
  if (typeof error === "object" && error !== null && "code" in error) reported.add(error);
  return error;
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const print = console.error.bind(console);
  console.error = (...values: unknown[]) => {
    const [first] = values;
    if (values.length === 1 && typeof first === "object" && first !== null && reported.has(first)) return;
    print(...values);
  };
}
