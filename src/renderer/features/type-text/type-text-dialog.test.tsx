// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConsoleId, GuestId, TabId } from "../../../shared/contracts/ids.ts";
import { actions } from "../../store/app-store.ts";
import type { Commands, TypeTextOptions } from "../../store/commands.ts";
import { CommandsContext } from "../../store/commands-context.ts";
import { TypeTextDialog } from "./type-text-dialog.tsx";

const TAB_ID = TabId.parse("t");
const MAX_CHARACTERS = 20;

let root: Root;
let typing: { text: string; options: TypeTextOptions; finish: () => void } | undefined;
const notify = vi.fn<Commands["notify"]>();

beforeEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  notify.mockClear();
  typing = undefined;
  actions.openTab({
    id: TAB_ID,
    guestId: GuestId.parse("h/web"),
    consoleId: ConsoleId.parse("vnc"),
    protocol: "vnc",
    guestName: "web",
  });
  actions.setSlotState(TAB_ID, { phase: "live" });
  actions.setOverlay({ kind: "type-text", tabId: TAB_ID });
  const commands = {
    typeText: (_tabId: TabId, text: string, options: TypeTextOptions) =>
      new Promise<void>((resolve, reject) => {
        typing = { text, options, finish: resolve };
        options.signal.addEventListener("abort", () => {
          reject(options.signal.reason as Error);
        });
      }),
    focusConsole: () => undefined,
    notify,
  } as Partial<Commands> as Commands;
  const container = document.createElement("div");
  document.body.append(container);
  root = createRoot(container);
  await act(async () => {
    root.render(
      <CommandsContext value={commands}>
        <TypeTextDialog
          tabId={TAB_ID}
          maxCharacters={MAX_CHARACTERS}
          findUntypable={(text) => [...new Set(text.match(/[^ -~]/gu) ?? [])]}
        />
      </CommandsContext>,
    );
    await Promise.resolve();
  });
});

afterEach(() => {
  act(() => {
    root.unmount();
  });
  actions.closeTab(TAB_ID);
  document.body.replaceChildren();
});

function button(name: string): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === name);
  if (found === undefined) throw new Error(`no button “${name}”`);
  return found;
}

async function enter(text: string): Promise<void> {
  const area = document.querySelector("textarea")!;
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")!.set!.call(area, text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await Promise.resolve();
  });
}

async function click(name: string): Promise<void> {
  await act(async () => {
    button(name).click();
    await Promise.resolve();
  });
}

describe("type-text dialog", () => {
  it("names what the layout cannot type, before anything is typed", async () => {
    await enter("a\u2013b\u00a0");
    expect(document.body.textContent).toContain("This layout has no keys for – U+00A0.");
    expect(button("Type").disabled).toBe(true);
  });

  it("refuses a text that is too long", async () => {
    await enter("x".repeat(MAX_CHARACTERS + 1));
    expect(document.body.textContent).toContain("longer than the 20 characters");
    expect(button("Type").disabled).toBe(true);
  });

  it("types, shows how far it is, and says when it is done", async () => {
    await enter("hello");
    await click("Type");
    expect(typing).toMatchObject({ text: "hello", options: { layout: "us" } });
    act(() => {
      typing?.options.onProgress?.(2, 5);
    });
    expect(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("40");
    await act(async () => {
      typing?.finish();
      await Promise.resolve();
    });
    expect(notify).toHaveBeenCalledWith("info", "The text was typed.");
  });

  it("stops on Cancel without a word, and can start again", async () => {
    await enter("hello");
    await click("Type");
    await click("Cancel");
    expect(typing?.options.signal.aborted).toBe(true);
    expect(document.querySelector("[role=alert]")).toBeNull();
    expect(button("Type").disabled).toBe(false);
  });

  it("stops when it goes away", async () => {
    await enter("hello");
    await click("Type");
    act(() => {
      root.unmount();
    });
    expect(typing?.options.signal.aborted).toBe(true);
  });
});
