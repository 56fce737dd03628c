/** The browser's parts that TypeScript's DOM types do not have (File System Access). */
interface PickerWindow {
  showDirectoryPicker?: (options: { readonly mode: "read" }) => Promise<FileSystemDirectoryHandle>;
}
interface AskableHandle extends FileSystemDirectoryHandle {
  requestPermission(options: { readonly mode: "readwrite" }): Promise<PermissionState>;
}

/** Chromium has it, on pages that are secure; others do not. */
export function canChooseFolder(): boolean {
  return typeof (globalThis as PickerWindow).showDirectoryPicker === "function";
}

/** In answer to a click. Undefined: the user chose none. */
export async function chooseFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (globalThis as PickerWindow).showDirectoryPicker?.({ mode: "read" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    throw error;
  }
}

/** In answer to a click. False: the user or the browser refuses. */
export async function askToWrite(handle: FileSystemDirectoryHandle): Promise<boolean> {
  return (await (handle as AskableHandle).requestPermission({ mode: "readwrite" })) === "granted";
}
