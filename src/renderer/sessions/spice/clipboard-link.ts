import { type ConsoleSettings } from "../../../shared/contracts/settings.ts";
import { type AgentMessage, type ClipboardForm, type SharedClipboard } from "./worker-messages.ts";

export interface ClipboardLinkOptions {
  readonly send: (message: AgentMessage) => void;
  /** The guest gave what was asked for. */
  readonly handleContent: (content: SharedClipboard) => void;
  /** Whether the guest waits for the user's leave has changed. */
  readonly handleAskingChange: () => void;
}

/**
 * The clipboard with a guest's agent. Nothing of the guest's is fetched before the user has allowed it, nor while its console is
 * hidden: what is copied in a guest that nobody looks at must not come to this computer.
 */
export class ClipboardLink {
  readonly #options: ClipboardLinkOptions;
  #settings: ConsoleSettings;
  #isVisible: boolean;
  #offered: readonly ClipboardForm[] = [];
  /** The user asked for it by hand; the next thing that comes is wanted, whatever the settings say. */
  #isAskedFor = false;

  constructor(options: ClipboardLinkOptions & { readonly settings: ConsoleSettings; readonly isVisible: boolean }) {
    this.#options = options;
    this.#settings = options.settings;
    this.#isVisible = options.isVisible;
  }

  /** The guest has something, and the user has not yet said whether guests may share their clipboards. */
  get isAsking(): boolean {
    return this.#offered.length > 0 && this.#settings.agentClipboard === "ask" && this.#settings.clipboard === "both";
  }

  configure(settings: ConsoleSettings): void {
    const wasAllowed = this.#isAllowed;
    this.#change(() => {
      this.#settings = settings;
    });
    if (!wasAllowed) this.#fetchIfAllowed();
  }

  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    this.#fetchIfAllowed();
  }

  /** Gives this computer's clipboard; whether that is wanted is the caller's business. */
  share(content: SharedClipboard): void {
    if (this.#settings.clipboard !== "off") this.#options.send({ kind: "shareClipboard", content });
  }

  /** The user asked for the guest's clipboard. False: it has nothing. */
  fetch(): boolean {
    const [format] = preferred(this.#offered);
    if (format === undefined || this.#settings.clipboard !== "both") return false;
    this.#isAskedFor = true;
    this.#options.send({ kind: "fetchClipboard", format });
    return true;
  }

  handleOffered(forms: readonly ClipboardForm[]): void {
    this.#change(() => {
      this.#offered = forms;
    });
    this.#fetchIfAllowed();
  }

  handleFetched(content: SharedClipboard): void {
    if (!this.#isAskedFor && !this.#isAllowed) return;
    this.#isAskedFor = false;
    this.#options.handleContent(content);
  }

  get #isAllowed(): boolean {
    return this.#settings.agentClipboard === "allowed" && this.#settings.clipboard === "both";
  }

  #fetchIfAllowed(): void {
    const [format] = preferred(this.#offered);
    if (format === undefined || !this.#isAllowed || !this.#isVisible) return;
    this.#offered = [];
    this.#options.send({ kind: "fetchClipboard", format });
  }

  #change(act: () => void): void {
    const wasAsking = this.isAsking;
    act();
    if (this.isAsking !== wasAsking) this.#options.handleAskingChange();
  }
}

/** Text says more than a picture of it: office programs offer both. */
function preferred(forms: readonly ClipboardForm[]): ClipboardForm[] {
  return (["text", "png"] as const).filter((form) => forms.includes(form));
}
