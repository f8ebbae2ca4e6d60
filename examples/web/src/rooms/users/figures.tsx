import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Loaded } from "../../components/states.tsx";
import { figuresQuery } from "./queries.ts";

/** What a member did so far, in numbers; points only of oneself. */
export function Figures({ userId }: { userId: string }) {
  const t = useTranslations("users");
  const client = useClient();
  const figures = useQuery(figuresQuery(client, userId));
  return (
    <section className="stack-small">
      <h2>{t("figures.title")}</h2>
      <Loaded query={figures}>
        {({ tasks_helped, tasks_created, tasks_completed, points_earned, points_redeemed }) => (
          <dl className="figures">
            <Figure label={t("figures.helped")} value={tasks_helped} />
            <Figure label={t("figures.asked")} value={tasks_created} />
            <Figure label={t("figures.got_help")} value={tasks_completed} />
            <Figure label={t("figures.earned")} value={points_earned} />
            <Figure label={t("figures.redeemed")} value={points_redeemed} />
          </dl>
        )}
      </Loaded>
    </section>
  );
}

function Figure({ label, value }: { label: string; value: number | null }) {
  const t = useTranslations("users");
  if (value === null) return null;
  return (
    <div>
      <dt className="quiet">{label}</dt>
      <dd>{t("number", { value })}</dd>
    </div>
  );
}
