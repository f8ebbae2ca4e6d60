import type { Coordinates } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useLanguage } from "../../texts/language.tsx";
import { TaskCard } from "../tasks/task-card.tsx";

/** A few tasks that could suit the member, and why. Nothing where there are none. */
export function Recommended({ where: { latitude, longitude } }: { where: Coordinates }) {
  const t = useTranslations("map");
  const client = useClient();
  const { language } = useLanguage();
  const { data } = useQuery({
    queryKey: ["recommendations", "tasks", latitude, longitude],
    queryFn: ({ signal }) => client.recommendations.tasksPage({ latitude, longitude, page_size: 3 }, { signal }),
    staleTime: 5 * 60_000,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <details className="details">
      <summary>{t("recommended")}</summary>
      <ul className="list">
        {data.items.map((task) => (
          <li key={task.id}>
            <TaskCard task={task} distance={task.distance_m}>
              <span className="quiet">{task[`explanation_${language}`]}</span>
            </TaskCard>
          </li>
        ))}
      </ul>
    </details>
  );
}
