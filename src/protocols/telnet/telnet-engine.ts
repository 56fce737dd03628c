import { ByteWriter } from "../bytes/byte-writer.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";

/**
 * The client's side of telnet: it takes commands and option negotiation out of the stream, answers them, and leaves
 * plain terminal bytes. Specifications: RFC 854 (telnet), 855 (options), 856 (BINARY), 857 (ECHO), 858 (SGA),
 * 1073 (NAWS), 1091 (TERMINAL-TYPE), 1143 (how to negotiate without loops).
 */

/** RFC 854, "TELNET COMMAND STRUCTURE". */
const SE = 240;
const SB = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
const IAC = 255;

const BINARY = 0;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;
const TERMINAL_TYPE = 24;
const NAWS = 31;

/** RFC 1091. */
const TERMINAL_TYPE_IS = 0;
const TERMINAL_TYPE_SEND = 1;

const CR = 13;
const NUL = 0;

/** What the server may do, and what we do when it asks. */
const REMOTE_OPTIONS = new Set([BINARY, ECHO, SUPPRESS_GO_AHEAD]);
const LOCAL_OPTIONS = new Set([BINARY, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, NAWS]);

/** A subnegotiation that a server sends here is a few bytes; this is generous. */
export const MAX_SUBNEGOTIATION_BYTES = 4096;

/** How often one connection is told the terminal type; a server asks once or twice, a hostile one for ever. */
export const MAX_TERMINAL_TYPE_REPLIES = 16;

/** How often one option may be switched to and fro before the engine stops to answer. */
export const MAX_OPTION_CHANGES = 32;

const MAX_TERMINAL_SIDE = 65_535;

export interface TelnetOutput {
  /** What the terminal shows. */
  readonly data: Uint8Array;
  /** To be written to the server; often empty. */
  readonly reply: Uint8Array;
}

type Parsing =
  | { readonly at: "data" }
  | { readonly at: "command" }
  | { readonly at: "option"; readonly verb: number }
  | { readonly at: "subnegotiation"; readonly content: number[]; readonly isAfterIac: boolean };

const AT_DATA: Parsing = { at: "data" };

/** One direction's options: which are on, and what was said about each, so that nothing is answered without end. */
class OptionTable {
  readonly #supported: ReadonlySet<number>;
  readonly #enabled = new Set<number>();
  readonly #refused = new Set<number>();
  readonly #changesByOption = new Map<number, number>();

  constructor(supported: ReadonlySet<number>) {
    this.#supported = supported;
  }

  isEnabled(option: number): boolean {
    return this.#enabled.has(option);
  }

