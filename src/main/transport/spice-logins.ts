import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, SecretMemory } from "../providers/provider.ts";
import type { SpiceLogin } from "./spice-link.ts";

export interface AskForLogin {
  readonly needsUserName: boolean;
  readonly reason: "first" | "refused";
  /** For the question: "rack-a:5900". */
  readonly target: string;
  readonly signal: AbortSignal;
}

/**
 * The logins of one console, for all its channels: given with the address, remembered, asked. One that the server refused is not
 * tried again, and a channel that was refused takes what another channel learned meanwhile, before anybody is asked.
 */
export class SpiceLogins {
  #given: SpiceLogin | undefined;
  #userName: string | undefined;
  readonly #secrets: SecretMemory;
  readonly #secretKey: string;
  readonly #ask: Ask;
  #isGivenRefused = false;

  constructor(options: { readonly secrets: SecretMemory; readonly secretKey: string; readonly ask: Ask }) {
    this.#secrets = options.secrets;
    this.#secretKey = options.secretKey;
    this.#ask = options.ask;
  }

  /** What came with the server's address; the same once more stays refused if it was. */
  give({
    password,
    userName,
  }: {
    readonly password?: string | undefined;
    readonly userName?: string | undefined;
  }): void {
    this.#userName = userName;
    if (password === this.#given?.password && userName === this.#given?.userName) return;
    this.#given = password === undefined ? undefined : { userName, password };
    this.#isGivenRefused = false;
  }

  /** What may be tried now without asking. */
  known(): SpiceLogin | undefined {
    if (this.#given !== undefined && !this.#isGivenRefused) return this.#given;
    const remembered = this.#secrets.get(this.#secretKey);
    return remembered === undefined ? undefined : { userName: remembered.userName, password: remembered.secret };
  }

  /** After the server refused it. */
  forget(login: SpiceLogin): void {
    if (login === this.#given) this.#isGivenRefused = true;
    const remembered = this.#secrets.get(this.#secretKey);
    if (remembered?.secret === login.password && remembered.userName === login.userName) {
      this.#secrets.forget(this.#secretKey);
    }
  }

  /** What a person says; remembered before it is known to be right, for the channels that wait with this one. */
  async ask({ needsUserName, reason, target, signal }: AskForLogin): Promise<SpiceLogin> {
    const question = { kind: "password", service: "SPICE", target, reason } as const;
    const answer = await this.#ask(
      { ...question, ...(needsUserName && { userName: this.#userName ?? "" }) },
      { signal },
    );
    if (answer.kind !== "secret") throw new AppError("LOGIN_NEEDED", "no password was given", { address: target });
    const userName = needsUserName ? (answer.userName ?? this.#userName ?? "") : undefined;
    this.#secrets.remember(this.#secretKey, {
      secret: answer.secret,
      ...(userName !== undefined && { userName }),
    });
    return { userName, password: answer.secret };
  }
}
