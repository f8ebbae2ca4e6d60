import type { PartnerCard } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";

/** The branches of the partner, and the way to its website. */
export function RewardPlaces({ partner }: { partner: PartnerCard }) {
  const t = useTranslations("rewards");
  const client = useClient();
  const { data: places } = useQuery({
    queryKey: ["places", "of_partner", partner.id],
    queryFn: ({ signal }) => client.places.listPage({ partner_id: partner.id, page_size: 50 }, { signal }),
  });
  const { data: partners } = useQuery({
    queryKey: ["partners", "list"],
    queryFn: ({ signal }) => client.partners.list({ signal }),
    staleTime: 600_000,
  });
  const website = partners?.find(({ id }) => id === partner.id)?.website_url;
  if (!places?.items.length && !website) return null;
  return (
    <>
      <h2>{t("where")}</h2>
      <ul className="list">
        {places?.items.map(({ id, name, address }) => (
          <li key={id}>
            <Link to="/places/$place_id" params={{ place_id: id }} className="card">
              <strong>{name}</strong>
              {address && <span className="quiet">{address}</span>}
            </Link>
          </li>
        ))}
      </ul>
      {website && (
        <a href={website} rel="noreferrer" target="_blank">
          {t("website", { partner: partner.name })}
        </a>
      )}
    </>
  );
}
