import * as api from "./api.ts";
import { newReference, remember, type Sale, unanswered } from "./sale.ts";
import { scan } from "./scanner.ts";
import { changeLanguage, language, moment, type TextName, text } from "./texts.ts";
import { offerOf, refusalLines, show, type View } from "./views.ts";

function element<Type extends HTMLElement>(selector: string, type: new () => Type): Type {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${selector}`);
}

const code = element("#code", HTMLInputElement);
const camera = element("#camera", HTMLElement);
const video = element("#camera video", HTMLVideoElement);
const result = element("#result", HTMLElement);

let till: api.Till = { till: "till", shop: "", can_cancel: false };
/** Receipts of this till since it was opened. */
const receipts = new Set<string>();
/** What is shown, so that it can be shown in the other language, too. */
let current: () => View | undefined = () => undefined;
/** Counts questions: what an older one answers is not shown any more. */
let asked = 0;

function present(view: () => View | undefined): void {
  current = view;
  show(result, view());
}

const waiting = (name: TextName) => present(() => ({ kind: "plain", heading: text(name), lines: [], actions: [] }));

function nextCode(): void {
  asked += 1;
  present(() => undefined);
  code.value = "";
  code.focus();
}

function refused(refusal: api.Refusal): void {
  const isOwn = (reference: string) => receipts.has(reference);
  present(() => ({
    kind: "bad",
    heading: text("refused"),
    lines: refusalLines(refusal, isOwn),
    actions: [{ name: "next", run: nextCode }],
  }));
}

/** @param canGoOn whether another code may be taken before this is answered. */
function lost(name: "lost_check" | "lost_use", retry: () => unknown, canGoOn: boolean): void {
  const more = canGoOn ? [{ name: "next" as const, run: nextCode }] : [];
  present(() => ({
    kind: "bad",
    heading: text("lost"),
    lines: [text(name)],
    actions: [{ name: "retry", run: retry }, ...more],
  }));
}

async function check(shown: string): Promise<void> {
  // the same code twice in a row, from a scanner that repeats itself, is asked once
  asked += 1;
  const mine = asked;
  waiting("checking");
  const outcome = await api.verify(shown);
  if (mine !== asked) return;
  if (outcome === "lost") return lost("lost_check", () => check(shown), true);
  if ("refusal" in outcome) return refused(outcome.refusal);
  offer(shown, outcome.answer.redemption);
}

function offer(shown: string, redemption: api.Redemption): void {
  const { expires_at, is_test } = redemption;
  const sale = { code: shown, reference: newReference(till.till) };
  present(() => ({
    kind: "good",
    heading: text("valid"),
    lines: [
      offerOf(redemption),
      ...(is_test ? [text("test_code")] : []),
      ...(expires_at === null ? [] : [text("valid_until", { moment: moment(expires_at) })]),
    ],
    actions: [
      { name: "take", run: () => take(sale) },
      ...(till.can_cancel ? [{ name: "give_back" as const, run: () => askToGiveBack(shown, redemption) }] : []),
      { name: "next", run: nextCode },
    ],
  }));
}

async function take(sale: Sale): Promise<void> {
  remember(sale);
  waiting("taking");
  setBusy(true);
  const outcome = await api.use(sale.code, sale.reference);
  if (outcome === "lost") return lost("lost_use", () => take(sale), false);
  remember(undefined);
  setBusy(false);
  if ("refusal" in outcome) return refused(outcome.refusal);
  const { redemption, is_repeat } = outcome.answer;
  receipts.add(sale.reference);
  present(() => ({
    kind: "good",
    heading: text(is_repeat ? "used_before" : "used"),
    lines: [
      offerOf(redemption),
      ...(redemption.is_test ? [text("test_code")] : []),
      `${text("receipt")}: ${sale.reference}`,
    ],
    actions: [{ name: "next", run: nextCode }],
  }));
}

function askToGiveBack(shown: string, redemption: api.Redemption): void {
  present(() => ({
    kind: "plain",
    heading: text("give_back"),
    lines: [text("give_back_question"), offerOf(redemption)],
    actions: [
      { name: "keep", run: () => offer(shown, redemption) },
      { name: "give_back", run: () => giveBack(redemption) },
    ],
  }));
}

async function giveBack(redemption: api.Redemption): Promise<void> {
  waiting("checking");
  const outcome = await api.cancel(redemption.id, text("give_back_reason"));
  if (outcome === "lost") return lost("lost_check", () => giveBack(redemption), true);
  if ("refusal" in outcome) return refused(outcome.refusal);
  present(() => ({
    kind: "good",
    heading: text("give_back"),
    lines: [text("given_back")],
    actions: [{ name: "next", run: nextCode }],
  }));
}

/** Until a use is answered no other code is taken: its receipt would be forgotten. */
function setBusy(isBusy: boolean): void {
  for (const control of document.querySelectorAll<HTMLInputElement | HTMLButtonElement>(
    "#entry input, #entry button",
  )) {
    control.disabled = isBusy;
  }
}

let stopCamera = new AbortController();
async function scanWithCamera(): Promise<void> {
  stopCamera.abort();
  stopCamera = new AbortController();
  camera.hidden = false;
  try {
    const found = await scan(video, stopCamera.signal);
    if (found === undefined) return;
    code.value = found;
    camera.hidden = true;
    await check(found);
  } catch {
    present(() => ({ kind: "bad", heading: text("no_camera"), lines: [], actions: [{ name: "next", run: nextCode }] }));
  } finally {
    camera.hidden = true;
  }
}

function showTexts(): void {
  document.documentElement.lang = language();
  document.title = [text("title"), till.shop].filter(Boolean).join(" · ");
  for (const place of document.querySelectorAll<HTMLElement>("[data-text]")) {
    place.textContent = text(place.dataset["text"] as TextName);
  }
  element("#shop", HTMLElement).textContent = till.shop;
  const other = element("#language", HTMLButtonElement);
  other.textContent = text("language");
  other.lang = language() === "de" ? "en" : "de";
  element("#offline", HTMLElement).textContent = navigator.onLine ? "" : text("offline");
  show(result, current());
}

element("#entry", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void check(code.value);
});
element("#scan", HTMLButtonElement).addEventListener("click", () => void scanWithCamera());
element("#stop", HTMLButtonElement).addEventListener("click", () => {
  stopCamera.abort();
  element("#scan", HTMLButtonElement).focus();
});
element("#language", HTMLButtonElement).addEventListener("click", (event) => {
  changeLanguage();
  showTexts();
  (event.currentTarget as HTMLElement).focus();
});
addEventListener("online", showTexts);
addEventListener("offline", showTexts);
// A scanner types without looking where the keyboard is: what it types goes into the field, and its Enter presses no button.
addEventListener("keydown", (event) => {
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isText || event.target === code || code.disabled) return;
  code.value = "";
  code.focus();
});

showTexts();
// no code is taken before the till knows its name, which receipts begin with, and has an answer for the sale before
setBusy(true);
const outcome = await api.till();
if (outcome === "lost") lost("lost_check", () => location.reload(), false);
else {
  setBusy(false);
  if ("refusal" in outcome) refused(outcome.refusal);
  else {
    till = outcome.answer;
    showTexts();
    const sale = unanswered();
    if (sale === undefined) code.focus();
    else await take(sale);
  }
}
