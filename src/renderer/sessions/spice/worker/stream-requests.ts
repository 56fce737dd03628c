import type { ChannelRequest } from "../../../../shared/contracts/api.ts";
import type { ErrorReport } from "../../../../shared/contracts/error-report.ts";
import { AppError } from "../../../../shared/errors/app-error.ts";
import type { StreamPass } from "../../../host-client/host-api.ts";
import type { FromWorker } from "../worker-messages.ts";

/** Asks the page for streams: only it can reach the host process's API. */
export class StreamRequests {
  readonly #post: (message: FromWorker) => void;
  readonly #settleById = new Map<number, (outcome: { pass: StreamPass } | { error: AppError }) => void>();
  #lastId = 0;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** Rejects with an AppError. */
  request(channel: ChannelRequest): Promise<StreamPass> {
    const requestId = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#settleById.set(requestId, (outcome) => {
        if ("pass" in outcome) resolve(outcome.pass);
        else reject(outcome.error);
      });
      this.#post({ kind: "needStream", requestId, channel });
    });
  }

  handleReady(requestId: number, pass: StreamPass): void {
    this.#settle(requestId, { pass });
  }

  handleRefused(requestId: number, { code, message, detail }: ErrorReport): void {
    this.#settle(requestId, { error: new AppError(code, message, detail) });
  }

  #settle(requestId: number, outcome: { pass: StreamPass } | { error: AppError }): void {
    const settle = this.#settleById.get(requestId);
    this.#settleById.delete(requestId);
    settle?.(outcome);
  }
}
