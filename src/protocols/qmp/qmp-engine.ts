import { ProtocolError } from "../bytes/protocol-error.ts";
import { JsonObjectSplitter } from "./json-object-splitter.ts";

/**
 * The client's side of the QEMU Machine Protocol: bytes in, outputs out. It answers the greeting with
 * `qmp_capabilities` by itself; commands may be sent once it said "ready".
 * Specification: https://www.qemu.org/docs/master/interop/qmp-spec.html, "Protocol Details".
 */

/** One message. The largest reply that is asked for here (query-chardev of a big guest) stays far below. */
export const MAX_QMP_MESSAGE_BYTES = 1024 * 1024;

/** Commands that wait for their reply at once; more is a fault of the caller. */
export const MAX_QMP_COMMANDS = 256;

export type QmpOutput =
  /** To be written to the server. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** "Server Greeting": QEMU's version. */
  | { readonly kind: "greeting"; readonly version: QmpVersion }
  /** Capabilities are negotiated; commands may be sent. */
  | { readonly kind: "ready" }
  | { readonly kind: "reply"; readonly id: number; readonly value: unknown }
  | {
      readonly kind: "failure";
      readonly id: number;
      /** "GenericError", "CommandNotFound", "DeviceNotFound", … */
      readonly errorClass: string;
      readonly description: string;
    }
  | { readonly kind: "event"; readonly name: string; readonly data: Readonly<Record<string, unknown>> };

export interface QmpVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The id of the command that the engine sends itself; the callers' begin after it. */
const CAPABILITIES_ID = 0;

export class QmpEngine {
  readonly #splitter = new JsonObjectSplitter({ maxBytes: MAX_QMP_MESSAGE_BYTES });
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #encoder = new TextEncoder();
  readonly #waitingIds = new Set<number>();
  #phase: "greeting" | "capabilities" | "ready" = "greeting";
  #nextId = CAPABILITIES_ID + 1;

  /** Takes bytes of the server. Throws ProtocolError when they are not QMP; the engine is of no use afterwards. */
  receive(chunk: Uint8Array): QmpOutput[] {
    const outputs: QmpOutput[] = [];
    try {
      for (const message of this.#splitter.push(chunk)) this.#handle(this.#parse(message), outputs);
    } catch (error) {
      // Before the greeting, wrong bytes mean that another protocol lives there, not that QMP was broken.
      if (this.#phase === "greeting" && error instanceof ProtocolError && error.reason === "malformed") {
        throw new ProtocolError("mismatch", "it does not begin with a QMP greeting");
      }
      throw error;
    }
    return outputs;
  }

  /** "Issuing Commands". The reply carries the same id. */
  execute(command: string, commandArguments?: JsonObject): { readonly id: number; readonly bytes: Uint8Array } {
    if (this.#phase !== "ready") throw new ProtocolError("mismatch", "a command before the negotiation ended");
    if (this.#waitingIds.size >= MAX_QMP_COMMANDS) {
      throw new ProtocolError("limit", `more than ${MAX_QMP_COMMANDS} commands wait for a reply`);
    }
    const id = this.#nextId++;
    this.#waitingIds.add(id);
    return { id, bytes: this.#encode(command, id, commandArguments) };
  }

  #encode(command: string, id: number, commandArguments?: JsonObject): Uint8Array {
    const message = {
      execute: command,
      ...(commandArguments === undefined ? {} : { arguments: commandArguments }),
      id,
    };
    return this.#encoder.encode(`${JSON.stringify(message)}\r\n`);
  }

  #parse(bytes: Uint8Array): JsonObject {
    let value: unknown;
    try {
      value = JSON.parse(this.#decoder.decode(bytes));
    } catch {
      throw new ProtocolError("malformed", "a message is not JSON");
    }
    return objectOf(value, "a message");
  }

  #handle(message: JsonObject, outputs: QmpOutput[]): void {
    if (this.#phase === "greeting") {
      outputs.push({ kind: "greeting", version: versionOf(message) });
      outputs.push({ kind: "send", bytes: this.#encode("qmp_capabilities", CAPABILITIES_ID) });
      this.#phase = "capabilities";
    } else if (Object.hasOwn(message, "event")) {
      this.#handleEvent(message, outputs);
    } else if (Object.hasOwn(message, "return") || Object.hasOwn(message, "error")) {
      this.#handleReply(message, outputs);
    } else {
      throw new ProtocolError("malformed", "a message is neither reply nor event");
    }
  }

  #handleEvent(message: JsonObject, outputs: QmpOutput[]): void {
    const data = message["data"];
    outputs.push({
      kind: "event",
      name: textOf(message["event"], "an event's name"),
      data: data === undefined ? {} : objectOf(data, "an event's data"),
    });
  }

  #handleReply(message: JsonObject, outputs: QmpOutput[]): void {
    const id = message["id"];
    if (this.#phase === "capabilities") {
      if (id !== CAPABILITIES_ID || !Object.hasOwn(message, "return")) {
        throw new ProtocolError("malformed", "the capabilities were refused");
      }
      this.#phase = "ready";
      outputs.push({ kind: "ready" });
      return;
    }
    if (typeof id !== "number" || !this.#waitingIds.delete(id)) {
      throw new ProtocolError("malformed", "a reply that nothing asked for");
    }
    if (Object.hasOwn(message, "return")) {
      outputs.push({ kind: "reply", id, value: message["return"] });
      return;
    }
    const error = objectOf(message["error"], "an error");
    outputs.push({
      kind: "failure",
      id,
      errorClass: textOf(error["class"], "an error's class"),
      description: textOf(error["desc"], "an error's description"),
    });
  }
}

function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("malformed", `${what} is not an object`);
  }
  return value as JsonObject;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new ProtocolError("malformed", `${what} is not a text`);
  return value;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number") throw new ProtocolError("malformed", `${what} is not a number`);
  return value;
}

/** "Server Greeting": `{"QMP": {"version": {"qemu": {"major", "minor", "micro"}, "package"}, "capabilities": []}}`. */
function versionOf(greeting: JsonObject): QmpVersion {
  const body = objectOf(greeting["QMP"], "the greeting");
  const qemu = objectOf(objectOf(body["version"], "the version")["qemu"], "QEMU's version");
  return {
    major: numberOf(qemu["major"], "the major version"),
    minor: numberOf(qemu["minor"], "the minor version"),
    micro: numberOf(qemu["micro"], "the micro version"),
  };
}
