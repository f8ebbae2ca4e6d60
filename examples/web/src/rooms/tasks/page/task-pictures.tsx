import type { Task } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";

const HALF_AN_HOUR = 30 * 60_000;

/** The pictures of a task. One that cannot be shown is left out: the words carry the task. */
export function TaskPictures({ task }: { task: Pick<Task, "image_paths" | "title"> }) {
  const t = useTranslations("tasks.page");
  const client = useClient();
  const { data = [] } = useQuery({
    queryKey: ["pictures", "task", task.image_paths],
    queryFn: ({ signal }) => client.pictures.taskImageUrls({ paths: task.image_paths }, { signal }),
    enabled: task.image_paths.length > 0,
    // the addresses hold for an hour
    staleTime: HALF_AN_HOUR,
    gcTime: HALF_AN_HOUR,
  });
  const urls = data.flatMap(({ url }) => (url === null ? [] : [url]));
  if (urls.length === 0) return null;
  return (
    <ul className="task-pictures">
      {urls.map((url, index) => (
        <li key={url}>
          <a href={url} target="_blank" rel="noreferrer">
            <img src={url} alt={t("picture", { number: index + 1, count: urls.length })} loading="lazy" />
          </a>
        </li>
      ))}
    </ul>
  );
}
