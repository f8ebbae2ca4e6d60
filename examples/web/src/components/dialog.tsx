import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A question or a small form above the screen: Escape closes it, and the keyboard stays inside. */
export function Dialog({ title, isOpen, onClose, children }: DialogProps) {
  const t = useTranslations("app");
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-ground" />
        <Radix.Content
          className="dialog"
          aria-describedby={undefined}
          // a slip of the thumb must not lose what was typed
          onPointerDownOutside={(event) => event.preventDefault()}
        >
          <header className="dialog-head">
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close className="icon-button" aria-label={t("close")}>
              ×
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
