// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConsoleId, GuestId, TabId } from "../../../shared/contracts/ids.ts";
import { actions, appStore, INITIAL_STATE } from "../../store/app-store.ts";
import type { Commands } from "../../store/commands.ts";
import { CommandsContext } from "../../store/commands-context.ts";
import { TabStrip } from "./tab-strip.tsx";

let root: Root;
let asked: [string, string][];

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  // jsdom has no layout.
  Element.prototype.scrollIntoView = () => undefined;
  asked = [];
  const note =
    (name: string) =>
    (tabId: TabId): void => {
      asked.push([name, tabId]);
    };
  const commands = { switchTo: note("switchTo"), closeTab: note("closeTab") } as unknown as Commands;
  appStore.setState(INITIAL_STATE, true);
  for (const name of ["web", "mail", "db"]) {
    actions.openTab({
      id: name as TabId,
      guestId: name as GuestId,
      consoleId: "vnc" as ConsoleId,
      protocol: "vnc",
      guestName: name,
    });
  }
  const container = document.createElement("div");
  document.body.replaceChildren(container);
  root = createRoot(container);
  act(() => {
    root.render(
      <CommandsContext value={commands}>
        <TabStrip />
      </CommandsContext>,
    );
  });
});

afterEach(() => {
  act(() => {
    root.unmount();
  });
});

const tabs = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[role="tablist"] [role="tab"]')];
const names = (): (string | null)[] => tabs().map((tab) => tab.getAttribute("aria-label"));
const press = (key: string, modifiers: KeyboardEventInit = {}): void => {
  act(() => {
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...modifiers }));
  });
};
const focusOn = (at: number): void => {
  act(() => {
    tabs()[at]?.focus();
  });
};

describe("the row of tabs", () => {
  it("is a tab list named Consoles, with the shown guest's tab selected and in the tab order", () => {
    expect(document.querySelector('[role="tablist"]')?.getAttribute("aria-label")).toBe("Consoles");
    expect(
      tabs().map((tab) => [tab.getAttribute("aria-label"), tab.getAttribute("aria-selected"), tab.tabIndex]),
    ).toEqual([
      ["web", "false", -1],
      ["mail", "false", -1],
      ["db", "true", 0],
    ]);
  });

  it("says a tab's state beside its name", () => {
    act(() => {
      actions.setSlotState("web" as TabId, { phase: "live" });
      actions.pinTab("web" as TabId, true);
    });
    expect(tabs()[0]?.getAttribute("aria-description")).toBe("live, VNC, pinned");
  });

  it("names the console where two tabs show one guest", () => {
    act(() => {
      actions.openTab({
        id: "web2" as TabId,
        guestId: "web" as GuestId,
        consoleId: "serial0" as ConsoleId,
        protocol: "serial",
        guestName: "web",
      });
    });
    expect(names()).toEqual(["web · VNC", "mail", "db", "web · serial"]);
  });

  it("moves the focus with the arrow keys, round both ends, and shows nothing by that", () => {
    focusOn(2);
    press("ArrowRight");
    const first = document.activeElement?.getAttribute("aria-label");
    press("ArrowLeft");
    press("ArrowLeft");
    expect([first, document.activeElement?.getAttribute("aria-label"), asked]).toEqual(["web", "mail", []]);
  });

  it("shows the focused tab with Enter and closes it with Delete", () => {
    focusOn(0);
    press("Enter");
    press("Delete");
    expect(asked).toEqual([
      ["switchTo", "web"],
      ["closeTab", "web"],
    ]);
  });

  it("moves the focused tab with Ctrl+Shift and an arrow, and says where it is", () => {
    focusOn(0);
    press("ArrowRight", { ctrlKey: true, shiftKey: true });
    expect(names()).toEqual(["mail", "web", "db"]);
    expect([...document.querySelectorAll('[role="status"]')].map((status) => status.textContent)).toContain(
      "web: place 2 of 3",
    );
  });

  it("closes a tab with the middle button", () => {
    act(() => {
      tabs()[1]?.dispatchEvent(new MouseEvent("auxclick", { button: 1, bubbles: true }));
    });
    expect(asked).toEqual([["closeTab", "mail"]]);
  });
});
