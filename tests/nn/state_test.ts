import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { applyMomentum } from "../../lib/engine/ops/update.ts";
import { ownedVariable } from "../../lib/engine/ops/variable.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { noLeaks, onEachEngine, plain, read, release, tensor } from "../tensors.ts";
import { nn } from "./nn.ts";

function network(): nn.Sequential {
  return new nn.Sequential(new nn.Conv2d(2, 4, [3, 2]), new nn.BatchNorm2d(4), new nn.Flatten(), new nn.Linear(4, 3));
}

async function values(sd: StateDict): Promise<Record<string, number[]>> {
  const all = await Promise.all([...sd].map(async ([name, entry]) => [name, Array.from(await entry.data(), Number)]));
  return Object.fromEntries(all);
}

function withoutDataSync(sd: StateDict): StateDict {
  return StateDict.from([...sd].map(([name, { shape, dtype, data }]) => [name, { shape, dtype, data }] as const));
}

noLeaks("a state dict has torch's names, shapes and types", () => {
  const net = network();
  const sd = net.stateDict();
  assertEquals([...sd].map(([name, { shape, dtype }]) => `${name} [${shape}] ${dtype}`), [
    "0.weight [4,2,3,2] float32",
    "0.bias [4] float32",
    "1.weight [4] float32",
    "1.bias [4] float32",
    "1.running_mean [4] float32",
    "1.running_var [4] float32",
    "1.num_batches_tracked [] int64",
    "3.weight [3,4] float32",
    "3.bias [3] float32",
  ]);
  release(net, sd);
});

onEachEngine("torch's layout goes in and comes out, bit for bit", async () => {
  const net = network();
  const given = StateDict.from(Object.fromEntries(
    net.namedState().map(([name, { shape, dtype }]) => [
      name,
      dtype === "int64" ? { shape: [], dtype, data: [12345] } : { shape, data: plain(name, [...shape]).data },
    ]),
  ));
  const report = net.loadStateDict(given);
  assertEquals([report.complete, report.matched.length], [true, 9]);
  const sd = net.stateDict();
  assertEquals(await values(sd), await values(given));
  assertEquals(await sd.get("1.num_batches_tracked")!.data(), new BigInt64Array([12345n]));
  // The engine's own layout: [kh, kw, in, out].
  const { weight } = net.get("0", nn.Conv2d);
  assertEquals([weight.shape, weight.value.shape], [[4, 2, 3, 2], [3, 2, 2, 4]]);
  const torch = plain("0.weight", [4, 2, 3, 2]).data, own = await weight.value.data();
  const [o, i, r, c] = [3, 1, 2, 1];
  assertEquals(own[((r * 2 + c) * 2 + i) * 4 + o], torch[((o * 2 + i) * 3 + r) * 2 + c]);
  release(net, sd);
});

onEachEngine("a state dict is a snapshot: neither training nor batch norm nor loading changes it", async () => {
  const net = network();
  const sd = net.stateDict();
  const before = await values(sd);
  const later = net.stateDict(); // never read before training
  const x = tensor(plain("x", [2, 3, 2, 2]));
  const { weight } = net.get("0", nn.Conv2d);
  const velocity = ownedVariable(tf.zeros(weight.value.shape));
  for (let step = 0; step < 3; step++) {
    net.forward(x).dispose();
    tf.tidy(() =>
      applyMomentum(weight.value, velocity, tf.onesLike(weight.value), {
        learningRate: 1,
        momentum: 0.9,
        nesterov: false,
      })
    );
  }
  const trained = net.stateDict();
  assertEquals(await values(later), before);
  assertEquals(await values(sd), before);
  const after = await values(trained);
  for (const name of ["0.weight", "1.running_mean", "1.running_var"]) {
    assertEquals(after[name].some((value, i) => value === before[name][i]), false, name);
  }
  assertEquals([before["1.num_batches_tracked"], after["1.num_batches_tracked"]], [[0], [3]]);
  // Back to the start, and on again: the snapshot still holds.
  net.loadStateDict(sd);
  const restored = net.stateDict();
  assertEquals(await values(restored), before);
  net.forward(x).dispose();
  tf.tidy(() =>
    applyMomentum(weight.value, velocity, tf.onesLike(weight.value), {
      learningRate: 1,
      momentum: 0.9,
      nesterov: false,
    })
  );
  assertEquals(await values(sd), before);
  assertEquals(await values(restored), before);
  tf.dispose([x, velocity]);
  release(net, sd, later, trained, restored);
});

