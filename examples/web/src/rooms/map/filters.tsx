import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { CategoryOptions } from "../tasks/category-options.tsx";
import { countFilters, DEFAULT_KM, DISTANCES, type HomeSearch, WHENS } from "./home-search.ts";

/** Somebody who types is waited for that long, in milliseconds. */
const TYPING_MS = 250;

/** Words, category, time, distance and order: each change is in the address. */
export function Filters({ search }: { search: HomeSearch }) {
  const t = useTranslations("map");
  const navigate = useNavigate({ from: "/" });
  const set = (part: { readonly [Key in keyof HomeSearch]?: HomeSearch[Key] | undefined }) =>
    void navigate({ search: { ...search, ...part } as HomeSearch, resetScroll: false });
  const count = countFilters(search);
  return (
    <search className="filters">
      <SearchBox search={search} />
      <details className="details">
        <summary>{count === 0 ? t("filters") : t("filters_active", { count })}</summary>
        <div className="filter-fields">
          <Field label={t("category")}>
            {(control) => (
              <select
                {...control}
                value={search.category ?? ""}
                onChange={(event) => set({ category: event.target.value || undefined })}
              >
                <option value="">{t("all_categories")}</option>
                <CategoryOptions />
              </select>
            )}
          </Field>
          <Field label={t("when")}>
            {(control) => (
              <select
                {...control}
                value={search.when ?? ""}
                onChange={(event) => set({ when: WHENS.find((word) => word === event.target.value) })}
              >
                <option value="">{t("any_time")}</option>
                {WHENS.map((when) => (
                  <option key={when} value={when}>
                    {t(when)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {search.when === "dates" &&
            (["from", "until"] as const).map((end) => (
              <Field key={end} label={t(end)}>
                {(control) => (
                  <input
                    {...control}
                    type="date"
                    value={search[end] ?? ""}
                    onChange={(event) => set({ [end]: event.target.value || undefined })}
                  />
                )}
              </Field>
            ))}
          <Field label={t("radius")}>
            {(control) => (
              <select
                {...control}
                value={search.km ?? DEFAULT_KM}
                onChange={(event) => set({ km: Number(event.target.value) })}
              >
                {DISTANCES.map((km) => (
                  <option key={km} value={km}>
                    {t("kilometres", { km })}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("sort")}>
            {(control) => (
              <select
                {...control}
                value={search.q === undefined ? (search.sort ?? "newest") : "best"}
                // words have an order of their own
                disabled={search.q !== undefined}
                onChange={(event) => set({ sort: event.target.value === "distance" ? "distance" : undefined })}
              >
                {search.q === undefined ? (
                  <>
                    <option value="newest">{t("newest")}</option>
                    <option value="distance">{t("nearest")}</option>
                  </>
                ) : (
                  <option value="best">{t("best")}</option>
                )}
              </select>
            )}
          </Field>
        </div>
        {count > 0 && (
          <Button
            onClick={() =>
              set({
                category: undefined,
                when: undefined,
                from: undefined,
                until: undefined,
                km: undefined,
                sort: undefined,
              })
            }
          >
            {t("reset_filters")}
          </Button>
        )}
      </details>
    </search>
  );
}

function SearchBox({ search }: { search: HomeSearch }) {
  const t = useTranslations("map");
  const navigate = useNavigate({ from: "/" });
  const { q = "", ...rest } = search;
  const [text, setText] = useState(q);
  // the back button, or a link, changes what stands there
  useEffect(() => setText((shown) => (shown.trim() === q ? shown : q)), [q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed, and the address that it goes into
  useEffect(() => {
    const words = text.trim();
    if (words === q) return;
    const timer = setTimeout(() => {
      void navigate({
        search: words === "" ? rest : { ...rest, q: words },
        // one step back for the whole search, not for every letter
        replace: q !== "" && words !== "",
        resetScroll: false,
      });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search]);
  return (
    <Field label={t("search")}>
      {(control) => (
        <input
          {...control}
          type="search"
          enterKeyHint="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Field>
  );
}
