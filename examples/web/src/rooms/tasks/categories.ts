import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../app/context.ts";
import { useLanguage } from "../../texts/language.tsx";

/** The categories of tasks, with their names in the language on the screen. */
export function useCategories() {
  const client = useClient();
  const { language } = useLanguage();
  const { data = [] } = useQuery({
    queryKey: ["tasks", "categories"],
    queryFn: ({ signal }) => client.tasks.categories({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const categories = data.map((category) => ({ ...category, name: category[`name_${language}`] }));
  return { categories, nameOf: (slug: string) => categories.find((category) => category.slug === slug)?.name ?? slug };
}