  /** The far side wants the option on or off; says what to answer (RFC 1143: only a change is answered). */
  request(option: number, wish: "on" | "off"): "agree" | "refuse" | "silent" {
    if (!this.#supported.has(option)) {
      if (wish === "off" || this.#refused.has(option)) return "silent";
      this.#refused.add(option);
      return "refuse";
    }
    if (this.#enabled.has(option) === (wish === "on")) return "silent";
    const changes = (this.#changesByOption.get(option) ?? 0) + 1;
    if (changes > MAX_OPTION_CHANGES) return "silent";
    this.#changesByOption.set(option, changes);
    if (wish === "on") this.#enabled.add(option);
    else this.#enabled.delete(option);
    return wish === "on" ? "agree" : "refuse";
  }
}

export class TelnetEngine {
  readonly #terminalType: Uint8Array;
  readonly #remote = new OptionTable(REMOTE_OPTIONS);
  readonly #local = new OptionTable(LOCAL_OPTIONS);
  #parsing: Parsing = AT_DATA;
  #isAfterCr = false;
  #terminalTypeReplies = 0;
  #size: { columns: number; rows: number } = { columns: 80, rows: 24 };

  constructor(options: { terminalType?: string } = {}) {
    this.#terminalType = new TextEncoder().encode(options.terminalType ?? "xterm-256color");
  }

  /** Takes bytes of the server. Throws ProtocolError at a subnegotiation without end. */
  receive(chunk: Uint8Array): TelnetOutput {
    const data = new ByteWriter();
    const reply = new ByteWriter();
    for (const byte of chunk) this.#handleByte(byte, data, reply);
    return { data: data.finish(), reply: reply.finish() };
  }

  /** Terminal bytes as they go to the server: IAC doubled, and a bare CR followed by NUL unless we send BINARY. */
  encode(bytes: Uint8Array): Uint8Array {
    const isBinary = this.#local.isEnabled(BINARY);
    const writer = new ByteWriter();
    for (const byte of bytes) {
      writer.u8(byte);
      if (byte === IAC) writer.u8(IAC);
      else if (byte === CR && !isBinary) writer.u8(NUL);
    }
    return writer.finish();
  }

  /** Tells the size of the terminal. Empty when the server did not ask for it; it is told when it does. */
  resize(columns: number, rows: number): Uint8Array {
    const clamp = (side: number): number => Math.min(Math.max(Math.trunc(side), 0), MAX_TERMINAL_SIDE);
    this.#size = { columns: clamp(columns), rows: clamp(rows) };
    const writer = new ByteWriter();
    if (this.#local.isEnabled(NAWS)) this.#writeSize(writer);
    return writer.finish();
  }

  #handleByte(byte: number, data: ByteWriter, reply: ByteWriter): void {
    const parsing = this.#parsing;
    switch (parsing.at) {
      case "data":
        if (byte === IAC) this.#parsing = { at: "command" };
        else this.#handleData(byte, data);
        return;
      case "command":
        this.#parsing = AT_DATA;
        if (byte === IAC) this.#handleData(IAC, data);
        else if (byte === SB) this.#parsing = { at: "subnegotiation", content: [], isAfterIac: false };
        else if (byte >= WILL && byte <= DONT) this.#parsing = { at: "option", verb: byte };
        // Other commands (NOP, GA, AYT, …) mean nothing to a terminal.
        return;
      case "option":
        this.#parsing = AT_DATA;
        this.#negotiate(parsing.verb, byte, reply);
        return;
      case "subnegotiation":
        this.#handleSubnegotiation(parsing, byte, reply);
    }
  }

  /** RFC 854, "THE NVT PRINTER AND KEYBOARD": CR NUL is a CR alone. */
  #handleData(byte: number, data: ByteWriter): void {
    const isPadding = byte === NUL && this.#isAfterCr && !this.#remote.isEnabled(BINARY);
    this.#isAfterCr = byte === CR;
    if (!isPadding) data.u8(byte);
  }

  #negotiate(verb: number, option: number, reply: ByteWriter): void {
    const isAboutServer = verb === WILL || verb === WONT;
    const table = isAboutServer ? this.#remote : this.#local;
    const answer = table.request(option, verb === WILL || verb === DO ? "on" : "off");
    if (answer === "silent") return;
    const agree = isAboutServer ? DO : WILL;
    const refuse = isAboutServer ? DONT : WONT;
    reply
      .u8(IAC)
      .u8(answer === "agree" ? agree : refuse)
      .u8(option);
    if (answer === "agree" && !isAboutServer && option === NAWS) this.#writeSize(reply);
  }

  #handleSubnegotiation(parsing: Parsing & { at: "subnegotiation" }, byte: number, reply: ByteWriter): void {
    const { content, isAfterIac } = parsing;
    if (isAfterIac && byte === SE) {
      this.#parsing = AT_DATA;
      this.#answerSubnegotiation(content, reply);
      return;
    }
    if (isAfterIac && byte !== IAC) {
      // A command inside a subnegotiation: its end was lost. Go on as if it had ended here.
      this.#parsing = { at: "command" };
      this.#handleByte(byte, new ByteWriter(), reply);
      return;
    }
    if (byte === IAC && !isAfterIac) {
      this.#parsing = { at: "subnegotiation", content, isAfterIac: true };
      return;
    }
    if (content.length >= MAX_SUBNEGOTIATION_BYTES) {
      throw new ProtocolError("limit", `a subnegotiation has more than ${MAX_SUBNEGOTIATION_BYTES} bytes`);
    }
    content.push(byte);
    if (isAfterIac) this.#parsing = { at: "subnegotiation", content, isAfterIac: false };
  }

  #answerSubnegotiation(content: readonly number[], reply: ByteWriter): void {
    const isQuestion = content[0] === TERMINAL_TYPE && content[1] === TERMINAL_TYPE_SEND;
    if (!isQuestion || !this.#local.isEnabled(TERMINAL_TYPE)) return;
    if (this.#terminalTypeReplies >= MAX_TERMINAL_TYPE_REPLIES) return;
    this.#terminalTypeReplies += 1;
    reply.u8(IAC).u8(SB).u8(TERMINAL_TYPE).u8(TERMINAL_TYPE_IS).bytes(this.#terminalType).u8(IAC).u8(SE);
  }

  /** RFC 1073: `IAC SB NAWS width height IAC SE`, 16 bits each, IAC doubled inside. */
  #writeSize(writer: ByteWriter): void {
    const { columns, rows } = this.#size;
    writer.u8(IAC).u8(SB).u8(NAWS);
    for (const byte of [columns >> 8, columns & 0xff, rows >> 8, rows & 0xff]) {
      writer.u8(byte);
      if (byte === IAC) writer.u8(IAC);
    }
    writer.u8(IAC).u8(SE);
  }
}
