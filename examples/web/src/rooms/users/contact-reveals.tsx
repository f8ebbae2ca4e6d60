import type { ContactReveal } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { PagedList, usePages } from "../../components/paged-list.tsx";

/** Who was shown the member's phone number or the exact place of a task. */
export function ContactReveals() {
  const t = useTranslations("users");
  const { users } = useClient();
  const reveals = usePages(["users", "contact_reveals"], users.contactRevealsPage);
  return (
    <section className="stack-small">
      <h2>{t("reveals.title")}</h2>
      <PagedList query={reveals} empty={t("reveals.none")}>
        {(reveal) => <Reveal reveal={reveal} />}
      </PagedList>
    </section>
  );
}

function Reveal({ reveal }: { reveal: ContactReveal }) {
  const t = useTranslations("users");
  const format = useFormatter();
  const shown = [reveal.showed_place && t("reveals.place"), reveal.showed_phone_number && t("reveals.phone")];
  return (
    <article className="card">
      <Link to="/members/$user_id" params={{ user_id: reveal.viewer_id }} className="tall-link">
        {reveal.viewer_name}
      </Link>
      <span>{shown.filter((what) => what !== false).join(", ")}</span>
      <span className="quiet">
        {reveal.task_title} ·{" "}
        {format.dateTime(new Date(reveal.revealed_at), { dateStyle: "medium", timeStyle: "short" })}
      </span>
    </article>
  );
}
