import { Dialog as Radix } from "radix-ui";
import { useTranslations } from "use-intl";
import type { DialogProps } from "./dialog.tsx";

/** What of a dialog is loaded when the first one opens. */
export function DialogFrame({ title, isOpen, onClose, children }: DialogProps) {
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
