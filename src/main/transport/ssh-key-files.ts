import { readFile } from "node:fs/promises";
import ssh2, { type ParsedKey } from "ssh2";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, SecretMemory } from "../providers/provider.ts";
import { systemCodeOf } from "./connect-error.ts";

const { BaseAgent, utils } = ssh2;

const MAX_KEY_FILE_BYTES = 64 * 1024;
/** How often a passphrase may be wrong. */
const MAX_PASSPHRASE_TRIES = 3;
const OPENSSH_MAGIC = "openssh-key-v1\0";

interface KeyFile {
  readonly path: string;
  readonly text: Buffer;
  readonly publicKey: Buffer;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    const content = await readFile(path);
    return content.length > MAX_KEY_FILE_BYTES ? undefined : content;
  } catch (error) {
    if (systemCodeOf(error) === "") throw error;
    return undefined;
  }
}

/** OpenSSH's private key format carries the public key in clear, so that no passphrase is asked for a key that is not wanted. */
export function publicKeyInside(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, OPENSSH_MAGIC.length) !== OPENSSH_MAGIC) return undefined;
  let at = OPENSSH_MAGIC.length;
  const readString = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return undefined;
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  const header = [readString(), readString(), readString()];
  if (header.includes(undefined)) return undefined;
  at += 4;
  return readString();
}

async function openKeyFile(path: string): Promise<KeyFile | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const parsed = utils.parseKey(text);
  if (!(parsed instanceof Error)) {
    return parsed.isPrivateKey() ? { path, text, publicKey: parsed.getPublicSSH() } : undefined;
  }
  const inside = publicKeyInside(text.toString("latin1"));
  if (inside !== undefined) return { path, text, publicKey: inside };
  // An encrypted key of the old form; its public half is beside it.
  const beside = await readIfThere(`${path}.pub`);
  const publicKey = beside === undefined ? undefined : utils.parseKey(beside);
  if (publicKey === undefined || publicKey instanceof Error) return undefined;
  return { path, text, publicKey: publicKey.getPublicSSH() };
}

type SignOptions = { hash?: string };
type SignCallback = (error?: Error | null, signature?: Buffer) => void;

/**
 * Key files as an agent: the server is shown the public keys, and only for the one that it accepts is the private key decrypted and,
 * if need be, its passphrase asked.
 */
export class KeyFileAgent extends BaseAgent<Buffer> {
  readonly #files: readonly KeyFile[];
  readonly #context: { readonly ask: Ask; readonly secrets: SecretMemory };
  readonly #signal: AbortSignal;
  readonly #onFatal: (error: unknown) => void;

  private constructor(
    files: readonly KeyFile[],
    context: { readonly ask: Ask; readonly secrets: SecretMemory },
    options: { signal: AbortSignal; onFatal: (error: unknown) => void },
  ) {
    super();
    this.#files = files;
    this.#context = context;
    this.#signal = options.signal;
    this.#onFatal = options.onFatal;
  }

  /** Undefined when none of the files is a usable key. */
  static async open(
    paths: readonly string[],
    context: { readonly ask: Ask; readonly secrets: SecretMemory },
    options: { signal: AbortSignal; onFatal: (error: unknown) => void },
  ): Promise<KeyFileAgent | undefined> {
    const found = await Promise.all(paths.map(openKeyFile));
    const files = found.filter((file) => file !== undefined);
    return files.length === 0 ? undefined : new KeyFileAgent(files, context, options);
  }

  override getIdentities(callback: (error?: Error | null, keys?: Buffer[]) => void): void {
    callback(
      null,
      this.#files.map((file) => file.publicKey),
    );
  }

  override sign(publicKey: unknown, data: Buffer, options: SignOptions | SignCallback, callback?: SignCallback): void {
    const done = typeof options === "function" ? options : callback;
    const hash = typeof options === "function" ? undefined : options.hash;
    this.#sign(publicKey, data, hash).then(
      (signature) => done?.(null, signature),
      (error: unknown) => {
        if (error instanceof AppError) this.#onFatal(error);
        done?.(error instanceof Error ? error : new Error("signing failed"));
      },
    );
  }

  async #sign(publicKey: unknown, data: Buffer, hash: string | undefined): Promise<Buffer> {
    const wanted = publicKeyBytes(publicKey);
    const file = this.#files.find((candidate) => candidate.publicKey.equals(wanted));
    if (file === undefined) throw new Error("no such key");
    const key = await this.#unlock(file);
    const signature = key.sign(data, hash) as Buffer | Error;
    if (signature instanceof Error) throw signature;
    return signature;
  }

  async #unlock(file: KeyFile): Promise<ParsedKey> {
    const { ask, secrets } = this.#context;
    const secretKey = `ssh-key ${file.path}`;
    const isThisKey = (key: ParsedKey | Error): key is ParsedKey =>
      !(key instanceof Error) && key.getPublicSSH().equals(file.publicKey);

    const plain = utils.parseKey(file.text);
    if (isThisKey(plain)) return plain;
    const remembered = utils.parseKey(secrets.get(secretKey)?.secret ?? "");
    if (isThisKey(remembered)) return remembered;
    let reason: "first" | "refused" = "first";
    for (let tries = 0; tries < MAX_PASSPHRASE_TRIES; tries += 1) {
      const body = { kind: "passphrase", keyFile: file.path.slice(0, 1024), reason } as const;
      const answer = await ask(body, { signal: this.#signal });
      if (answer.kind !== "secret") throw new Error("no passphrase was given");
      const unlocked = utils.parseKey(file.text, answer.secret);
      if (isThisKey(unlocked)) {
        // The key rather than its passphrase: ssh2 needs over a second for OpenSSH's bcrypt and holds the process up meanwhile.
        secrets.remember(secretKey, { secret: unlocked.getPrivatePEM() });
        return unlocked;
      }
      reason = "refused";
    }
    throw new Error("the passphrase was wrong too often");
  }
}

/** ssh2 hands back a key in one of several forms. */
function publicKeyBytes(key: unknown): Buffer {
  if (Buffer.isBuffer(key)) return key;
  if (typeof key === "object" && key !== null && "getPublicSSH" in key) return (key as ParsedKey).getPublicSSH();
  throw new Error("not a public key");
}
