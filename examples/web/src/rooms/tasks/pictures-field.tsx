import { MAX_IMAGES } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { Button } from "../../components/button.tsx";
import type { TaskFormPart } from "./task-form.tsx";
import "./task-form.css";

/** Pictures of a task: drawn anew on the device, sent one after the other, and shown as they will be. */
export function PicturesField({ draft, change, errorAt, isPosted }: TaskFormPart & { readonly isPosted: boolean }) {
  const t = useTranslations("tasks.form");
  const client = useClient();
  const errorText = useErrorText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // what was added while others are under way is added to what there is then
  const paths = useRef(draft.image_paths);
  paths.current = draft.image_paths;
  const [progress, setProgress] = useState<{ readonly done: number; readonly all: number }>();
  const [problem, setProblem] = useState<string>();
  const urls = useQuery({
    queryKey: ["pictures", "urls", draft.image_paths],
    queryFn: ({ signal }) => client.pictures.taskImageUrls({ paths: [...draft.image_paths] }, { signal }),
    enabled: draft.image_paths.length > 0,
    placeholderData: (shown) => shown,
  });
  const set = (next: readonly string[]) => {
    paths.current = next;
    change({ image_paths: next });
  };
  const add = async (files: readonly File[]) => {
    const chosen = files.slice(0, MAX_IMAGES - paths.current.length);
    setProblem(chosen.length < files.length ? t("too_many_pictures", { max: MAX_IMAGES }) : undefined);
    for (const [done, file] of chosen.entries()) {
      setProgress({ done, all: chosen.length });
      try {
        const path = await client.pictures.uploadTaskImage(file);
        set([...paths.current, path]);
      } catch (error) {
        setProblem(`${file.name}: ${errorText(error)}`);
      }
    }
    setProgress(undefined);
  };
  const remove = (path: string) => {
    set(paths.current.filter((other) => other !== path));
    input.current?.focus();
    // of a posted task it stays until the change is saved; what nothing names is cleared away by the backend
    if (!isPosted) client.pictures.remove({ bucket: "task-images", path }).catch(() => undefined);
  };
  const error = errorAt("image_paths") ?? problem;
  return (
    <fieldset className="fields">
      <legend>{t("pictures")}</legend>
      <p id={`${id}-hint`} className="quiet">
        {t("pictures_hint", { max: MAX_IMAGES })}
      </p>
      {draft.image_paths.length > 0 && (
        <ul className="pictures">
          {draft.image_paths.map((path, index) => {
            const url = urls.data?.find((found) => found.path === path)?.url;
            const number = index + 1;
            return (
              <li key={path}>
                {url ? <img src={url} alt={t("picture", { number })} /> : <span className="picture-place" />}
                <Button aria-label={t("remove_picture", { number })} onClick={() => remove(path)}>
                  ×
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      <label className="button file-button">
        {t("add_pictures")}
        <input
          ref={input}
          type="file"
          accept="image/*"
          multiple
          className="visually-hidden"
          aria-describedby={`${id}-hint`}
          aria-disabled={progress !== undefined || draft.image_paths.length >= MAX_IMAGES}
          disabled={progress !== undefined || draft.image_paths.length >= MAX_IMAGES}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = ""; // the same file may be chosen again
            void add(files);
          }}
        />
      </label>
      <div role="status">
        {progress && (
          <label className="uploading">
            {t("uploading", progress)}
            <progress value={progress.done} max={progress.all} />
          </label>
        )}
      </div>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
