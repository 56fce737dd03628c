import { contextBridge, ipcRenderer, type IpcRendererEvent } from "electron";
import { DESKTOP_API_KEY, DESKTOP_CALL_CHANNEL, DESKTOP_EVENT_CHANNEL } from "../shared/contracts/desktop-channels.ts";
import type { DesktopApi, DesktopCall, DesktopEvent } from "../shared/contracts/desktop.ts";

/** Runs in the page's sandbox before the page: hands over the desktop API and nothing of Electron itself. */

function call(request: DesktopCall): Promise<unknown> {
  return ipcRenderer.invoke(DESKTOP_CALL_CHANNEL, request);
}

const api: DesktopApi = {
  platform: process.platform,
  setFullScreen: async (isFullScreen) => {
    await call({ method: "setFullScreen", isFullScreen });
  },
  setGlobalShortcuts: async (accelerators) =>
    (await call({ method: "setGlobalShortcuts", accelerators: [...accelerators] })) as readonly string[],
  quit: async () => {
    await call({ method: "quit" });
  },
  onEvent: (listener) => {
    const handle = (_: IpcRendererEvent, event: DesktopEvent): void => listener(event);
    ipcRenderer.on(DESKTOP_EVENT_CHANNEL, handle);
    return () => {
      ipcRenderer.off(DESKTOP_EVENT_CHANNEL, handle);
    };
  },
};

contextBridge.exposeInMainWorld(DESKTOP_API_KEY, api);
