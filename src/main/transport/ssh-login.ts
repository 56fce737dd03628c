import type { AnyAuthMethod, Prompt } from "ssh2";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, SecretMemory } from "../providers/provider.ts";
import type { KeyFileAgent } from "./ssh-key-files.ts";

/** As OpenSSH's NumberOfPasswordPrompts. */
const MAX_PASSWORD_TRIES = 3;
/** A server that asks without end is not logging anybody in. */
const MAX_PROMPTS = 16;

export interface SshLoginOptions {
  readonly user: string;
  /** "rack-a:22". */
  readonly address: string;
  readonly password: string | undefined;
  /** SSH_AUTH_SOCK, unless only named keys may be used. */
  readonly agentSocket: string | undefined;
  readonly keyFiles: KeyFileAgent | undefined;
  readonly keyFilesFirst: boolean;
  readonly ask: Ask;
  readonly secrets: SecretMemory;
  readonly signal: AbortSignal;
  /** A prompt could not be answered. */
  readonly onFatal: (error: unknown) => void;
}

type Method = "none" | "public-key" | "password" | "keyboard";

/**
 * What is tried at one SSH server, in turn: keys (RFC 4252, section 7), password (section 8), keyboard-interactive (RFC 4256).
 * `next` is asked by ssh2 after each failure, with the methods that the server would still take.
 */
export class SshLogin {
  readonly #options: SshLoginOptions;
  readonly #publicKeyMethods: AnyAuthMethod[];
  readonly #secretKey: string;
  #last: Method | undefined;
  #passwordTries = 0;
  #promptCount = 0;
  #isGivenUsed = false;
  #hasRefreshed = false;
  #isPasswordRefused = false;

  constructor(options: SshLoginOptions) {
    this.#options = options;
    this.#secretKey = `ssh ${options.user}@${options.address}`;
    const { user: username, agentSocket, keyFiles, keyFilesFirst } = options;
    const agent: AnyAuthMethod[] = agentSocket === undefined ? [] : [{ type: "agent", username, agent: agentSocket }];
    const files: AnyAuthMethod[] = keyFiles === undefined ? [] : [{ type: "agent", username, agent: keyFiles }];
    this.#publicKeyMethods = keyFilesFirst ? [...files, ...agent] : [...agent, ...files];
  }

  /** False when nothing is left to try. `methodsLeft` is undefined at first. */
  async next(methodsLeft: readonly string[] | undefined): Promise<AnyAuthMethod | false> {
    const username = this.#options.user;
    const last = this.#last;
    if (methodsLeft === undefined) return this.#take("none", { type: "none", username });
    if (last === "password" || last === "keyboard") this.#noteRefusal();

    const takes = (name: string): boolean => methodsLeft.includes(name);
    const publicKey = takes("publickey") ? this.#publicKeyMethods.shift() : undefined;
    if (publicKey !== undefined) return this.#take("public-key", publicKey);
    if (takes("password") || takes("keyboard-interactive")) {
      if (this.#passwordTries >= MAX_PASSWORD_TRIES) return false;
      if (takes("password")) {
        const password = await this.#findPassword();
        return this.#take("password", { type: "password", username, password });
      }
      return this.#take("keyboard", { type: "keyboard-interactive", username, prompt: this.#prompt });
    }
    // What ssh2 knows of the methods is old after a key that was accepted as the first of two steps.
    if (last === "public-key" && !this.#hasRefreshed) {
      this.#hasRefreshed = true;
      return this.#take("none", { type: "none", username });
    }
    return false;
  }

  #take(method: Method, auth: AnyAuthMethod): AnyAuthMethod {
    this.#last = method;
    return auth;
  }

  #noteRefusal(): void {
    this.#options.secrets.forget(this.#secretKey);
    this.#isPasswordRefused = true;
  }

  /** Given, remembered, or asked. */
  async #findPassword(): Promise<string> {
    const { password, secrets, ask, user, address, signal } = this.#options;
    if (password !== undefined && !this.#isGivenUsed) {
      this.#isGivenUsed = true;
      return password;
    }
    const remembered = secrets.get(this.#secretKey);
    if (remembered !== undefined) return remembered.secret;
    this.#passwordTries += 1;
    const reason = this.#isPasswordRefused ? "refused" : "first";
    const target = `${user}@${address}`;
    const answer = await ask({ kind: "password", service: "SSH", target, reason }, { signal });
    if (answer.kind !== "secret") throw new AppError("LOGIN_NEEDED", "no password was given", { address });
    secrets.remember(this.#secretKey, { secret: answer.secret });
    return answer.secret;
  }

  readonly #prompt = (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    finish: (answers: string[]) => void,
  ): void => {
    this.#answerAll(prompts).then(finish, (error: unknown) => {
      this.#options.onFatal(error);
    });
  };

  async #answerAll(prompts: readonly Prompt[]): Promise<string[]> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      this.#promptCount += 1;
      const { ask, address, user, signal } = this.#options;
      if (this.#promptCount > MAX_PROMPTS) {
        throw new AppError("SSH_LOGIN_REFUSED", "the server asks without end", { address, user });
      }
      // A server that asks for the password in this way, as PAM does, gets the same one as by the method of that name.
      if (echo !== true && /^\s*(?:\S+'s\s+)?password:?\s*$/i.test(prompt.replace(/^\(.*?\)\s*/, ""))) {
        answers.push(await this.#findPassword());
        continue;
      }
      const body = {
        kind: "prompt",
        prompt: printable(prompt),
        target: `${user}@${address}`,
        isSecret: echo !== true,
      } as const;
      const answer = await ask(body, { signal });
      if (answer.kind !== "secret") throw new AppError("LOGIN_NEEDED", "no answer was given", { address });
      answers.push(answer.secret);
      this.#passwordTries += 1;
    }
    return answers;
  }
}

function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .slice(0, 1024);
}
