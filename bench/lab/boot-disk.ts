import { writeFileSync } from "node:fs";

/** VGA's magenta, which no window's frame has. */
export const BOOT_COLOUR = 0xaa_00_aa;

const FLOPPY_BYTES = 1_474_560;

/**
 * Writes a floppy image from which a real guest boots in a moment: it paints its text screen magenta and counts in the first
 * cells at every tick of its clock (18 a second), asleep in between.
 */
export function writeBootDisk(file: string): void {
  const code = Uint8Array.from([
    ...[0xb8, 0x03, 0x00], // mov ax, 3: text mode, 80x25
    ...[0xcd, 0x10], // int 10h
    ...[0xb8, 0x03, 0x10, 0xb3, 0x00], // mov ax, 1003h; mov bl, 0: bright backgrounds instead of blinking
    ...[0xcd, 0x10], // int 10h
    ...[0xb4, 0x01, 0xb9, 0x00, 0x20], // mov ah, 1; mov cx, 2000h: no cursor
    ...[0xcd, 0x10], // int 10h
    ...[0xb8, 0x00, 0xb8], // mov ax, b800h
    ...[0x8e, 0xc0], // mov es, ax
    ...[0x31, 0xff], // xor di, di
    ...[0xb8, 0x20, 0x5f], // mov ax, 5f20h: a blank, white on magenta
    ...[0xb9, 0xd0, 0x07], // mov cx, 2000
    ...[0xfc, 0xf3, 0xab], // cld; rep stosw
    ...[0xfb], // sti
    ...[0xf4], // again: hlt
    ...[0x26, 0xfe, 0x06, 0x00, 0x00], // inc byte [es:0]
    ...[0xeb, 0xf8], // jmp again
  ]);
  const image = new Uint8Array(FLOPPY_BYTES);
  image.set(code);
  image.set([0x55, 0xaa], 510);
  writeFileSync(file, image);
}
