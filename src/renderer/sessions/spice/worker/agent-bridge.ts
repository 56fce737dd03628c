import type { ClipboardContent, ClipboardFormat } from "../../../../protocols/spice/agent/agent-clipboard.ts";
import { AGENT_CAPABILITY } from "../../../../protocols/spice/agent/agent-protocol.ts";
import { VdAgent, type VdAgentEvent } from "../../../../protocols/spice/agent/vd-agent.ts";
import type { MainChannel } from "../../../../protocols/spice/main/main-channel.ts";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import type { AgentMessage, FromWorker, SharedClipboard } from "../worker-messages.ts";
import { FileSender } from "./file-sender.ts";

export interface AgentBridgeOptions {
  readonly main: () => MainChannel | undefined;
  readonly post: (message: FromWorker) => void;
  /** The agent has told what it can. */
  readonly handleReady: () => void;
}

/** The guest's agent for the page: clipboard and files. */
export class AgentBridge {
  readonly agent: VdAgent;
  readonly #options: AgentBridgeOptions;
  readonly #files: FileSender;
  /** What this computer's clipboard holds for the guest, until it asks for it. */
  #shared: SharedClipboard = {};

  constructor(options: AgentBridgeOptions) {
    this.#options = options;
    this.agent = new VdAgent({
      startAgent: (tokens) => options.main()?.startAgent(tokens),
      sendAgentData: (piece) => options.main()?.sendAgentData(piece),
      grantAgentTokens: (count) => options.main()?.grantAgentTokens(count),
      handleEvent: (event) => this.#handleEvent(event),
    });
    this.#files = new FileSender({ agent: this.agent, post: options.post });
  }

  handle(message: AgentMessage): void {
    switch (message.kind) {
      case "shareClipboard":
        this.#share(message.content);
        return;
      case "fetchClipboard":
        this.agent.requestClipboard("clipboard", message.format);
        return;
      case "sendFile":
        this.#files.start(message.fileId, message.file);
        return;
      case "cancelFile":
        this.#files.cancel(message.fileId);
        return;
    }
  }

  #share(content: SharedClipboard): void {
    this.#shared = content;
    const formats: ClipboardFormat[] = [];
    if (content.text !== undefined) formats.push("text");
    if (content.png !== undefined) formats.push("png");
    if (formats.length === 0) this.agent.releaseClipboard("clipboard");
    else this.agent.offerClipboard("clipboard", formats);
  }

  #handleEvent(event: VdAgentEvent): void {
    const { post } = this.#options;
    switch (event.kind) {
      case "agentReady":
        post({
          kind: "agent",
          isReady: true,
          canUseClipboard: this.agent.can(AGENT_CAPABILITY.clipboardByDemand),
          canResizeGuest: this.agent.can(AGENT_CAPABILITY.monitorsConfig),
          canTakeFiles: !this.agent.can(AGENT_CAPABILITY.fileXferDisabled),
        });
        this.#options.handleReady();
        return;
      case "agentGone":
        this.#files.forget();
        post({ kind: "agent", isReady: false, canUseClipboard: false, canResizeGuest: false, canTakeFiles: false });
        return;
      case "clipboardOffered":
        if (event.selection !== "clipboard") return;
        post({
          kind: "clipboardOffered",
          formats: event.formats.filter((format) => format === "text" || format === "png"),
        });
        return;
      case "clipboardReleased":
        if (event.selection === "clipboard") post({ kind: "clipboardOffered", formats: [] });
        return;
      case "clipboardRequested":
        drop(this.#provide(event.selection, event.format));
        return;
      case "clipboardReceived":
        if (event.content !== undefined) post({ kind: "clipboardFetched", content: sharedOf(event.content) });
        return;
      case "fileWantsData":
      case "fileEnded":
        this.#files.handle(event);
        return;
      case "agentReply":
        return;
    }
  }

  async #provide(selection: Parameters<VdAgent["provideClipboard"]>[0], format: ClipboardFormat): Promise<void> {
    const { text, png } = this.#shared;
    let content: ClipboardContent | undefined;
    if (selection === "clipboard" && format === "text" && text !== undefined) content = { format, text };
    if (selection === "clipboard" && format === "png" && png !== undefined) {
      content = { format, bytes: new Uint8Array(await png.arrayBuffer()) };
    }
    this.agent.provideClipboard(selection, content);
  }
}

function sharedOf(content: ClipboardContent): SharedClipboard {
  if (content.format === "text") return { text: content.text };
  return content.format === "png" ? { png: new Blob([content.bytes.slice()], { type: "image/png" }) } : {};
}
