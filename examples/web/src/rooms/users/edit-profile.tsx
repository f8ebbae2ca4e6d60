import type { Me } from "@neighbourhood-help/client";
import { MAX_BIO_LENGTH, MAX_NAME_LENGTH } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Field } from "../../components/field.tsx";
import { Form } from "../../components/form.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { AvatarField } from "./avatar-field.tsx";
import { meQuery } from "./queries.ts";
import "./users.css";

/** Name, picture and a few words about oneself. */
export function EditProfile() {
  const t = useTranslations("users");
  const client = useClient();
  const me = useQuery(meQuery(client));
  return (
    <Page title={t("profile.edit_title")} hasBack>
      <Loaded query={me}>
        {(user) => (
          <>
            <AvatarField user={user} />
            <ProfileForm user={user} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function ProfileForm({ user }: { user: Me }) {
  const t = useTranslations("users");
  const app = useTranslations("app");
  const { users } = useClient();
  const { tell } = useNotices();
  const navigate = useNavigate();
  const save = useCommand({
    run: users.updateProfile,
    refreshes: [["users"], ["statistics"]],
    onDone() {
      tell(app("saved"));
      void navigate({ to: "/profile", replace: true });
    },
    onError: () => undefined,
  });
  return (
    <Form
      submit={app("save")}
      isPending={save.isPending}
      error={save.error}
      onSend={(typed) => save.mutate({ name: typed("name"), bio: typed("bio") })}
    >
      <Field label={t("name")} hint={t("name_hint")}>
        {(control) => (
          <input
            {...control}
            name="name"
            autoComplete="name"
            maxLength={MAX_NAME_LENGTH}
            required
            defaultValue={user.name}
          />
        )}
      </Field>
      <Field label={t("profile.bio")} hint={t("profile.bio_hint")} isOptional>
        {(control) => (
          <textarea {...control} name="bio" rows={5} maxLength={MAX_BIO_LENGTH} defaultValue={user.bio ?? ""} />
        )}
      </Field>
    </Form>
  );
}
