import { REMOTE_CALL, type RemoteDomain } from "../../../protocols/libvirt/remote-messages.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { Picture } from "../provider.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";

/** A picture of 5120 x 2880 as a portable pixmap has 44 MB; nobody previews more. */
const MAX_SCREENSHOT_BYTES = 64 * 1024 * 1024;

const MEDIA_TYPES: readonly Picture["mediaType"][] = ["image/png", "image/jpeg", "image/x-portable-pixmap"];

/** The daemon's word for it, else what the bytes say. */
function mediaTypeOf(claimed: string | undefined, bytes: Uint8Array): Picture["mediaType"] | undefined {
  const known = MEDIA_TYPES.find((type) => type === claimed);
  if (known !== undefined) return known;
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return "image/png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  return bytes[0] === 0x50 && bytes[1] === 0x36 ? "image/x-portable-pixmap" : undefined;
}

/** virDomainScreenshot of the first screen. */
export async function takeScreenshot(
  connection: LibvirtConnection,
  domain: RemoteDomain,
  options: { readonly signal: AbortSignal; readonly address: string },
): Promise<Picture> {
  const { signal, address } = options;
  const { reply, stream } = await connection.openStream(REMOTE_CALL.domainScreenshot, { domain }, { signal });
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let lengthBytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      lengthBytes += chunk.length;
      if (lengthBytes > MAX_SCREENSHOT_BYTES) {
        throw new AppError("PROTOCOL_LIMIT", "a screenshot is too large", { address, reason: "a screenshot" });
      }
      chunks.push(chunk);
    }
    signal.throwIfAborted();
    const bytes = Buffer.concat(chunks);
    const mediaType = mediaTypeOf(reply.mediaType, bytes);
    if (mediaType === undefined || bytes.length === 0) {
      throw new AppError("HOST_REPLY", "an unknown picture", { address, reason: "its picture is of no known kind" });
    }
    return { mediaType, bytes };
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}
