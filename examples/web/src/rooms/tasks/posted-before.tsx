import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";

interface PostedBeforeProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onLook: () => void;
  readonly onPostAnother: () => void;
}

/** An earlier try arrived, and the draft was changed since: only the member knows whether this is another task. */
export function PostedBefore({ isOpen, onClose, onLook, onPostAnother }: PostedBeforeProps) {
  const t = useTranslations("tasks.form");
  return (
    <Dialog title={t("posted_already_title")} isOpen={isOpen} onClose={onClose}>
      <p>{t("posted_already")}</p>
      <div className="button-row">
        <Link to="/my-tasks" className="button button-primary" onClick={onLook}>
          {t("my_tasks")}
        </Link>
        <Button onClick={onPostAnother}>{t("post_another")}</Button>
      </div>
    </Dialog>
  );
}
