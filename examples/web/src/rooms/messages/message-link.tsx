import type { TaskOffer } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";

interface MessageLinkProps {
  readonly offer: Pick<TaskOffer, "id" | "task_id">;
  /** Who is written to. */
  readonly name: string;
  readonly isPrimary?: boolean;
}

/** Leads to the conversation about an offer. */
export function MessageLink({ offer, name, isPrimary = false }: MessageLinkProps) {
  const t = useTranslations("messages");
  return (
    <Link
      to="/messages/$offer_id"
      params={{ offer_id: offer.id }}
      search={{ task: offer.task_id }}
      className={`button ${isPrimary ? "button-primary" : "button-plain"}`}
    >
      {t("write_to", { name })}
    </Link>
  );
}
