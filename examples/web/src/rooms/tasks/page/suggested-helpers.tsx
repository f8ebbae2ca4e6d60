import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { Button } from "../../../components/button.tsx";
import { Empty, Loaded } from "../../../components/states.tsx";
import { useLanguage } from "../../../texts/language.tsx";
import { MemberLink } from "../../users/member-link.tsx";

/** Members who might help and agreed to be suggested. Asked for by a button, because there is a limit to it. */
export function SuggestedHelpers({ taskId }: { taskId: string }) {
  const t = useTranslations("tasks.page.suggested");
  const client = useClient();
  const { language } = useLanguage();
  const [isWanted, setIsWanted] = useState(false);
  const helpers = useQuery({
    queryKey: ["recommendations", "helpers", taskId],
    queryFn: ({ signal }) => client.recommendations.helpers(taskId, { signal }),
    enabled: isWanted,
    // a task keeps its suggestions for a day
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!isWanted) {
    return (
      <div className="button-row">
        <Button onClick={() => setIsWanted(true)}>{t("ask")}</Button>
      </div>
    );
  }
  return (
    <section className="stack" aria-labelledby="suggested">
      <h2 id="suggested">{t("title")}</h2>
      <Loaded query={helpers}>
        {(suggested) =>
          suggested.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <ul className="list">
              {suggested.map((helper) => (
                <li key={helper.user_id} className="card">
                  <MemberLink user={{ ...helper, id: helper.user_id }} />
                  <p>{helper[`explanation_${language}`]}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
