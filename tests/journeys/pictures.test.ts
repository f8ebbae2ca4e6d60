import { createClient } from "@supabase/supabase-js";
import { expect, test } from "vitest";
import { createNeighbourhoodClient, type Database, type NeighbourhoodClient } from "../../src/client/index.ts";
import { photo, png } from "../client/support/photos.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, signToken, useStack } from "../support/use-stack.ts";

const { address, sql, members, anonymous } = useStack();

const picture = photo();
const encode = async () => new Blob([new Uint8Array(picture)]);
const client = ({ api }: Pick<Member, "api">): NeighbourhoodClient => createNeighbourhoodClient(api);

async function bytesAt(url: string | null | undefined): Promise<Buffer | number> {
  const response = await fetch(url ?? "");
  return response.ok ? Buffer.from(await response.arrayBuffer()) : response.status;
}

test("a profile picture is there for everybody who has its address, until it is removed", async () => {
  const [anna] = await members(1);
  const { users, pictures } = client(anna);
  const avatar_path = await pictures.uploadAvatar(await encode(), { encode });
  await users.updateProfile({ avatar_path });
  const url = pictures.avatarUrl(avatar_path);
  const response = await fetch(url ?? "");
  expect(response.headers.get("content-type")).toBe("image/jpeg");
  expect(response.headers.get("cache-control")).toContain("max-age=31536000");
  expect(Buffer.from(await response.arrayBuffer())).toEqual(picture);

  await pictures.remove({ bucket: "avatars", path: avatar_path });
  expect(await bytesAt(url)).toEqual(expect.any(Number));
});

test("the pictures of a task are seen by whoever may read it, and by nobody else", async () => {
  const [creator, helper, other] = await members(3);
  const [anna, ben, cem] = [client(creator), client(helper), client(other)];
  const image_paths = await Promise.all([1, 2].map(() => anna.pictures.uploadTaskImage(new Blob([]), { encode })));
  const unused = await anna.pictures.uploadTaskImage(new Blob([]), { encode: async () => new Blob([png()]) });
  const task = await anna.tasks.create({
    title: "Mow the lawn",
    description: "About two hours.",
    category: "garten",
    points_reward: 10,
    latitude: -33.87,
    longitude: 151.2,
    image_paths,
  });
  const seenBy = async ({ pictures }: NeighbourhoodClient) => {
    const urls = await pictures.taskImageUrls({ paths: [...task.image_paths, unused] });
    return Promise.all(urls.map(({ url }) => (url === null ? null : bytesAt(url))));
  };

  expect(await seenBy(anna)).toEqual([picture, picture, png()]);
  expect(await seenBy(cem)).toEqual([picture, picture, null]);
  await ben.tasks.offerHelp(task.id);
  const [offer] = await anna.tasks.offers(task.id);
  await anna.tasks.acceptOffer(offer?.id ?? "");
  expect(await seenBy(ben)).toEqual([picture, picture, null]);
  expect(await seenBy(cem)).toEqual([null, null, null]);

  await ben.pictures.remove({ bucket: "task-images", path: image_paths[0] ?? "" });
  expect(await seenBy(anna)).toEqual([picture, picture, png()]);
});

test("the files of whoever leaves are on the list to be removed", async () => {
  const [anna] = await members(1);
  const path = await client(anna).pictures.uploadAvatar(new Blob([]), { encode });
  await client(anna).users.updateProfile({ avatar_path: path });
  const isAbandoned = async () =>
    (await sql("select from ops.abandoned_pictures('0') where path = $1", [path])).length === 1;
  expect(await isAbandoned()).toBe(false);
  await sql("delete from auth.users where id = $1", [anna.id]);
  expect(await isAbandoned()).toBe(true);
  const admin = createClient(address.url, address.secretKey, { auth: { persistSession: false } });
  expect(await admin.storage.from("avatars").remove([path])).toMatchObject({ data: [{ name: path }], error: null });
  expect(await isAbandoned()).toBe(false);
});

test("a profile and a task take the names that the buckets can hold, and no others", async () => {
  const [anna] = await members(1);
  const { users } = client(anna);
  expect(await users.updateProfile({ avatar_path: `${anna.id}/me.webp` })).toMatchObject({
    avatar_path: `${anna.id}/me.webp`,
  });
  for (const name of ["me", "me.svg", "me.svg.png", "more/me.png", "../me.png"]) {
    const { error } = await anna.api.rpc("update_profile", { avatar_path: `${anna.id}/${name}` });
    expect(error, name).toMatchObject({ code: "PT400", message: "avatar_path_invalid" });
  }
});

test("whoever is not signed in is told so, with no token as with one of another project", async () => {
  const [anna] = await members(1);
  const path = await client(anna).pictures.uploadAvatar(new Blob([]), { encode });
  const token = await signToken("another secret that is as long as it has to be", {
    sub: anna.id,
    role: "authenticated",
    aud: "authenticated",
  });
  const foreign = createClient<Database>(address.url, address.publishableKey, { accessToken: async () => token });
  for (const api of [anonymous(), foreign]) {
    const { pictures } = client({ api });
    const notSignedIn = { code: "not_signed_in" };
    await expect(pictures.uploadAvatar(new Blob([]), { encode })).rejects.toMatchObject(notSignedIn);
    await expect(pictures.taskImageUrls({ paths: [path] })).rejects.toMatchObject(notSignedIn);
    await expect(pictures.remove({ bucket: "avatars", path })).rejects.toMatchObject(notSignedIn);
  }
  expect(await bytesAt(client(anna).pictures.avatarUrl(path))).toEqual(picture);
});

test("an upload whose answer was lost is repeated, also when it took the last free place", async () => {
  const [anna] = await members(1);
  await changeSettings(sql, { picture_limit: 1 });
  let uploads = 0;
  const api = createClient<Database>(address.url, address.publishableKey, {
    accessToken: async () => anna.token,
    global: {
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (!String(input).includes("/object/avatars/")) return response;
        uploads += 1;
        if (uploads === 1) throw new TypeError("fetch failed");
        return response;
      },
    },
  });
  const { pictures } = client({ api });
  const path = await pictures.uploadAvatar(new Blob([]), { encode });
  expect(uploads).toBe(2);
  expect(await bytesAt(pictures.avatarUrl(path))).toEqual(picture);
  await expect(pictures.uploadAvatar(new Blob([]), { encode })).rejects.toMatchObject({ code: "not_permitted" });
});
