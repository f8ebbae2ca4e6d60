import { expect, test } from "vitest";
import { releaseNotes } from "./changelog.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

- Later

## [1.10.0] - 2026-12-01

### Added

- Newer: see [the page](docs/client.md)

## [1.1.0]

## [1.0.0]

- Oldest

[1.0.0]: #100
`;

test("gives the section of the tag, up to the next one or the links", () => {
  expect(releaseNotes("v1.10.0", "1.10.0", CHANGELOG)).toBe("### Added\n\n- Newer: see [the page](docs/client.md)");
  expect(releaseNotes("v1.0.0", "1.0.0", CHANGELOG)).toBe("- Oldest");
});

test.each([
  ["1.0.0", "1.0.0", "1.0.0 is no tag of a release: it has to look like v1.2.3"],
  ["v1.0.0-beta.1", "1.0.0-beta.1", "v1.0.0-beta.1 is no tag of a release: it has to look like v1.2.3"],
  ["v1.0.0", "1.10.0", "the tag says 1.0.0, src/client/package.json 1.10.0: make them the same"],
  ["v1.1.0", "1.1.0", "the section [1.1.0] of CHANGELOG.md is empty"],
  ["v1.0.1", "1.0.1", "CHANGELOG.md has no section [1.0.1]: name what is under [Unreleased] so"],
])("refuses tag %s with package %s", (tag, version, message) => {
  expect(() => releaseNotes(tag, version, CHANGELOG)).toThrow(message);
});
