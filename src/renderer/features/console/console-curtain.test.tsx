// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConsoleId, GuestId, HostId, TabId } from "../../../shared/contracts/ids.ts";
import type { SlotState } from "../../sessions/console-slot.ts";
import { actions, appStore, INITIAL_STATE } from "../../store/app-store.ts";
import { createTab } from "../../store/actions/tabs.ts";
import type { Commands } from "../../store/commands.ts";
import { CommandsContext } from "../../store/commands-context.ts";
import { ConsoleCurtain } from "./console-curtain.tsx";

let root: Root;
let container: HTMLElement;
let asked: unknown[];

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  asked = [];
  appStore.setState(INITIAL_STATE, true);
  container = document.createElement("div");
  document.body.replaceChildren(container);
  root = createRoot(container);
});

afterEach(() => {
  act(() => {
    root.unmount();
  });
});

const TAB = createTab(INITIAL_STATE, {
  id: "tab" as TabId,
  guestId: "host/web" as GuestId,
  consoleId: "vnc" as ConsoleId,
  protocol: "vnc",
  guestName: "web",
});

function show(state: SlotState, isCovered = false): string {
  const commands = {
    retry: (tabId: TabId) => asked.push(["retry", tabId]),
    power: (guestId: GuestId, action: string) => asked.push([action, guestId]),
  } as unknown as Commands;
  act(() => {
    root.render(
      <CommandsContext value={commands}>
        <ConsoleCurtain tab={{ ...TAB, state }} isCovered={isCovered} />
      </CommandsContext>,
    );
  });
  return container.textContent;
}

const click = (name: string): void => {
  const button = [...container.querySelectorAll("button")].find((each) => each.textContent.includes(name));
  act(() => {
    button?.click();
  });
};

const REFUSED = { code: "CONNECT_REFUSED", message: "refused", detail: { address: "10.0.0.12:5900" } } as const;

describe("what lies over a console", () => {
  it("is nothing while it is live or a question covers it", () => {
    expect([show({ phase: "live" }), show({ phase: "failed", error: REFUSED }, true)]).toEqual(["", ""]);
  });

  it("says what failed, at which hop, and tries again now when asked", () => {
    const retryAtMs = performance.timeOrigin + performance.now() + 60_000;
    const text = show({ phase: "reconnecting", error: REFUSED, attempt: 2, retryAtMs });
    expect(text).toContain("Connection refused at 10.0.0.12:5900.");
    expect(text).toContain("Failed at: connecting");
    expect(text).toMatch(/Next try in (59|60) s/);
    click("Try now");
    expect(asked).toEqual([["retry", "tab"]]);
  });

  it("waits for the user where trying again by itself would not help", () => {
    const text = show({ phase: "failed", error: { ...REFUSED, code: "LOGIN_REFUSED" } });
    expect(text).toContain("10.0.0.12:5900 refused the login.");
    expect(text).not.toContain("Next try");
    click("Try again");
    expect(asked).toEqual([["retry", "tab"]]);
  });

  it("offers to start a guest that is off, where its host can", () => {
    const off: SlotState = { phase: "suspended", error: { code: "GUEST_OFF", message: "off", detail: {} } };
    expect(show(off)).toContain("web is not there");
    act(() => {
      actions.applyInventory({
        kind: "reset",
        hosts: [],
        findings: [],
        guests: [
          {
            id: TAB.guestId,
            hostId: "host" as HostId,
            name: "web",
            state: "off",
            consoles: [],
            actions: ["start"],
            hasScreenshot: false,
          },
        ],
      });
    });
    expect(container.textContent).toContain("web is off");
    click("Start");
    expect(asked).toEqual([["start", TAB.guestId]]);
  });
});
