/**
 * What a display channel accepts from its server at most. Beyond each of these the session ends with ProtocolError "limit".
 * None is near what real servers send.
 */

/** Width and height of a picture on the wire, and of surfaces too. */
export const MAX_IMAGE_SIDE_PX = 16_384;

/** 256 MiB decoded; the largest real ones are one screen, 8 million pixels at 4K. */
export const MAX_IMAGE_PIXELS = 64 * 1024 * 1024;

/** Rectangles of one clip. A server clips by regions of windows: hundreds at most. */
export const MAX_CLIP_RECTS = 65_536;

/** Points of all segments of one path. */
export const MAX_PATH_POINTS = 1_048_576;

/** Coverage bytes of all glyphs of one text. */
export const MAX_GLYPH_PIXELS = 16 * 1024 * 1024;

/** Colours of one palette: 8 bits index 256. */
export const MAX_PALETTE_COLOURS = 256;

/** SPICE_MAX_NUM_STREAMS (spice-protocol, protocol.h): stream ids are below it. */
export const MAX_STREAMS = 64;

/** Monitors of one display channel; the reference client's limit too. */
export const MAX_HEADS = 256;

/** Palettes kept for PAL_FROM_CACHE. The server's own palette cache holds 128 (CLIENT_PALETTE_CACHE_SIZE). */
export const MAX_CACHED_PALETTES = 1024;

/** Image cache: what the server is told, times this. Its count may run ahead of what INVAL_LIST already took away. */
export const CACHE_TOLERANCE = 2;

/** Cached images of any size, so that a million empty ones cannot fill memory. */
export const MAX_CACHED_IMAGES = 65_536;

/** Operations that wait for a picture (their own or an earlier one's), before the channel is held back. */
export const MAX_WAITING_OPERATIONS = 256;

/** Pixels that waiting operations hold at most, before the channel is held back: 128 MiB. */
export const MAX_WAITING_PIXELS = 32 * 1024 * 1024;

/** How long a picture that another display channel of the session must bring may stay away. */
export const MISSING_IMAGE_TIMEOUT_MS = 10_000;

/**
 * How long a decoder of the surroundings may take for one picture. A 4K JPEG takes 0.1 s; more means that the decoder is stuck,
 * and without an end the picture would stand still for ever.
 */
export const DECODE_TIMEOUT_MS = 30_000;

/** The same for a frame of a stream, which is then dropped: the next one follows. */
export const FRAME_DECODE_TIMEOUT_MS = 2_000;

/** Frames of one stream that wait for their time, still compressed. 4 s at 60 frames a second. */
export const MAX_WAITING_FRAMES = 240;

/** Bytes of those frames. */
export const MAX_WAITING_FRAME_BYTES = 64 * 1024 * 1024;
