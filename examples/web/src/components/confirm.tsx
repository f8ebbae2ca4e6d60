import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface ConfirmProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What the button does, in a word or two. */
  readonly action: ReactNode;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
  readonly children: ReactNode;
}

/** Asks before something that people should be sure about. */
export function Confirm({ title, isOpen, onClose, action, isPending, onConfirm, children }: ConfirmProps) {
  const t = useTranslations("app");
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <div>{children}</div>
      <div className="button-row">
        <Button onClick={onClose}>{t("cancel")}</Button>
        <Button kind="danger" isPending={isPending} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