onEachEngine("weights go from one network to another, and part there", async () => {
  const [one, two] = [network(), network()];
  const sd = one.stateDict();
  const wanted = await values(sd);
  two.loadStateDict(sd);
  const x = tensor(plain("x", [2, 3, 2, 2]));
  const [a, b] = [await read(one.eval().forward(x)), await read(two.eval().forward(x))];
  assertEquals(a, b);
  tf.tidy(() => two.get("3", nn.Linear).bias!.value.assign(tf.ones([3])));
  two.train().forward(x).dispose();
  const kept = one.stateDict();
  assertEquals(await values(kept), wanted);
  x.dispose();
  release(one, two, sd, kept);
});

onEachEngine("loading keeps a parameter's variable, which optimizers know it by", () => {
  const net = network();
  const { weight } = net.get("3", nn.Linear);
  const variable = weight.value;
  const sd = net.stateDict();
  net.loadStateDict(sd);
  net.loadStateDict(StateDict.from({ "3.weight": { shape: [3, 4], data: new Float32Array(12) } }), { strict: false });
  assertStrictEquals(weight.value, variable);
  release(net, sd);
});

noLeaks("every element type is taken", async () => {
  const layer = new nn.Linear(2, 1, { bias: false });
  const load = async (dtype: "float64" | "float16" | "bfloat16" | "int64" | "int32" | "uint8", data: number[]) => {
    layer.loadStateDict(StateDict.from({ weight: { shape: [1, 2], dtype, data } }));
    return [...await layer.weight.value.data()];
  };
  assertEquals(await load("float64", [0.5, 1 / 3]), [0.5, Math.fround(1 / 3)]);
  assertEquals(await load("float16", [1.5, -2]), [1.5, -2]);
  assertEquals(await load("bfloat16", [1.5, -2]), [1.5, -2]);
  assertEquals(await load("int64", [3, -4]), [3, -4]);
  assertEquals(await load("int32", [5, -6]), [5, -6]);
  assertEquals(await load("uint8", [7, 255]), [7, 255]);
  release(layer);
});

noLeaks("a strict load says everything that does not fit at once, and changes nothing", async () => {
  const net = network();
  const sd = net.stateDict();
  const before = await values(sd);
  const wrong = StateDict.from([
    ["0.weight", StateDict.from({ w: { shape: [4, 2, 3, 2], data: new Float32Array(48) } }).get("w")!],
    ["0.bias", StateDict.from({ b: { shape: [5], data: new Float32Array(5) } }).get("b")!],
    ...[...sd].filter(([name]) => name.startsWith("1.") && name !== "1.running_mean"),
    ["3.weight", StateDict.from({ w: { shape: [4, 3], data: new Float32Array(12) } }).get("w")!],
    ["fc.weight", sd.get("3.weight")!],
    ["fc.bias", sd.get("3.bias")!],
  ]);
  const { message } = assertThrows(() => net.loadStateDict(wrong), Error);
  assertEquals(
    message,
    [
      "Cannot load the state dict into Sequential: 2 entries missing, 2 unexpected, 2 of another shape. " +
      "loadStateDict(sd, { strict: false }) loads what fits",
      '  Cannot load "0.bias": expected [4], found [5]',
      '  Cannot load "3.weight": expected [3, 4], found [4, 3]',
      '  Cannot load "1.running_mean": expected it in the state dict, found no such entry',
      '  Cannot load "3.bias": expected it in the state dict, found no such entry',
      '  Cannot load "fc.weight": Sequential has no such entry',
      '  Cannot load "fc.bias": Sequential has no such entry',
    ].join("\n"),
  );
  const unchanged = net.stateDict();
  assertEquals(await values(unchanged), before);

  const report = net.loadStateDict(wrong, { strict: false });
  assertEquals(report.complete, false);
  assertEquals(report.matched, ["0.weight", "1.weight", "1.bias", "1.running_var", "1.num_batches_tracked"]);
  assertEquals(report.missing, ["1.running_mean", "3.bias"]);
  assertEquals(report.unexpected, ["fc.weight", "fc.bias"]);
  assertEquals(report.mismatched, [
    { name: "0.bias", expected: [4], found: [5] },
    { name: "3.weight", expected: [3, 4], found: [4, 3] },
  ]);
  const after = net.stateDict();
  assertEquals(await values(after), { ...before, "0.weight": new Array(48).fill(0) });
  release(net, sd, unchanged, after);
});

