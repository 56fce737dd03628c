import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { AGENT_CAPABILITY, AGENT_MESSAGE } from "./agent-protocol.ts";

/** VD_AGENT_CLIPBOARD_SELECTION. "primary" is X's selection by the mouse. */
const SELECTION = { clipboard: 0, primary: 1, secondary: 2 } as const;

export type ClipboardSelection = keyof typeof SELECTION;

/** VD_AGENT_CLIPBOARD types. "fileList": paths in the webdav channel's tree, each after a zero byte. */
const FORMAT = { text: 1, png: 2, bmp: 3, tiff: 4, jpg: 5, fileList: 6 } as const;

export type ClipboardFormat = keyof typeof FORMAT;

/** VD_AGENT_CLIPBOARD_NONE: the answer to a request that cannot be met. */
const NO_FORMAT = 0;

/** Formats that one offer may list. */
export const MAX_OFFERED_FORMATS = 64;

export type ClipboardContent =
  /** Line ends are LF here, whatever the guest's are. */
  | { readonly format: "text"; readonly text: string }
  | { readonly format: Exclude<ClipboardFormat, "text">; readonly bytes: Uint8Array };

export type ClipboardEvent =
  /** Something was copied in the guest; requestClipboard gets it. */
  | {
      readonly kind: "clipboardOffered";
      readonly selection: ClipboardSelection;
      readonly formats: readonly ClipboardFormat[];
    }
  /** The guest pastes what was offered; answer by provideClipboard. */
  | { readonly kind: "clipboardRequested"; readonly selection: ClipboardSelection; readonly format: ClipboardFormat }
  /** The answer to requestClipboard. Undefined content: the guest has it no more, or it is above the limit. */
  | {
      readonly kind: "clipboardReceived";
      readonly selection: ClipboardSelection;
      readonly content: ClipboardContent | undefined;
      readonly isTooLong: boolean;
    }
  /** What was copied in the guest is gone. */
  | { readonly kind: "clipboardReleased"; readonly selection: ClipboardSelection };

interface SelectionState {
  readonly selection: ClipboardSelection;
  /** What this side has; undefined when the guest, or nobody, has something. */
  ownFormats: readonly ClipboardFormat[] | undefined;
  guestFormats: readonly ClipboardFormat[] | undefined;
  readonly requested: Set<ClipboardFormat>;
  /** Counts grabs of both sides, so that of two at the same time the same one wins on both. */
  serial: number;
}

export interface AgentClipboardOptions {
  /** Whether the guest's agent has this AGENT_CAPABILITY. */
  readonly can: (capability: number) => boolean;
  /** False: not sent, because too much waits. */
  readonly send: (type: number, parts: readonly Uint8Array[]) => boolean;
  readonly handleEvent: (event: ClipboardEvent) => void;
  readonly maxBytes: number;
}

/** The clipboards of one agent: who has something, in which formats, and the passing of it on demand. */
export class AgentClipboard {
  readonly #options: AgentClipboardOptions;
  #states = freshStates();

  constructor(options: AgentClipboardOptions) {
    this.#options = options;
  }

