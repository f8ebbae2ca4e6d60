import { useFormatter, useTranslations } from "use-intl";
import { useCategories } from "../categories.ts";

const MOMENT = { dateStyle: "medium", timeStyle: "short" } as const;

/** What an edit changed, each thing before and after, as the details of an event tell it. */
export function EventChanges({ details }: { details: unknown }) {
  const t = useTranslations("tasks.page.changes");
  const tasks = useTranslations("tasks");
  const format = useFormatter();
  const { nameOf } = useCategories();
  const changed = new Map(Object.entries(typeof details === "object" && details !== null ? details : {}));
  const show: Readonly<Record<string, (value: unknown) => string>> = {
    title: String,
    category: (value) => nameOf(String(value)),
    points_reward: (value) => tasks("points", { points: Number(value) }),
    starts_at: (value) => format.dateTime(new Date(String(value)), MOMENT),
    ends_at: (value) => format.dateTime(new Date(String(value)), MOMENT),
    is_flexible: (value) => t(value === true ? "yes" : "no"),
  };
  const inWords = (name: string, value: unknown) =>
    value === null || value === undefined ? t("none") : (show[name]?.(value) ?? "");
  const lines = (["title", "category", "points_reward", "starts_at", "ends_at", "is_flexible"] as const)
    .filter((name) => changed.has(name))
    .map((name) =>
      t(name, { before: inWords(name, changed.get(`${name}_before`)), after: inWords(name, changed.get(name)) }),
    );
  if (changed.has("description")) lines.push(t("description"));
  if (changed.has("latitude") || changed.has("longitude")) lines.push(t("place"));
  if (lines.length === 0) return null;
  return (
    <ul className="changes">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
