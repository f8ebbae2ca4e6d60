import type { RedemptionStatus } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Field } from "../../components/field.tsx";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { RedemptionCard } from "./redemption-card.tsx";

const FILTERS = ["all", "open", "over"] as const;
type Filter = (typeof FILTERS)[number];
const STATUSES: Readonly<Record<Filter, RedemptionStatus[] | undefined>> = {
  all: undefined,
  open: ["pending", "active"],
  over: ["used", "expired", "cancelled", "failed"],
};

/** The member's codes, newest first. */
export function RedemptionsPage() {
  const t = useTranslations("redemptions");
  const client = useClient();
  const [filter, setFilter] = useState<Filter>("all");
  const redemptions = usePages(["redemptions", "list", filter], ({ after }, options) =>
    client.redemptions.listPage({ status: STATUSES[filter], after }, options),
  );
  const empty = (
    <>
      <p>{t("empty")}</p>
      <Link to="/rewards">{t("to_rewards")}</Link>
    </>
  );
  return (
    <Page title={t("list_title")} hasBack>
      <Field label={t("filter")}>
        {(control) => (
          <select {...control} value={filter} onChange={(event) => setFilter(event.target.value as Filter)}>
            {FILTERS.map((name) => (
              <option key={name} value={name}>
                {t(`filters.${name}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <PagedList query={redemptions} empty={empty}>
        {(redemption) => <RedemptionCard redemption={redemption} />}
      </PagedList>
    </Page>
  );
}
