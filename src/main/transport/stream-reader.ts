import type { Duplex } from "node:stream";
import type { AppError } from "../../shared/errors/app-error.ts";
import { lostStreamError } from "./connect-error.ts";
import { waitWithLimit } from "./limited-wait.ts";

/**
 * Reads an open stream chunk by chunk, without ever making it flow, so that what is unread stays in it for the next owner.
 * All waits together last at most `budgetMs`: a peer that drips one byte at a time is not waited for for ever.
 */
export class StreamReader {
  readonly #stream: Duplex;
  readonly #limitError: () => AppError;
  #budgetMs: number;

  constructor(stream: Duplex, options: { budgetMs: number; limitError: () => AppError }) {
    this.#stream = stream;
    this.#budgetMs = options.budgetMs;
    this.#limitError = options.limitError;
  }

  /** Undefined at the end of the stream. */
  async read(options: { signal: AbortSignal; address: string }): Promise<Buffer | undefined> {
    const startMs = performance.now();
    try {
      return await this.#read(options);
    } finally {
      this.#budgetMs -= performance.now() - startMs;
    }
  }

  #read({ signal, address }: { signal: AbortSignal; address: string }): Promise<Buffer | undefined> {
    const stream = this.#stream;
    const limits = { signal, limitMs: Math.max(0, this.#budgetMs), limitError: this.#limitError };
    return waitWithLimit<Buffer | undefined>(limits, (resolve, reject, owned) => {
      const take = (): void => {
        const chunk = stream.read() as Buffer | null;
        if (chunk !== null) resolve(chunk);
        else if (stream.readableEnded || stream.destroyed) resolve(undefined);
      };
      const handleError = (error: unknown): void => reject(lostStreamError(error, address));
      const handleClose = (): void => resolve(undefined);
      stream.on("readable", take).on("end", handleClose).on("close", handleClose).on("error", handleError);
      owned.defer(() => {
        stream.off("readable", take).off("end", handleClose).off("close", handleClose).off("error", handleError);
      });
      take();
    });
  }
}
