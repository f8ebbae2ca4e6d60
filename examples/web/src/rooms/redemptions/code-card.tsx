import type { RedemptionWithCode } from "@neighbourhood-help/client";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { useTitleOf } from "../rewards/facts.ts";
import { useWakeLock } from "./use-wake-lock.ts";

/** The code for the till, on white also where the app is dark, because scanners need it. */
export function CodeCard({ answer }: { answer: RedemptionWithCode }) {
  const t = useTranslations("redemptions");
  const [isLarge, setIsLarge] = useState(false);
  useWakeLock(true);
  return (
    <>
      <Code answer={answer} />
      <LargeCode answer={answer} isOpen={isLarge} onClose={() => setIsLarge(false)} />
      <Button kind="primary" onClick={() => setIsLarge(true)}>
        {t("show_large")}
      </Button>
    </>
  );
}

function Code({ answer: { code, qr } }: { answer: RedemptionWithCode }) {
  const t = useTranslations("redemptions");
  return code !== null && <QrCode svg={qr} alt={t("qr", { code })} text={code} />;
}

interface LargeCodeProps {
  readonly answer: RedemptionWithCode;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Nothing but the code, over the whole screen. */
function LargeCode({ answer, isOpen, onClose }: LargeCodeProps) {
  const t = useTranslations("redemptions");
  const app = useTranslations("app");
  const title = useTitleOf()(answer.redemption);
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content className="large-code" aria-describedby={undefined}>
          <Dialog.Title>{t("at_till", { partner: answer.redemption.partner_name })}</Dialog.Title>
          <Code answer={answer} />
          <p>{title}</p>
          <Dialog.Close className="button">{app("close")}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
