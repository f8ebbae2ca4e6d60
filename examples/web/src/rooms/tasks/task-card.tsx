import type { Task } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useCategories } from "./categories.ts";

interface TaskCardProps {
  readonly task: Pick<Task, "id" | "title" | "category" | "points_reward" | "starts_at" | "status">;
  /** Metres, where the list knows them. */
  readonly distance?: number;
  /** What else a list knows of it: why it was found, for example. */
  readonly children?: ReactNode;
}

/** A task in a list; leads to its page. */
export function TaskCard({ task, distance, children }: TaskCardProps) {
  const t = useTranslations("tasks");
  const format = useFormatter();
  const { nameOf } = useCategories();
  const facts = [
    nameOf(task.category),
    distance !== undefined && format.number(distance / 1000, { style: "unit", unit: "kilometer" }),
    task.starts_at !== null && format.dateTime(new Date(task.starts_at), { dateStyle: "medium", timeStyle: "short" }),
  ].filter((fact) => fact !== false);
  return (
    <Link to="/tasks/$task_id" params={{ task_id: task.id }} className="card">
      <strong>{task.title}</strong>
      <span className="quiet">{facts.join(" · ")}</span>
      {children}
      <span>
        <span className="tag">{t("points", { points: task.points_reward })}</span>
        {task.status !== "open" && <span> {t(`status.${task.status}`)}</span>}
      </span>
    </Link>
  );
}
