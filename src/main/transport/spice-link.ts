import type { Duplex } from "node:stream";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { SpiceClientLink, type LinkFailure, type LinkOutput } from "../../protocols/spice/link/client-link.ts";
import type { LinkRequest } from "../../protocols/spice/link/link-messages.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { lostStreamError } from "./connect-error.ts";
import { protocolAppError } from "./protocol-app-error.ts";
import { chooseSaslExchange, knowsSaslMechanism } from "./sasl.ts";
import { type SaslExchange } from "./sasl-exchange.ts";
import { encryptSpiceTicket, MAX_SPICE_PASSWORD_BYTES } from "./spice-ticket.ts";
import { StreamReader } from "./stream-reader.ts";

/** The server's share of the link, all waits together; it makes an RSA key in it. Nobody is asked anything meanwhile. */
const LINK_TIMEOUT_MS = 15_000;

export interface SpiceLogin {
  readonly userName: string | undefined;
  readonly password: string;
}

/** How a link ended without being an error yet: the caller may have another port or another password. */
export type SpiceLinkEnd =
  /** The stream now begins with the server's link reply, the result 0, then the channel's messages. */
  | { readonly kind: "linked"; readonly stream: Duplex }
  /** It wants a user name and a password, and none was given. */
  | { readonly kind: "login-needed" }
  | { readonly kind: "failed"; readonly failure: LinkFailure };

export interface SpiceLinkOptions {
  readonly request: LinkRequest;
  /** For texts and errors. */
  readonly address: string;
  /** The name of the server, which some mechanisms of SASL want to be told. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Undefined: nothing is known; a server without passwords takes an empty one. */
  readonly login: SpiceLogin | undefined;
}

const RESULT_OK = Buffer.alloc(4);

/** Links one channel over an open stream, which is closed unless it ends "linked". Errors are AppErrors. */
export async function linkSpice(
  stream: Duplex,
  options: SpiceLinkOptions,
  waiting: { signal: AbortSignal },
): Promise<SpiceLinkEnd> {
  // A stream without an error listener would end the process; what went wrong is seen by whoever reads.
  stream.on("error", () => undefined);
  try {
    const end = await new LinkRun(stream, options).run(waiting.signal);
    if (end.kind !== "linked") stream.destroy();
    return end;
  } catch (error) {
    stream.destroy();
    throw protocolAppError(error, { address: options.address, protocol: "SPICE" });
  }
}

class LinkRun {
  readonly #stream: Duplex;
  readonly #options: SpiceLinkOptions;
  readonly #link: SpiceClientLink;
  readonly #reader: StreamReader;
  #exchange: SaslExchange | undefined;

  constructor(stream: Duplex, options: SpiceLinkOptions) {
    const { request, isSecure, address } = options;
    this.#stream = stream;
    this.#options = options;
    this.#link = new SpiceClientLink({ ...request, isSecure });
    this.#reader = new StreamReader(stream, {
      budgetMs: LINK_TIMEOUT_MS,
      limitError: () => new AppError("PROTOCOL_TIMEOUT", "no answer in the link", { address, act: "the SPICE link" }),
    });
  }

  async run(signal: AbortSignal): Promise<SpiceLinkEnd> {
    const { address } = this.#options;
    const outputs = this.#link.start();
    for (;;) {
      const output = outputs.shift();
      if (output === undefined) {
        const chunk = await this.#reader.read({ signal, address });
        outputs.push(...(chunk === undefined ? this.#link.end() : this.#link.receive(chunk)));
        continue;
      }
      if (output.kind === "failed") return output;
      if (output.kind === "done") return { kind: "linked", stream: this.#begin(output) };
      if (output.kind === "send") {
        if (this.#stream.destroyed) throw lostStreamError(undefined, address);
        this.#stream.write(output.bytes);
        continue;
      }
      const answer = await this.#answer(output);
      if (answer === undefined) return { kind: "login-needed" };
      outputs.push(...answer);
    }
  }

  /** What the link asked for; undefined when a login is missing. */
  async #answer(
    output: Extract<LinkOutput, { kind: "ticket" | "sasl" | "sasl-step" }>,
  ): Promise<LinkOutput[] | undefined> {
    switch (output.kind) {
      case "ticket": {
        const password = this.#options.login?.password ?? "";
        // The reference server takes no longer one; what does not fit in the key could not even be sent.
        if (Buffer.byteLength(password) > MAX_SPICE_PASSWORD_BYTES) {
          return [{ kind: "failed", failure: { kind: "login-refused" } }];
        }
        return this.#link.giveTicket(await encryptSpiceTicket(output.publicKey, password));
      }
      case "sasl":
        return this.#startSasl(output.mechanisms);
      case "sasl-step":
        return this.#link.continueSasl(await this.#stepSasl(output.data, output.isComplete));
    }
  }

  #startSasl(mechanisms: readonly string[]): LinkOutput[] | undefined {
    const { login, address, host } = this.#options;
    // SASL is used over TLS only, where nobody can listen in.
    const saslOptions = { isPrivate: true, service: { name: "spice", host } };
    if (!knowsSaslMechanism(mechanisms, saslOptions)) {
      const method = `SASL ${mechanisms.join(", ")}`.slice(0, 300);
      throw new AppError("LOGIN_UNSUPPORTED", "no SASL mechanism in common", { address, method });
    }
    if (login?.userName === undefined) return undefined;
    const credentials = { userName: login.userName, password: login.password };
    this.#exchange = chooseSaslExchange(mechanisms, credentials, saslOptions);
    if (this.#exchange === undefined) throw new AppError("BUG", "a known SASL mechanism is not there");
    return this.#link.startSasl(this.#exchange.mechanism, this.#exchange.start());
  }

  /** With success the last message of the server may come along: for SCRAM its proof, which must be right. */
  async #stepSasl(data: Uint8Array | undefined, isComplete: boolean): Promise<Uint8Array | undefined> {
    if (this.#exchange === undefined) throw new ProtocolError("malformed", "a SASL step before its start");
    if (isComplete && data === undefined) return undefined;
    return this.#exchange.step(data ?? new Uint8Array(0));
  }

  /** Puts the link's end back in front of the stream, for the page to read. */
  #begin({ reply, rest }: Extract<LinkOutput, { kind: "done" }>): Duplex {
    const { address } = this.#options;
    if (this.#stream.destroyed || this.#stream.readableEnded) throw lostStreamError(undefined, address);
    this.#stream.unshift(Buffer.concat([reply, RESULT_OK, rest]));
    return this.#stream;
  }
}
