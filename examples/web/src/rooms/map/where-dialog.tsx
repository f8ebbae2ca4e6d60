import type { Coordinates } from "@neighbourhood-help/client";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { PlacePicker } from "./place-picker.tsx";
import { useWhere, type Where } from "./where.ts";

/** Chooses the place to look around from, for this device. */
export function ChooseWhere({ onDone }: { onDone?: () => void }) {
  const t = useTranslations("map");
  const { where, home, choose } = useWhere();
  const [place, setPlace] = useState<Coordinates | null>(null);
  const take = (taken: Coordinates | null) => {
    choose(taken);
    onDone?.();
  };
  return (
    <div className="stack">
      <p>{t("choose_where_why")}</p>
      <PlacePicker label={t("choose_where")} value={place} onChange={setPlace} seen="not_at_all" />
      <div className="button-row">
        <Button kind="primary" aria-disabled={place === null} onClick={() => place && take(place)}>
          {t("use_place")}
        </Button>
        {home && where?.kind !== "home" && <Button onClick={() => take(null)}>{t("use_home")}</Button>}
      </div>
    </div>
  );
}

/** Says where the member looks around, and lets them change it. */
export function WhereButton({ where }: { where: Where }) {
  const t = useTranslations("map");
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        {t(`where.${where.kind}`)}
        <span className="visually-hidden">: {t("change_where")}</span>
      </Button>
      <Dialog title={t("where_title")} isOpen={isOpen} onClose={() => setOpen(false)}>
        <ChooseWhere onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}
