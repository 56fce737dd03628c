import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A CA and a server certificate for 127.0.0.1, under the names that QEMU's tls-creds-x509 looks for. */
export function makeCertificates(): { readonly folder: string; fingerprint(): string } {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-x509-"));
  const openssl = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  writeFileSync(join(folder, "server.ext"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca-cert.pem",
    "-days",
    "2",
    "-subj",
    "/CN=Lab CA",
  );
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "server-key.pem",
    "-out",
    "server.csr",
    "-subj",
    "/CN=127.0.0.1",
  );
  openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca-cert.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"],
    ...["-out", "server-cert.pem", "-days", "2", "-extfile", "server.ext"],
  );
  return {
    folder,
    fingerprint: () =>
      openssl("x509", "-in", "server-cert.pem", "-noout", "-fingerprint", "-sha256").split("=")[1]?.trim() ?? "",
  };
}
