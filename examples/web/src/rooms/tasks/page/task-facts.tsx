import type { TaskWithPeople } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useSignedIn } from "../../../app/context.ts";
import { MemberLink } from "../../users/member-link.tsx";
import { useCategories } from "../categories.ts";
import { useTimes } from "./times.ts";

/** What the task is about, when, for how much, and between whom. */
export function TaskFacts({ task }: { task: TaskWithPeople }) {
  const t = useTranslations("tasks");
  const format = useFormatter();
  const me = useSignedIn().id;
  const { nameOf } = useCategories();
  const times = useTimes(task);
  return (
    <section className="stack" aria-label={t("page.facts")}>
      <p className="as-written">{task.description}</p>
      <dl className="facts">
        <div>
          <dt>{t("page.category")}</dt>
          <dd>{nameOf(task.category)}</dd>
        </div>
        <div>
          <dt>{t("page.when")}</dt>
          <dd>{times}</dd>
        </div>
        <div>
          <dt>{t("page.reward")}</dt>
          <dd>
            {t("points", { points: task.points_reward })}
            <br />
            <span className="quiet">{t(`page.funding.${task.reward_funding}`)}</span>
          </dd>
        </div>
        {task.status === "open" && task.expires_at !== null && (
          <div>
            <dt>{t("page.open_until")}</dt>
            <dd>{format.dateTime(new Date(task.expires_at), { dateStyle: "medium", timeStyle: "short" })}</dd>
          </div>
        )}
        <div>
          <dt>{task.creator_id === me ? t("page.creator_is_you") : t("page.creator")}</dt>
          <dd>
            <MemberLink user={task.creator} />
          </dd>
        </div>
        {task.helper && (
          <div>
            <dt>{task.helper_id === me ? t("page.helper_is_you") : t("page.helper")}</dt>
            <dd>
              <MemberLink user={task.helper} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
