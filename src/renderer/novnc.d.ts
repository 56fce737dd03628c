/**
 * What is used of @novnc/novnc 1.7.0, which brings no types. Members that begin with an underscore are not its public
 * interface: only sessions/vnc/guarded-rfb.ts touches them, and its test fails when a new version has moved them.
 */
declare module "@novnc/novnc" {
  export interface NovncSocket {
    /** Size of the receive queue; read when it is allocated. */
    _rQbufferSize: number;
    _rQ: Uint8Array | null;
    _rQi: number;
    _rQlen: number;
    rQlen(): number;
    rQpeekBytes(count: number, copy?: boolean): Uint8Array;
    rQshiftBytes(count: number, copy?: boolean): Uint8Array<ArrayBuffer>;
  }

  export interface NovncDisplay {
    scale: number;
    readonly width: number;
    readonly height: number;
    _target: HTMLCanvasElement;
    _targetCtx: CanvasRenderingContext2D;
    _backbuffer: HTMLCanvasElement;
    _drawCtx: CanvasRenderingContext2D;
    _renderQ: unknown[];
    _prevDrawStyle: string;
    _damageBounds: { left: number; top: number; right: number; bottom: number };
    flip(fromQueue?: boolean): void;
    blitImage(x: number, y: number, width: number, height: number, data: Uint8Array, offset: number): void;
  }

  export interface NovncDecoder {
    /** False until the whole rectangle was there. */
    decodeRect(
      x: number,
      y: number,
      width: number,
      height: number,
      sock: NovncSocket,
      display: NovncDisplay,
      depth: number,
    ): boolean;
    readonly _zlibs?: NovncInflator[];
  }

  interface NovncKeyboard {
    _allKeysUp(): void;
  }

  interface NovncInflator {
    setInput(data: Uint8Array | null): void;
    inflate(expectedBytes: number): Uint8Array;
  }

  interface NovncMouseEvent {
    readonly type: string;
    readonly buttons: number;
    readonly movementX: number;
    readonly movementY: number;
    preventDefault(): void;
    stopPropagation(): void;
  }

  export interface NovncEvents {
    connect: CustomEvent<object>;
    disconnect: CustomEvent<{ clean: boolean }>;
    clipboard: CustomEvent<{ text: string }>;
    bell: CustomEvent<object>;
    desktopname: CustomEvent<{ name: string }>;
    securityfailure: CustomEvent<{ status: number; reason?: string }>;
    credentialsrequired: CustomEvent<{ types: string[] }>;
  }

  /** Anything that looks like a WebSocket. */
  export interface NovncRawChannel {
    binaryType: string;
    readonly protocol: string;
    readonly readyState: number;
    onopen: (() => void) | null;
    onmessage: ((event: { data: ArrayBuffer }) => void) | null;
    onclose: ((event: { code?: number; reason?: string }) => void) | null;
    onerror: ((event: unknown) => void) | null;
    send(data: Uint8Array<ArrayBuffer>): void;
    close(): void;
  }

  export default class RFB {
    constructor(target: HTMLElement, channel: NovncRawChannel, options?: { shared?: boolean });

    addEventListener<K extends keyof NovncEvents>(type: K, listener: (event: NovncEvents[K]) => void): void;
    removeEventListener<K extends keyof NovncEvents>(type: K, listener: (event: NovncEvents[K]) => void): void;

    viewOnly: boolean;
    focusOnClick: boolean;
    clipViewport: boolean;
    scaleViewport: boolean;
    resizeSession: boolean;
    showDotCursor: boolean;
    background: string;
    qualityLevel: number;
    compressionLevel: number;

    disconnect(): void;
    sendKey(keysym: number, code: string, down?: boolean): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    clipboardPasteFrom(text: string): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string, quality?: number): void;

    protected _rfbConnectionState: "" | "connecting" | "connected" | "disconnecting" | "disconnected";
    protected _sock: NovncSocket;
    protected _display: NovncDisplay;
    protected _keyboard: NovncKeyboard;
    protected _screen: HTMLElement;
    protected _canvas: HTMLCanvasElement;
    protected _fbWidth: number;
    protected _fbHeight: number;
    protected _FBU: { x: number; y: number; width: number; height: number; encoding: number | null };
    protected _mouseButtonMask: number;
    protected _supportsSetDesktopSize: boolean;
    protected _supportsContinuousUpdates: boolean;
    protected _enabledContinuousUpdates: boolean;
    protected _qemuExtKeyEventSupported: boolean;
    protected _fbDepth: number;
    protected _decoders: Record<number, NovncDecoder>;

    protected _connect(): void;
    protected _fail(details: string): false;
    protected _resize(width: number, height: number): void;
    protected _updateScale(): void;
    protected _saveExpectedClientSize(): void;
    protected _screenSize(): { w: number; h: number };
    protected _updateContinuousUpdates(): void;
    protected _handleRect(): boolean;
    protected _handleDataRect(): boolean;
    protected _handleCursor(): boolean;
    protected _handleVMwareCursor(): boolean;
    protected _handleExtendedDesktopSize(): boolean;
    protected _handleServerCutText(): boolean;
    protected _handleMouse(event: NovncMouseEvent): void;
    protected _sendMouse(x: number, y: number, mask: number): void;
    protected _handleMouseButton(x: number, y: number, mask: number): void;
    protected static _convertButtonMask(buttons: number): number;
  }
}
