import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type ConsoleSettings } from "../../../shared/contracts/settings.ts";
import { ClipboardLink } from "./clipboard-link.ts";
import { type AgentMessage, type SharedClipboard } from "./worker-messages.ts";

const settingsWith = (settings: Partial<ConsoleSettings>): ConsoleSettings => ({
  ...DEFAULT_SETTINGS.console,
  ...settings,
});

let sent: AgentMessage[];
let got: SharedClipboard[];
let asking: boolean[];
let link: ClipboardLink;

function create(settings: Partial<ConsoleSettings> = {}): ClipboardLink {
  link = new ClipboardLink({
    settings: settingsWith(settings),
    isVisible: true,
    send: (message) => sent.push(message),
    handleContent: (content) => got.push(content),
    handleAskingChange: () => asking.push(link.isAsking),
  });
  return link;
}

beforeEach(() => {
  sent = [];
  got = [];
  asking = [];
});

describe("ClipboardLink", () => {
  it("fetches nothing before the user has allowed it, and then what was offered", () => {
    create().handleOffered(["text", "png"]);
    expect([sent, asking]).toEqual([[], [true]]);
    // What comes unasked is dropped.
    link.handleFetched({ text: "secret" });
    link.configure(settingsWith({ agentClipboard: "allowed" }));
    expect([sent, asking]).toEqual([[{ kind: "fetchClipboard", format: "text" }], [true, false]]);
    link.handleFetched({ text: "copied" });
    expect(got).toEqual([{ text: "copied" }]);
  });

  it("asks no more once the user has refused, or the guest has nothing any more", () => {
    create().handleOffered(["text"]);
    link.handleOffered([]);
    link.handleOffered(["text"]);
    link.configure(settingsWith({ agentClipboard: "refused" }));
    link.handleOffered(["png"]);
    expect([asking, sent]).toEqual([[true, false, true, false], []]);
  });

  it.each(["off", "to-guest"] as const)("takes nothing and asks nothing where the clipboard goes %s", (clipboard) => {
    create({ clipboard, agentClipboard: "allowed" }).handleOffered(["text"]);
    link.handleFetched({ text: "secret" });
    expect([sent, got, asking, link.fetch()]).toEqual([[], [], [], false]);
  });

  it("fetches by hand whatever the settings say of doing it unasked, once", () => {
    create({ agentClipboard: "refused" }).handleOffered(["png"]);
    expect([link.fetch(), sent]).toEqual([true, [{ kind: "fetchClipboard", format: "png" }]]);
    link.handleFetched({ text: "wanted" });
    link.handleFetched({ text: "secret" });
    expect(got).toEqual([{ text: "wanted" }]);
  });

  it("waits with what a hidden guest copied until it is shown", () => {
    create({ agentClipboard: "allowed" }).setVisible(false);
    link.handleOffered(["text"]);
    expect(sent).toEqual([]);
    link.setVisible(true);
    link.setVisible(false);
    link.setVisible(true);
    expect(sent).toEqual([{ kind: "fetchClipboard", format: "text" }]);
  });
});
