import { type ErrorSlug, errorText, isErrorSlug } from "@neighbourhood-help/client/contracts";
import type { Redemption, Refusal } from "./api.ts";
import { language, moment, type TextName, text } from "./texts.ts";

/** A button below what is shown: its text, and what it does. */
export interface Action {
  readonly name: TextName;
  readonly run: () => unknown;
}

/** What the cashier sees of a code. */
export interface View {
  readonly kind: "good" | "bad" | "plain";
  readonly heading: string;
  readonly lines: readonly string[];
  /** The first one has the keyboard: Enter does it. */
  readonly actions: readonly Action[];
}

/** What a code is for, in the language on the screen. */
export function offerOf({ title_de, title_en, discount_type, discount_value, discount_currency }: Redemption): string {
  const title = language() === "de" ? title_de : title_en;
  return `${title} (${discount(discount_type, discount_value ?? 0, discount_currency ?? "EUR")})`;
}

function discount(type: Redemption["discount_type"], value: number, currency: string): string {
  if (type === "free_item") return text("free_item");
  const format = type === "percentage" ? { style: "percent" as const } : { style: "currency" as const, currency };
  const number = type === "percentage" ? value / 100 : value;
  return `−${new Intl.NumberFormat(language(), { ...format, maximumFractionDigits: 2 }).format(number)}`;
}

/** These are no matter of the code: somebody has to look at the till. */
const NEEDS_HELP: readonly string[] = [
  "api_key_invalid",
  "scope_missing",
  "partner_inactive",
  "till_reference_invalid",
  "not_permitted",
] satisfies ErrorSlug[];

/** Why the cashier gives nothing, and what to do. */
export function refusalLines({ code, detail, wait }: Refusal, isOwn: (reference: string) => boolean): string[] {
  const lines = [isErrorSlug(code) ? errorText(code, language()) : code];
  if (code === "code_mistyped") lines.push(text("type_again"));
  if (NEEDS_HELP.includes(code)) lines.push(text("call_for_help"));
  if (wait !== undefined) lines.push(text("wait", { seconds: wait }));
  const reference = detail?.till_reference;
  if (reference && isOwn(reference)) lines.push(text("own_sale", { reference }));
  else if (reference && detail.used_at) lines.push(text("other_sale", { reference, moment: moment(detail.used_at) }));
  return lines;
}

/** Puts a view into its place. */
export function show(place: HTMLElement, view: View | undefined): void {
  place.replaceChildren();
  place.className = view?.kind ?? "";
  if (view === undefined) return;
  const heading = document.createElement("h2");
  heading.textContent = view.heading;
  const lines = view.lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  for (const [index, { name, run }] of view.actions.entries()) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text(name) });
    if (index === 0) button.className = "primary";
    button.addEventListener("click", () => void run());
    buttons.append(button);
  }
  place.append(heading, ...lines, buttons);
  buttons.querySelector("button")?.focus();
}
