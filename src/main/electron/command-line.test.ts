import { describe, expect, it } from "vitest";
import { ownArguments } from "./command-line.ts";

const packaged = (...words: string[]) => ownArguments(["/opt/switchyard", ...words], { isPackaged: true });

describe("arguments of an Electron process", () => {
  it("begin after the program, and after the project's folder when not packaged", () => {
    expect(packaged("--demo")).toEqual(["--demo"]);
    expect(ownArguments(["electron", "/src", "--demo"], { isPackaged: false })).toEqual(["--demo"]);
  });

  it("lose the engine's own switches", () => {
    expect(packaged("--no-sandbox", "--ozone-platform=wayland", "--kiosk")).toEqual(["--kiosk"]);
  });

  it("keep a handed-over console, and turn a guest's name into an option, but not the value of one", () => {
    expect(packaged("vnc://box:5900", "/tmp/a b.vv")).toEqual(["vnc://box:5900", "/tmp/a b.vv"]);
    expect(packaged("switchyard://my%20guest")).toEqual(["--open", "my guest"]);
    expect(packaged("switchyard://%zz")).toEqual(["--open", "%zz"]);
    expect(packaged("--connect", "vnc://box:5900")).toEqual(["--connect", "vnc://box:5900"]);
  });
});
