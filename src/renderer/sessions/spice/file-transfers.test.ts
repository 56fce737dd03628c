import { expect, describe, it } from "vitest";
import { type FileTransfer } from "../session.ts";
import { FileTransfers } from "./file-transfers.ts";
import { type AgentMessage } from "./worker-messages.ts";

const fileOf = (name: string, size = 10): File => new File([new Uint8Array(size)], name);

function create() {
  const sent: AgentMessage[] = [];
  const lists: (readonly FileTransfer[])[] = [];
  let lastId = 0;
  const transfers = new FileTransfers({
    send: (message) => sent.push(message),
    handleChange: (list) => lists.push(list),
    nextId: () => (lastId += 1),
  });
  return { transfers, sent, last: () => lists.at(-1) ?? [], lists };
}

describe("FileTransfers", () => {
  it("tells how far each file is and how it ended", () => {
    const { transfers, sent, last } = create();
    transfers.start([fileOf("a"), fileOf("b", 20)]);
    expect(sent.map((message) => message.kind === "sendFile" && [message.fileId, message.file.name])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    transfers.handle({ kind: "fileProgress", fileId: 2, sentBytes: 5 });
    transfers.handle({ kind: "fileEnded", fileId: 1, outcome: "success" });
    transfers.handle({ kind: "fileEnded", fileId: 2, outcome: "notEnoughSpace" });
    expect(last()).toEqual([
      { id: 1, name: "a", sizeBytes: 10, sentBytes: 10, end: { isSuccess: true } },
      {
        id: 2,
        name: "b",
        sizeBytes: 20,
        sentBytes: 5,
        end: { isSuccess: false, problem: "the guest has not enough space" },
      },
    ]);
  });

  it("stops a file on its way, and takes an ended one off the list", () => {
    const { transfers, sent, last } = create();
    transfers.start([fileOf("a")]);
    transfers.cancel(1);
    expect(sent.at(-1)).toEqual({ kind: "cancelFile", fileId: 1 });
    transfers.handle({ kind: "fileEnded", fileId: 1, outcome: "cancelled" });
    expect(last()).toMatchObject([{ end: { problem: "cancelled" } }]);
    transfers.cancel(1);
    expect([last(), sent.length]).toEqual([[], 2]);
  });

  it("says nothing of another tab's files", () => {
    const { transfers, lists } = create();
    transfers.handle({ kind: "fileProgress", fileId: 7, sentBytes: 5 });
    expect(lists).toEqual([]);
  });

  it("keeps no endless list of what has ended", () => {
    const { transfers, last } = create();
    for (let id = 1; id <= 50; id += 1) {
      transfers.start([fileOf(`file ${id}`)]);
      transfers.handle({ kind: "fileEnded", fileId: id, outcome: "success" });
    }
    expect([last().length, last().at(-1)?.name]).toEqual([20, "file 50"]);
  });
});
