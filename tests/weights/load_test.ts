import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { load } from "../../lib/weights/load.ts";
import { save } from "../../lib/weights/save.ts";
import { type Entry, StateDict } from "../../lib/weights/state_dict.ts";
import { expected, fixture, fixtureBytes, rowsOf } from "./fixtures.ts";

for (const [name, rows] of Object.entries(expected)) {
  Deno.test(`${name} holds what PyTorch says, bit for bit`, async () => {
    const found = await rowsOf(await load(fixture(name)));
    // plain.pth has a wide tensor of zeros that expected.json leaves out
    assertEquals(found.filter(([key]) => key !== "wide"), rows);
  });
}

Deno.test("a checkpoint is read from a path, a file URL, bytes and a buffer alike", async () => {
  const rows = expected["model.pth"];
  const bytes = fixtureBytes("model.pth");
  for (const source of [new URL("./fixtures/model.pth", import.meta.url), bytes, bytes.buffer]) {
    assertEquals(await rowsOf(await load(source)), rows);
  }
});

Deno.test("dataSync gives what data gives, each time a fresh array", async () => {
  const entry = (await load(fixture("views.pth"))).get("transposed")!;
  const first = entry.dataSync!();
  assertEquals(first, await entry.data());
  first[0] = 99;
  assertEquals(entry.dataSync!()[0], 0);
});

Deno.test("an open checkpoint goes on working when its file is replaced or deleted", async () => {
  const path = await Deno.makeTempFile({ suffix: ".pth" });
  const large = Float32Array.from({ length: 1 << 19 }, (_, i) => i); // 2 MiB: small files are read at once
  for (const size of [4, large.length]) {
    const data = large.subarray(0, size);
    await save(StateDict.from({ weight: { shape: [size], data } }), path);
    const sd = await load(path);
    await Deno.remove(path);
    await Deno.writeTextFile(path, "something else");
    assertEquals(await sd.get("weight")!.data(), data.slice());
  }
  await Deno.remove(path);
});

Deno.test("tensors that were one in PyTorch are one entry", async () => {
  for (const name of ["views.pth", "views_legacy.pth"]) {
    const sd = await load(fixture(name));
    assertStrictEquals(sd.get("whole"), sd.get("tied"));
  }
});

Deno.test("a wrapped state dict is found, and the rest is metadata", async () => {
  for (const name of ["wrapped.pth", "wrapped_legacy.pth"]) {
    const { metadata } = await load(fixture(name));
    const { optimizer, ...rest } = metadata;
    assertEquals(rest, {
      unwrapped: "state_dict",
      epoch: 3,
      best: 0.75,
      arch: "resnet18",
      huge: 2n ** 70n,
      nothing: null,
      flag: true,
      lr: [0.1, 0.01],
      size: [1, 2],
      device: "cuda:1",
      dtype: "torch.float16",
      raw: new Uint8Array([0, 255]),
      names: new Set(["a"]),
      count: { a: 2, b: 1 },
    });
    const group = (optimizer as { param_groups: Record<string, unknown>[] }).param_groups[0];
    assertEquals([group.momentum, group.params], [0.9, [0, 1, 2, 3, 4]]);
  }
});

Deno.test("what lies beside a nested state dict is metadata too", async () => {
  const { metadata } = await load(fixture("nested.pth"));
  assertEquals(metadata, { unwrapped: "run.model", run: { epoch: 4 }, seed: 1 });
});

Deno.test("tensors beside a wrapped state dict are metadata", async () => {
  const beside = await load(fixture("loss_beside.pth"));
  assertEquals(beside.metadata.unwrapped, "model_state_dict");
  assertEquals(await (beside.metadata.loss as Entry).data(), new Float32Array([3]));
  const nested = await load(fixture("epoch_beside.pth"));
  assertEquals([nested.metadata.unwrapped, nested.metadata.seed], ["run.net", 1]);
  assertEquals(await (nested.metadata.run as { epoch: Entry }).epoch.data(), new BigInt64Array([3n]));
  assertEquals([...(await load(fixture("loss_beside.pth"), { key: "" })).keys()], ["loss"]);
});