noLeaks("one problem is one line", () => {
  const net = network();
  const sd = net.stateDict();
  const refused = (sd: StateDict, message: string) =>
    assertEquals(assertThrows(() => net.loadStateDict(sd), Error).message, message);
  const hint = "loadStateDict(sd, { strict: false }) loads what fits";
  refused(
    sd.filter((name) => name !== "3.bias"),
    `Cannot load "3.bias": expected it in the state dict, found no such entry. ${hint}`,
  );
  refused(
    StateDict.from([...sd, ["extra", sd.get("3.bias")!]]),
    `Cannot load "extra": Sequential has no such entry. ${hint}`,
  );
  const scalar = StateDict.from({ "3.bias": { shape: [], data: [1] } });
  refused(
    StateDict.from([...sd.filter((name) => name !== "3.bias"), ...scalar]),
    `Cannot load "3.bias": expected [3], found []. ${hint}`,
  );
  release(net, sd);
});

noLeaks("a file from before batch norm counted its batches is complete without the counters", () => {
  // torch's own rule: files of before PyTorch 0.4.1, torchvision's ImageNet weights among them, load strictly.
  const net = network();
  const sd = net.stateDict();
  net.get("1", nn.BatchNorm2d).num_batches_tracked.value = 5;
  const report = net.loadStateDict(sd.filter((name) => name !== "1.num_batches_tracked"));
  assertEquals([report.complete, report.missing, report.matched.length], [true, [], 8]);
  assertEquals(net.get("1", nn.BatchNorm2d).num_batches_tracked.value, 5);
  release(net, sd);
});

noLeaks("an entry that must be waited for is refused before anything is changed", async () => {
  const net = network();
  const sd = net.stateDict();
  const before = await values(sd);
  const first = StateDict.from({ "0.weight": { shape: [4, 2, 3, 2], data: new Float32Array(48) } });
  const rest = withoutDataSync(sd).filter((name) => name !== "0.weight");
  const { message } = assertThrows(() => net.loadStateDict(StateDict.from([...first, ...rest])), TypeError);
  assertEquals(
    message,
    'Cannot load "0.bias": expected an entry that can be read at once, found one without dataSync(); ' +
      "await its data() and make a StateDict of it with StateDict.from",
  );
  const after = net.stateDict();
  assertEquals(await values(after), before);
  release(net, sd, after);
});

Deno.test("the report says what was done, in one line or a table", () => {
  const good = new nn.LoadReport(["a", "b"], [], [], []);
  assertEquals(String(good), "All 2 entries loaded");
  const bad = new nn.LoadReport(["a"], ["b"], ["c"], [{ name: "d", expected: [1, 2], found: [2] }]);
  const text = String(bad);
  for (const part of ["1 entries loaded, 3 not", "missing", "unexpected", "mismatched", "expected [1, 2], found [2]"]) {
    assertEquals(text.includes(part), true, text);
  }
});

noLeaks("the report is not the network, and says so", () => {
  const layer = new nn.Linear(1, 1);
  const sd = layer.stateDict();
  const cnn = layer.loadStateDict(sd);
  const call = (method: string, run: () => unknown) =>
    assertEquals(
      assertThrows(run, TypeError).message,
      `Cannot call ${method}() on a LoadReport: loadStateDict changes the network in place and returns this report; ` +
        `call ${method}() on the network itself`,
    );
  // @ts-expect-error: a report has no eval
  call("eval", () => cnn.eval());
  // @ts-expect-error: nor train
  call("train", () => cnn.train());
  // @ts-expect-error: nor forward
  call("forward", () => cnn.forward());
  // @ts-expect-error: nor predict
  call("predict", () => cnn.predict("cat.png"));
  assertEquals(Object.keys(cnn), ["matched", "missing", "unexpected", "mismatched", "left"]);
  release(layer, sd);
});