  /** Something was copied on this side. False: the guest's agent has no (such) clipboard. */
  offer(selection: ClipboardSelection, formats: readonly ClipboardFormat[]): boolean {
    const state = this.#states[selection];
    if (!this.#isUsable(selection)) return false;
    const body = this.#begin(selection);
    if (this.#options.can(AGENT_CAPABILITY.clipboardGrabSerial)) {
      body.u32(state.serial);
      state.serial = (state.serial + 1) >>> 0;
    }
    for (const format of formats) body.u32(FORMAT[format]);
    if (!this.#options.send(AGENT_MESSAGE.clipboardGrab, [body.finish()])) return false;
    state.ownFormats = [...formats];
    this.#forgetGuest(state);
    return true;
  }

  /** What was offered is gone. */
  release(selection: ClipboardSelection): void {
    const state = this.#states[selection];
    if (state.ownFormats === undefined) return;
    state.ownFormats = undefined;
    this.#options.send(AGENT_MESSAGE.clipboardRelease, [this.#begin(selection).finish()]);
  }

  /** Answers "clipboardRequested"; undefined where it cannot be had after all. False: too long, or too much waits. */
  provide(selection: ClipboardSelection, content: ClipboardContent | undefined): boolean {
    if (!this.#isUsable(selection)) return false;
    const data = content === undefined ? new Uint8Array(0) : this.#encode(content);
    const isAccepted = data.length <= this.#options.maxBytes;
    const format = content === undefined || !isAccepted ? NO_FORMAT : FORMAT[content.format];
    const head = this.#begin(selection).u32(format).finish();
    const isSent = this.#options.send(AGENT_MESSAGE.clipboard, isAccepted ? [head, data] : [head]);
    return isSent && isAccepted;
  }

  /** Asks for what the guest offers. False: it does not offer that. */
  request(selection: ClipboardSelection, format: ClipboardFormat): boolean {
    const state = this.#states[selection];
    if (state.guestFormats?.includes(format) !== true) return false;
    state.requested.add(format);
    return this.#options.send(AGENT_MESSAGE.clipboardRequest, [this.#begin(selection).u32(FORMAT[format]).finish()]);
  }

  /** True when it was a message about clipboards. Throws ProtocolError. */
  handleMessage(type: number, body: Uint8Array): boolean {
    const reader = new SpiceReader(body);
    switch (type) {
      case AGENT_MESSAGE.clipboardGrab:
        this.#handleGrab(this.#readSelection(reader), reader);
        return true;
      case AGENT_MESSAGE.clipboardRequest:
        this.#handleRequest(this.#readSelection(reader), reader.u32());
        return true;
      case AGENT_MESSAGE.clipboard: {
        const state = this.#readSelection(reader);
        this.#handleData(state, reader.u32(), reader.rest());
        return true;
      }
      case AGENT_MESSAGE.clipboardRelease: {
        const state = this.#readSelection(reader);
        if (state !== undefined) this.#forgetGuest(state, { isTold: true });
        return true;
      }
      default:
        return false;
    }
  }

  /** Data above the limit were thrown away. Which selection they were for is not known: all that were asked for end. */
  handleTooLong(): void {
    for (const state of Object.values(this.#states)) this.#endRequests(state, { isTooLong: true });
  }

  /** The agent has gone. */
  reset(): void {
    for (const state of Object.values(this.#states)) this.#forgetGuest(state, { isTold: true });
    this.#states = freshStates();
  }

  #isUsable(selection: ClipboardSelection): boolean {
    const { can } = this.#options;
    return (
      can(AGENT_CAPABILITY.clipboardByDemand) && (selection === "clipboard" || can(AGENT_CAPABILITY.clipboardSelection))
    );
  }

  #begin(selection: ClipboardSelection): SpiceWriter {
    const writer = new SpiceWriter();
    if (this.#options.can(AGENT_CAPABILITY.clipboardSelection)) writer.u32(SELECTION[selection]);
    return writer;
  }

  /** Undefined: a selection that this client does not know. */
  #readSelection(reader: SpiceReader): SelectionState | undefined {
    if (!this.#options.can(AGENT_CAPABILITY.clipboardSelection)) return this.#states.clipboard;
    const number = reader.u8();
    reader.skip(3);
    return Object.values(this.#states).find(({ selection }) => SELECTION[selection] === number);
  }

  #handleGrab(state: SelectionState | undefined, reader: SpiceReader): void {
    const serial = this.#options.can(AGENT_CAPABILITY.clipboardGrabSerial) ? reader.u32() : undefined;
    const count = Math.floor(reader.remaining / 4);
    if (count > MAX_OFFERED_FORMATS) throw new ProtocolError("limit", `an offer of ${String(count)} formats`);
    const numbers = Array.from({ length: count }, () => reader.u32());
    if (state === undefined) return;
    if (serial !== undefined) {
      // The guest had not seen our last grab when it sent this one: ours is the later one.
      if (serial !== state.serial) return;
      state.serial = (state.serial + 1) >>> 0;
    }
    const formats = numbers.map(formatOf).filter((format) => format !== undefined);
    this.#endRequests(state, { isTooLong: false });
    state.ownFormats = undefined;
    state.guestFormats = formats;
    this.#options.handleEvent({ kind: "clipboardOffered", selection: state.selection, formats });
  }

  #handleRequest(state: SelectionState | undefined, number: number): void {
    if (state === undefined) return;
    const format = formatOf(number);
    if (format !== undefined && state.ownFormats?.includes(format) === true) {
      this.#options.handleEvent({ kind: "clipboardRequested", selection: state.selection, format });
    } else this.provide(state.selection, undefined);
  }

  #handleData(state: SelectionState | undefined, number: number, data: Uint8Array): void {
    if (state === undefined) return;
    const format = formatOf(number);
    if (format === undefined) this.#endRequests(state, { isTooLong: false });
    // What nobody asked for is dropped: a guest may not fill this side's clipboard unasked.
    else if (state.requested.delete(format)) {
      const content = decode(format, data);
      this.#options.handleEvent({ kind: "clipboardReceived", selection: state.selection, content, isTooLong: false });
    }
  }

  #encode(content: ClipboardContent): Uint8Array {
    if (content.format !== "text") return content.bytes;
    const text = content.text.replaceAll("\r\n", "\n");
    const isCrlf = this.#options.can(AGENT_CAPABILITY.guestLineendCrlf);
    return new TextEncoder().encode(isCrlf ? text.replaceAll("\n", "\r\n") : text);
  }

  #forgetGuest(state: SelectionState, options: { isTold?: boolean } = {}): void {
    this.#endRequests(state, { isTooLong: false });
    if (state.guestFormats === undefined) return;
    state.guestFormats = undefined;
    if (options.isTold === true) {
      this.#options.handleEvent({ kind: "clipboardReleased", selection: state.selection });
    }
  }

  #endRequests(state: SelectionState, options: { isTooLong: boolean }): void {
    const count = state.requested.size;
    state.requested.clear();
    const { selection } = state;
    for (let ended = 0; ended < count; ended += 1) {
      this.#options.handleEvent({ kind: "clipboardReceived", selection, content: undefined, ...options });
    }
  }
}

function freshStates(): Record<ClipboardSelection, SelectionState> {
  const fresh = (selection: ClipboardSelection): SelectionState => ({
    selection,
    ownFormats: undefined,
    guestFormats: undefined,
    requested: new Set(),
    serial: 0,
  });
  return { clipboard: fresh("clipboard"), primary: fresh("primary"), secondary: fresh("secondary") };
}

function formatOf(number: number): ClipboardFormat | undefined {
  return (Object.keys(FORMAT) as ClipboardFormat[]).find((format) => FORMAT[format] === number);
}

/** Texts of some agents end with a zero byte, which is none of the text. */
function decode(format: ClipboardFormat, data: Uint8Array): ClipboardContent {
  if (format !== "text") return { format, bytes: data };
  let end = data.length;
  while (end > 0 && data[end - 1] === 0) end -= 1;
  return { format, text: new TextDecoder().decode(data.subarray(0, end)).replaceAll("\r\n", "\n") };
}
