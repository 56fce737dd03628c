import { readFile } from "node:fs/promises";
import { AppError } from "../../shared/errors/app-error.ts";
import { systemCodeOf } from "./connect-error.ts";

/** Certificates and keys are a few KiB; a bundle of authorities a few hundred. */
const MAX_CERTIFICATE_FILE_BYTES = 4 * 1024 * 1024;

/** Where the certificates are that one TLS connection uses: PEM text, or files that hold it. */
export interface CertificateSource {
  /** Authorities that are trusted instead of the system's. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

async function readPem(path: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    const reason = { ENOENT: "it is not there", EACCES: "no permission to read it" }[systemCodeOf(error)];
    throw new AppError("TLS_FILE", "certificate file is unreadable", {
      path,
      reason: reason ?? `it is unreadable (${systemCodeOf(error)})`,
    });
  }
  if (content.length > MAX_CERTIFICATE_FILE_BYTES) {
    throw new AppError("TLS_FILE", "certificate file is too large", { path, reason: "it is too large" });
  }
  if (!content.includes("-----BEGIN ")) {
    throw new AppError("TLS_FILE", "certificate file is not PEM", { path, reason: "it is not a PEM file" });
  }
  return content;
}

/** Reads the files of a source; what is given as text wins. TLS_FILE names the file that cannot be used. */
export async function readCertificates(
  source: CertificateSource,
): Promise<{ ca?: string | Buffer; cert?: string | Buffer; key?: string | Buffer }> {
  const one = async (text: string | Buffer | undefined, path: string | undefined) =>
    text ?? (path === undefined ? undefined : await readPem(path));
  const [ca, cert, key] = await Promise.all([
    one(source.ca, source.caFile),
    one(source.cert, source.certFile),
    one(source.key, source.keyFile),
  ]);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
