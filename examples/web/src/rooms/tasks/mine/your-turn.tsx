import type { Task } from "@neighbourhood-help/client";
import { useTranslations } from "use-intl";
import { TaskCard } from "../task-card.tsx";

/** What waits for the member, above everything else; nothing when nothing does. */
export function YourTurn({ turns }: { turns: readonly { readonly task: Task; readonly turn: string }[] }) {
  const t = useTranslations("tasks.mine");
  if (turns.length === 0) return null;
  return (
    <>
      <section className="steps" aria-labelledby="your-turn">
        <h2 id="your-turn">{t("your_turn")}</h2>
        <ul className="list">
          {turns.map(({ task, turn }) => (
            <li key={task.id}>
              <strong>{turn}</strong>
              <TaskCard task={task} />
            </li>
          ))}
        </ul>
      </section>
      <h2>{t("all_of_them")}</h2>
    </>
  );
}
