import { assert, assertEquals, assertRejects } from "@std/assert";
import { load } from "../../lib/files/load.ts";
import { writeModel } from "../../lib/files/write_model.ts";
import { opcode as op } from "../../lib/weights/opcodes.ts";
import { concatenate } from "../fuzz/mutation.ts";
import { assemble, global, int, parsePickle, type Program, text, tuple } from "../fuzz/pickle_program.ts";
import { writeZip, zipRecords } from "../fuzz/zip_records.ts";
import { nn } from "../nn/nn.ts";
import { release } from "../tensors.ts";

/** The file of a network of one linear layer, with its pickle changed. */
async function changed(change: (program: Program) => Program): Promise<Uint8Array> {
  const model = new nn.Sequential({ fc: new nn.Linear(2, 1) });
  const parts: Uint8Array[] = [];
  await writeModel(model, (bytes) => Promise.resolve(void parts.push(bytes.slice())));
  release(model);
  const records = zipRecords(concatenate(parts));
  const pickle = records.find(({ name }) => new TextDecoder().decode(name).endsWith("data.pkl"))!;
  pickle.data = assemble(change(parsePickle(pickle.data).program));
  return writeZip(records);
}

/** The pickle with one text, or one name of Python's, exchanged for another. */
function exchanged(program: Program, old: string, other: Program[number]): Program {
  const at = program.findIndex(({ argument }) => new TextDecoder().decode(argument).includes(old));
  assert(at >= 0, old);
  return program.with(at, other);
}

Deno.test("a network's part or attribute cannot take the place of what its class does", async () => {
  for (const name of ["forward", "loadStateDict", "constructor", "__proto__", "toString"]) {
    const bytes = await changed((program) => exchanged(program, "fc", text(name)));
    await assertRejects(
      () => load(bytes),
      Error,
      `Cannot load the bytes: expected "" (torch.nn.modules.container.Sequential) to have no "${name}" of its own, which is ` +
        "its class's",
    );
  }
});

Deno.test("tensors that repeat their storage must not come to more than the file has by far", async () => {
  const bytes = await changed((program) => {
    const shapeless = exchanged(program, "linear", global("torchvision.models.convnext", "CNBlock"));
    // Behind each storage an offset, a size and a stride of its own, which the call takes in place of those that follow.
    return shapeless.flatMap((instruction) =>
      instruction.code === op.BINPERSID ? [instruction, int(0), ...tuple([2 ** 24]), ...tuple([0])] : [instruction]
    );
  });
  await assertRejects(
    () => load(bytes),
    Error,
    "Cannot load the bytes: its tensors have 33554432 numbers in all, where its storages explain up to 16777228",
  );
});

Deno.test("a network that lacks what its class has is refused by name", async () => {
  const bytes = await changed((program) =>
    exchanged(program, "linear", global("torchvision.models.maxvit", "PartitionAttentionLayer"))
  );
  await assertRejects(
    () => load(bytes),
    Error,
    'Cannot load the bytes: expected "fc" (torchvision.models.maxvit.PartitionAttentionLayer) to have the parts of its class: ',
  );
});

Deno.test("names that do not fit are told without characters that act on a terminal", async () => {
  const bytes = await changed((program) => exchanged(program, "weight", text("\x1b[31mweight")));
  const error = await assertRejects(() => load(bytes), Error, 'Cannot load "fc.\\u001b[31mweight"');
  assertEquals(error.message.includes("\x1b"), false);
});
