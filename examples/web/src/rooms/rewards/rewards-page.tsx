import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Field } from "../../components/field.tsx";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Balance, useAccount } from "../points/balance.tsx";
import { RewardCard } from "./reward-card.tsx";
import "./rewards.css";

/** What points buy. */
export function RewardsPage() {
  const t = useTranslations("rewards");
  const client = useClient();
  const { partner_id, affordable } = useSearch({ from: "/member/rewards" });
  const { data: account } = useAccount();
  const max_points = affordable ? account?.balance : undefined;
  const rewards = usePages(
    ["rewards", "list", { partner_id, max_points }],
    ({ after }, options) => client.rewards.listPage({ partner_id, max_points, after }, options),
    // which ones are affordable is known with the balance
    !affordable || account !== undefined,
  );
  return (
    <Page title={t("title")}>
      <section className="card">
        <Balance />
        <p>{t("intro")}</p>
        <div className="button-row">
          <Link to="/points" className="button">
            {t("to_points")}
          </Link>
          <Link to="/redemptions" className="button">
            {t("to_redemptions")}
          </Link>
        </div>
      </section>
      <Filter />
      <PagedList query={rewards} empty={partner_id || affordable ? t("empty_filtered") : t("empty")}>
        {(reward) => <RewardCard reward={reward} balance={account?.balance} />}
      </PagedList>
    </Page>
  );
}

/** Stands in the address, so that it is still there on the way back. */
function Filter() {
  const t = useTranslations("rewards");
  const client = useClient();
  const search = useSearch({ from: "/member/rewards" });
  const navigate = useNavigate();
  const { data: partners = [] } = useQuery({
    queryKey: ["partners", "list"],
    queryFn: ({ signal }) => client.partners.list({ signal }),
    staleTime: 600_000,
  });
  const choose = (change: typeof search) =>
    void navigate({ to: "/rewards", search: { ...search, ...change }, replace: true, resetScroll: false });
  return (
    <search className="stack" aria-label={t("filter")}>
      <Field label={t("partner")}>
        {(control) => (
          <select
            {...control}
            value={search.partner_id ?? ""}
            onChange={(event) => choose({ partner_id: event.target.value || undefined })}
          >
            <option value="">{t("all_partners")}</option>
            {partners.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <label className="check">
        <input
          type="checkbox"
          checked={search.affordable ?? false}
          onChange={(event) => choose({ affordable: event.target.checked || undefined })}
        />
        {t("affordable")}
      </label>
    </search>
  );
}
