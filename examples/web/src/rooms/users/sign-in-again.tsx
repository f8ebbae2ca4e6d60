import { useTranslations } from "use-intl";
import { useConnection } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { PasswordForm } from "./password-form.tsx";

/** Asks to sign in again above the screen, which keeps what somebody was writing. */
export function SignInAgain({ onLeave }: { onLeave: () => void }) {
  const t = useTranslations("users");
  const { session } = useConnection();
  return (
    <Dialog title={t("again.title")} isOpen onClose={onLeave}>
      <p>{t("again.text")}</p>
      <PasswordForm email={session?.user.email ?? ""} actions={<Button onClick={onLeave}>{t("again.leave")}</Button>} />
    </Dialog>
  );
}
