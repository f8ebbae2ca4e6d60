import { StackError } from "../base/stack-error.ts";

/**
 * What the changelog says of a release, for a tag like `v1.2.3`.
 *
 * @throws StackError when tag, package and changelog do not belong together.
 */
export function releaseNotes(tag: string, packageVersion: string, changelog: string): string {
  const [, version] = /^v(\d+\.\d+\.\d+)$/u.exec(tag) ?? [];
  if (version === undefined) throw new StackError(`${tag} is no tag of a release: it has to look like v1.2.3`);
  if (version !== packageVersion) {
    throw new StackError(`the tag says ${version}, src/client/package.json ${packageVersion}: make them the same`);
  }
  const sections = changelog.split(/^## /mu).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) {
    throw new StackError(`CHANGELOG.md has no section [${version}]: name what is under [Unreleased] so`);
  }
  // behind the last section stand the addresses of links
  const notes = section
    .replace(/^.*\n/u, "")
    .replace(/^\[[^\]]+\]: .*$/gmu, "")
    .trim();
  if (notes === "") throw new StackError(`the section [${version}] of CHANGELOG.md is empty`);
  return notes;
}
