import type { FoundPlace, PlaceCategory, RecommendedPlace } from "@neighbourhood-help/client";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Empty, Loading } from "../../components/states.tsx";
import { devicePosition } from "../map/geolocation.ts";
import { useWhere, type Where } from "../map/where.ts";
import { CATEGORIES } from "./categories.ts";
import { PlaceCard } from "./place-card.tsx";
import "./places.css";

/** Shops, cafés and other places near the member. */
export function PlacesPage() {
  const t = useTranslations("places");
  const { where, choose } = useWhere();
  const add = (
    <Link to="/places/new" className="button">
      {t("add")}
    </Link>
  );
  return (
    <Page title={t("title")} hasBack actions={add}>
      <PlaceSearch />
      {where === undefined && <Loading />}
      {where === null && <Nowhere onChoose={choose} />}
      {where && <Places where={where} />}
    </Page>
  );
}

function Places({ where }: { where: Where }) {
  const t = useTranslations("places");
  const client = useClient();
  const { query = "", category } = useSearch({ from: "/member/places" });
  const { latitude, longitude } = where;
  const isSearch = query !== "" || category !== undefined;
  const places = usePages<FoundPlace | RecommendedPlace>(
    ["places", "near", { latitude, longitude, query, category }],
    ({ after }, options) => {
      const near = { latitude, longitude, after };
      if (!isSearch) return client.recommendations.placesPage(near, options);
      // a category's name is one of the words that its places are found by
      const words = query || (category === undefined ? "" : t(`categories.${category}`));
      return client.search.placesPage({ ...near, query: words, category }, options);
    },
  );
  return (
    <>
      <h2>{isSearch ? t("found") : t("recommended")}</h2>
      <PagedList query={places} empty={isSearch ? t("nothing_found") : t("nothing_near")}>
        {(place) => <PlaceCard place={place} />}
      </PagedList>
    </>
  );
}

/** Stands in the address, so that it is still there on the way back. */
function PlaceSearch() {
  const t = useTranslations("places");
  const search = useSearch({ from: "/member/places" });
  const navigate = useNavigate();
  const look = (form: FormData) => {
    const category = CATEGORIES.find((name) => name === form.get("category"));
    const query = String(form.get("query")).trim() || undefined;
    void navigate({ to: "/places", search: { query, category }, replace: true, resetScroll: false });
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          look(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("query")}>
          {(control) => <input {...control} name="query" type="search" defaultValue={search.query} />}
        </Field>
        <Field label={t("category")}>
          {(control) => (
            <select
              {...control}
              name="category"
              defaultValue={search.category ?? ""}
              onChange={(event) => event.currentTarget.form?.requestSubmit()}
            >
              <option value="">{t("all_categories")}</option>
              {CATEGORIES.map((category: PlaceCategory) => (
                <option key={category} value={category}>
                  {t(`categories.${category}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Button type="submit">{t("search")}</Button>
      </form>
    </search>
  );
}

/** Nothing is near to nowhere. */
function Nowhere({ onChoose }: { onChoose: ReturnType<typeof useWhere>["choose"] }) {
  const t = useTranslations("places");
  const { tell } = useNotices();
  const locate = () => void devicePosition().then(onChoose, () => tell(t("no_position"), "problem"));
  return (
    <Empty>
      <p>{t("where_needed")}</p>
      <Button onClick={locate}>{t("my_position")}</Button>
      <p>
        <Link to="/profile">{t("to_profile")}</Link>
      </p>
    </Empty>
  );
}