Deno.test("numpy's single numbers are read", async () => {
  const { metadata } = await load(fixture("numpy_scalars.pth"));
  assertEquals(metadata, { accuracy: 0.5, steps: 7 });
});

Deno.test("values that are shared many times over stay shared", async () => {
  const { metadata } = await load(fixture("laughs.pth"));
  let [left, right] = metadata.shared as unknown[][];
  for (let depth = 1; depth < 40; depth++) {
    assertStrictEquals(left, right);
    [left, right] = left as unknown[][];
  }
  assertEquals(left, ["x"]);
});

Deno.test("of several state dicts one is chosen by its key", async () => {
  const path = fixture("ambiguous.pth");
  await assertRejects(
    () => load(path),
    Error,
    `Cannot load "${path}": expected one dict of tensors, found 2: "model" (8 tensors), "model_ema" (8 tensors); ` +
      'choose one: load(path, { key: "model" })',
  );
  const sd = await load(path, { key: "model" });
  assertEquals(await rowsOf(sd), expected["model.pth"]);
  assertEquals(sd.metadata.unwrapped, "model");
  const weight = (sd.metadata.model_ema as Record<string, Entry>)["3.bias"];
  assertEquals(weight.shape, [2]);
  await assertRejects(
    () => load(path, { key: "model.ema" }),
    Error,
    'expected a dict at "model.ema", found no "ema": its keys are "0.weight", "1.weight",',
  );
});

const sentence = {
  hostile: (name: string) =>
    `its pickle asks Python to run "${name}", which no state dict needs and thaw never does: ` +
    "the file may be an attack; do not open it with Python's pickle either",
};

const refused: Record<string, string> = {
  "os_system.pth": sentence.hostile("posix.system"),
  "eval_legacy.pth": sentence.hostile("__builtin__.eval"),
  "namespace.pth":
    'its pickle asks for the Python name "argparse.Namespace", which is not among those that state dicts ' +
    "use (thaw runs none): if you trust the file, save its tensors alone in Python: " +
    'torch.save(model.state_dict(), "weights.pth"); where it is the class of a network, ' +
    'registerClass("argparse.Namespace", …) says what it is here',
  "complex.pth":
    '"w" has the element type complex64: expected one of float64, float32, float16, bfloat16, int64, int32, ' +
    "int16, int8, uint8, bool; convert it with tensor.to() in Python",
  "sparse.pth": "it holds a sparse tensor; save it as tensor.to_dense() (torch._utils._rebuild_sparse_tensor)",
  "one_tensor.pth": "expected a dict of tensors, found a tensor [2, 3]; save model.state_dict() in Python",
  "list.pth": "expected a dict of tensors, found a list of 1; save model.state_dict() in Python",
  "no_tensors.pth": 'expected a dict of tensors, found none; its keys are "epoch", "history"',
  "torchscript.pt": "this is a TorchScript program (torch.jit.save): save the model's state dict in Python",
  "cycle.pth": "a value of its metadata contains itself",
  "deep.pth": "its metadata nests deeper than 64",
  "bzip2.pth": 'expected "model/data.pkl" in the zip file stored or deflated, found method 12',
  "short_storage.pth": 'expected 432 bytes of float32 in "model/data/0", found 428',
  "no_storage.pth": 'expected 432 bytes of float32 in "model/data/0", found no such record',
};

Deno.test("a network that was saved whole has a state dict, whatever its classes do", async () => {
  const sd = await load(fixture("whole_model.pth"));
  assertEquals(await rowsOf(sd), expected["model.pth"]);
  assertEquals(sd.metadata, {});
});

for (const [name, text] of Object.entries(refused)) {
  Deno.test(`${name} is refused`, async () => {
    const path = fixture(name);
    const error = await assertRejects(() => load(path), Error);
    assertEquals(error.message, `Cannot load "${path}": ${text}`);
  });
}

Deno.test("a path with nothing there is named", async () => {
  await assertRejects(
    () => load("no/such/weights.pth"),
    Deno.errors.NotFound,
    'Cannot load "no/such/weights.pth": expected a file there, found none',
  );
  const folder = fixture("");
  await assertRejects(
    () => load(folder),
    Error,
    `Cannot load "${folder}": expected a file, found a folder or device`,
  );
});
