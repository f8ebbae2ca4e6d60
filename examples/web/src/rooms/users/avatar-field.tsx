import type { UserCard } from "@neighbourhood-help/client";
import { useId, useRef } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Problem } from "../../components/states.tsx";
import { Avatar } from "./member-link.tsx";

/** The member's picture, and changing it. The client draws it anew, so that where it was taken stays on the device. */
export function AvatarField({ user }: { user: Pick<UserCard, "name" | "avatar_path"> }) {
  const t = useTranslations("users");
  const client = useClient();
  const { tell } = useNotices();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const former = user.avatar_path;
  const change = useCommand({
    async run(picture: File | null) {
      const avatar_path = picture === null ? "" : await client.pictures.uploadAvatar(picture);
      await client.users.updateProfile({ avatar_path });
      // the profile is right without it; what is left behind is swept up by the operators
      if (former !== null) await client.pictures.remove({ bucket: "avatars", path: former }).catch(() => undefined);
    },
    refreshes: [["users"]],
    onDone: () => tell(t("picture.saved")),
    onError: () => undefined,
  });
  return (
    <div className="avatar-field">
      <Avatar user={user} size="large" />
      <div className="stack-small">
        <div className="button-row">
          <input
            ref={input}
            id={id}
            className="picture-input"
            type="file"
            accept="image/*"
            disabled={change.isPending}
            aria-describedby={`${id}-hint`}
            onChange={(event) => {
              const [picture] = event.currentTarget.files ?? [];
              if (picture !== undefined) change.mutate(picture);
            }}
          />
          <label htmlFor={id} className="button">
            {t("picture.choose")}
          </label>
          {former !== null && (
            <Button
              isPending={change.isPending}
              onClick={() => {
                if (input.current !== null) input.current.value = "";
                change.mutate(null);
              }}
            >
              {t("picture.remove")}
            </Button>
          )}
        </div>
        <p id={`${id}-hint`} className="quiet" role="status">
          {change.isPending ? t("picture.uploading") : t("picture.hint")}
        </p>
        {change.error !== null && <Problem error={change.error} />}
      </div>
    </div>
  );
}
