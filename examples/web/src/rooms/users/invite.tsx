import { renderSVG } from "uqr";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import "./users.css";

/** The way in for a neighbour: to be scanned at the door, or sent by whatever the phone sends with. */
export function Invite() {
  const t = useTranslations("users");
  const app = useTranslations("app");
  const link = `${location.origin}/welcome`;
  return (
    <Page title={t("invite.title")} hasBack>
      <p>{t("invite.lead")}</p>
      <QrCode svg={renderSVG(link, { border: 2 })} alt={t("invite.qr")} text={link} />
      {/* browsers have neither where the app does not come by https */}
      {"share" in navigator && <ShareButton title={app("name")} text={t("invite.text")} url={link} />}
      {"clipboard" in navigator && <CopyButton text={link} />}
    </Page>
  );
}

function ShareButton(invitation: ShareData) {
  const t = useTranslations("users");
  // whoever closes the phone's list has changed their mind, and the link can still be copied
  const share = () => navigator.share(invitation).catch(() => undefined);
  return (
    <Button kind="primary" onClick={share}>
      {t("invite.share")}
    </Button>
  );
}

function CopyButton({ text }: { text: string }) {
  const t = useTranslations("users");
  const { tell } = useNotices();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => tell(t("invite.copied")),
      () => tell(t("invite.not_copied"), "problem"),
    );
  return <Button onClick={copy}>{t("invite.copy")}</Button>;
}
