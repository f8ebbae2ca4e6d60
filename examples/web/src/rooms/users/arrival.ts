import { ApiError, type NeighbourhoodClient, type UserSettings } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useClient, useConnection } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { useNotices } from "../../components/notices.tsx";
import { useLanguage } from "../../texts/language.tsx";
import { deviceSettings } from "./device-settings.ts";
import { meQuery, SETTINGS_TURN, settingsQuery } from "./queries.ts";

/** What sign-up calls people whose name it does not know. */
const NAMELESS = "Neighbour";

/**
 * When a member arrives: the app speaks the member's language, whatever device this is. Who is new gets language and time zone of
 * the device, if the sign-up did not bring them, and is asked for a name when none is known.
 */
export function useArrival(): void {
  const client = useClient();
  const navigate = useNavigate();
  const { language, choose } = useLanguage();
  // there is none for the moment in which a member signs out
  const { session } = useConnection();
  const { data: me } = useQuery(meQuery(client));
  const { data: settings } = useQuery(settingsQuery(client));
  // sign-up writes both at the same moment
  const isNew = me !== undefined && settings?.updated_at === me.created_at;
  const wanted = isNew || me === undefined ? undefined : settings?.language;
  const { mutate: chooseForDevice } = useCommand({
    run: (since: string) =>
      firstSettings(client, "language" in (session?.user.user_metadata ?? {}) ? {} : deviceSettings(language), since),
    refreshes: [settingsQuery(client).queryKey],
    turn: SETTINGS_TURN,
    // the next start tries again
    onError: () => undefined,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the setting, and leaves the device alone else
  useEffect(() => {
    if (wanted !== undefined && wanted !== language) choose(wanted);
  }, [wanted]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the language that the device has by then
  useEffect(() => {
    if (!isNew) return;
    chooseForDevice(me.created_at);
    if (me.name === NAMELESS) void navigate({ to: "/first-steps" });
  }, [isNew]);
  useLinkError();
}

/**
 * Writes the first settings, after which the member is not new any more.
 *
 * @param missing what the sign-up did not bring, as those of other providers do not.
 * @param since when the settings were made: what the member chose meanwhile, while this waited for its turn, stays.
 */
async function firstSettings(
  { users }: NeighbourhoodClient,
  missing: Partial<ReturnType<typeof deviceSettings>>,
  since: string,
): Promise<UserSettings> {
  const found = await users.settings();
  if (found.updated_at !== since) return found;
  try {
    return await users.updateSettings(missing);
  } catch (error) {
    // a browser may know a zone that the server does not
    if (!(error instanceof ApiError && error.code === "time_zone_invalid")) throw error;
    return users.updateSettings({ ...missing, time_zone: undefined });
  }
}

/** Tells a member who is signed in anyway that the link of an e-mail did nothing. */
function useLinkError(): void {
  const { linkError } = useConnection();
  const { tell } = useNotices();
  const errorText = useErrorText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    if (linkError !== null) tell(errorText(linkError), "problem");
  }, []);
}
