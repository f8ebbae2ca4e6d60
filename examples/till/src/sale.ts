const STORED = "sale";

/** A use of a code that was sent and may not have been answered. */
export interface Sale {
  readonly code: string;
  readonly reference: string;
}

/** The number of a new receipt, which no other has: the till, the moment, and a little chance. */
export function newReference(till: string): string {
  const moment = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/gu, "").replace("T", "-");
  const [chance = 0] = crypto.getRandomValues(new Uint16Array(1));
  return `${till}/${moment}-${chance.toString(36).padStart(4, "0")}`;
}

/** Remembers a sale until it has been answered, also when the page is closed: asked again it must bear the same number. */
export function remember(sale: Sale | undefined): void {
  if (sale === undefined) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, JSON.stringify(sale));
}

/** The sale that was not answered. */
export function unanswered(): Sale | undefined {
  const stored = localStorage.getItem(STORED);
  return stored === null ? undefined : (JSON.parse(stored) as Sale);
}
