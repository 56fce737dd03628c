import { type NovncDecoder, type NovncDisplay, type NovncSocket } from "@novnc/novnc";

const BYTES_PER_PIXEL = 4;

/**
 * Raw rectangles (RFC 6143, 7.7.1) in blocks of lines. noVNC 1.7.0 paints each line by itself, which costs about as much as
 * everything else it does. Takes what has arrived and answers false until the rectangle is whole.
 */
export class RawBlockDecoder implements NovncDecoder {
  #remainingLines = 0;

  decodeRect(x: number, y: number, width: number, height: number, sock: NovncSocket, display: NovncDisplay): boolean {
    if (width === 0 || height === 0) return true;
    if (this.#remainingLines === 0) this.#remainingLines = height;
    const lineBytes = width * BYTES_PER_PIXEL;
    const lines = Math.min(this.#remainingLines, Math.floor(sock.rQlen() / lineBytes));
    if (lines === 0) return false;
    // A copy, which is also aligned, as the 32-bit view needs it.
    const pixels = sock.rQshiftBytes(lines * lineBytes);
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, lines * width);
    // The fourth byte is padding on the wire and the alpha in a canvas; all machines that run Chromium are little-endian.
    for (let at = 0; at < words.length; at += 1) words[at] = (words[at] ?? 0) | 0xff00_0000;
    display.blitImage(x, y + height - this.#remainingLines, width, lines, pixels, 0);
    this.#remainingLines -= lines;
    return this.#remainingLines === 0;
  }
}
