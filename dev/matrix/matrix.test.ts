import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateTest } from "./generate.ts";
import { ACTIONS, ACTORS, readMatrix, requireSamePicture, STATES } from "./matrix.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/rooms/tasks.md"), "utf8");

describe("readMatrix", () => {
  const cells = readMatrix(page);

  it("reads every state × action × actor once", () => {
    expect(cells).toHaveLength(STATES.length * ACTIONS.length * ACTORS.length);
    expect(new Set(cells.map(({ state, action, actor }) => `${state}/${action}/${actor}`)).size).toBe(cells.length);
  });

  it("adds the code of an error, and leaves statuses alone", () => {
    const expected = (state: string, action: string, actor: string) =>
      cells.find((cell) => cell.state === state && cell.action === action && cell.actor === actor)?.expected;
    expect(expected("open", "cancel_task", "creator")).toBe("cancelled");
    expect(expected("open", "cancel_task", "other member")).toBe("PT404 task_not_found");
    expect(expected("open", "cancel_task", "banned creator")).toBe("PT403 user_banned");
    expect(expected("open", "cancel_task", "anonymous")).toBe("42501");
    expect(expected("cancelled", "cancel_task", "creator")).toBe("same");
  });

  it.each([
    ["a state that is missing", page.replace("### State: expired", "### Expired"), "the states must be"],
    ["a state that is unknown", page.replace("### State: expired", "### State: late"), "the states must be"],
    ["an action that is missing", page.replace(/^\| `start_task`.*\n/m, ""), "the actions of state open must be"],
    [
      "an actor that is unknown",
      page.replace("| other member ", "| neighbour    "),
      "the actors of state open must be",
    ],
    ["an error that does not exist", page.replace("| task_not_open ", "| task_closed   "), '"task_closed" is neither'],
    ["a cell that is empty", page.replace("| user_banned ", "|             "), '"" is neither a status nor an error'],
    ["a cell too many", page.replace("| user_banned ", "| user_banned | user_banned "), "8 cells"],
    [
      "the status of an offer as that of a task",
      page.replace(/\| in_progress +\|/, "| accepted |"),
      '"accepted" is neither',
    ],
  ])("refuses %s", (_, changed, message) => {
    expect(changed).not.toBe(page);
    expect(() => readMatrix(changed)).toThrow(message);
  });
});

describe("generateTest", () => {
  it("writes one assertion per cell and plans them", () => {
    const cells = readMatrix(page).slice(0, 2);
    const text = generateTest(cells, "-- preamble\n");
    expect(text).toContain("select plan(2);\n\n-- preamble\n\n-- State: open ---");
    expect(text.match(/^select tests\.cell\('open', 'update_task', '.*', '.*'\);$/gm)).toHaveLength(2);
    expect(text.endsWith("select * from finish();\nrollback;\n")).toBe(true);
  });
});

describe("the picture of the lifecycle", () => {
  const cells = readMatrix(page);

  it("says what the tables say", () => {
    requireSamePicture(page, cells);
  });

  it.each([
    ["a move that is missing", page.replace(/^ *open --> cancelled: cancel_task\n/mu, "")],
    ["a move too many", page.replace("archived --> [*]", "archived --> open: replace_helper")],
    ["no picture", page.replace("```mermaid", "```text")],
  ])("must not have %s", (_, changed) => {
    expect(() => requireSamePicture(changed, cells)).toThrow("the moves of the picture must be");
  });
});
