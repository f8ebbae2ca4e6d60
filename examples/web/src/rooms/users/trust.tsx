import type { Profile } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Loaded } from "../../components/states.tsx";
import { useLanguage } from "../../texts/language.tsx";

/** What others say and how reliably somebody helped; how the trust comes about is told when it is opened. */
export function Trust({ user }: { user: Profile }) {
  const t = useTranslations("users");
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="stack-small">
      <h2>{t("trust.title")}</h2>
      <p>
        {user.rating_count === 0
          ? t("no_ratings")
          : t("rating", { average: user.rating_average, count: user.rating_count })}
      </p>
      {user.accepted_tasks !== null && user.finished_tasks !== null && user.accepted_tasks > 0 && (
        <p>{t("trust.reliability", { finished: user.finished_tasks, accepted: user.accepted_tasks })}</p>
      )}
      <details className="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("trust.score", { score: user.trust_score })}</summary>
        {isOpen && <TrustParts userId={user.id} />}
      </details>
    </section>
  );
}

function TrustParts({ userId }: { userId: string }) {
  const client = useClient();
  const format = useFormatter();
  const { language } = useLanguage();
  const parts = useQuery({
    queryKey: ["ratings", "trust", userId],
    queryFn: ({ signal }) => client.ratings.explainTrust(userId, { signal }),
  });
  return (
    <Loaded query={parts}>
      {(found) => (
        <dl className="sum">
          {found.map((part) => (
            <div key={part.part}>
              <dt>{language === "de" ? part.text_de : part.text_en}</dt>
              <dd>{format.number(part.amount, { minimumFractionDigits: 2, signDisplay: "exceptZero" })}</dd>
            </div>
          ))}
        </dl>
      )}
    </Loaded>
  );
}
