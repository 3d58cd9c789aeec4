import { assertEquals, assertThrows } from "@std/assert";
import { compareStructure, freeze, insertAfter, remove, replace, StateDict, structure } from "thaw";
import type { TableSpec } from "../../lib/display/mod.ts";
import { noLeaks, release } from "../tensors.ts";
import { nn } from "../nn/nn.ts";
import { releaseAll } from "./networks.ts";

const stack = () =>
  new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.ReLU(), new nn.Conv2d(4, 8, 3), new nn.AdaptiveAvgPool2d(1));

noLeaks("what was added, removed, changed and renamed, with where the values come from", () => {
  const net = stack();
  const weight = net.get("0", nn.Conv2d).weight;
  net.loadStateDict(StateDict.from({ "0.weight": { shape: weight.shape, data: new Float32Array(108) } }), {
    strict: false,
  });
  freeze(net, "0");
  const parts = net.modules();
  const before = structure(net);
  insertAfter(net, "2", new nn.BatchNorm2d(8));
  remove(net, "1");
  replace(net, "3", new nn.Flatten());
  net.append(new nn.Linear(8, 2));
  const compared = compareStructure(before, net);
  assertEquals(
    compared.rows.map(({ change, before, after }) => [change, before?.path, after?.path, after?.origin, after?.frozen]),
    [
      ["", "0", "0", "partly new", true],
      ["removed", "1", undefined, undefined, undefined],
      ["renamed", "2", "1", "new", false],
      ["added", undefined, "2", "new", false],
      ["changed", "3", "3", "", false],
      ["added", undefined, "4", "new", false],
    ],
  );
  const table = compared.spec() as TableSpec;
  assertEquals(table.title, "Sequential: 2 added, 1 removed, 1 changed, 1 renamed");
  assertEquals(
    table.caption,
    "442 parameters, 0 in pretrained layers, 330 in new ones, 112 frozen",
  );
  assertEquals((structure(net).spec() as TableSpec).title, "Sequential");
  releaseAll(net, ...parts);
});

noLeaks("values keep where they came from through a state dict of the network itself", () => {
  const net = stack();
  const origin = () => structure(net).parts.map(({ origin }) => origin).filter((one) => one !== "");
  const own = net.stateDict();
  net.loadStateDict(own);
  assertEquals(origin(), ["new", "new"]);
  net.loadStateDict(StateDict.from(
    net.namedState().map(([name, { shape, size }]) => {
      const data = () => Promise.resolve(new Float32Array(size));
      return [name, { shape, dtype: "float32" as const, data, dataSync: () => new Float32Array(size) }] as const;
    }),
  ));
  assertEquals(origin(), ["pretrained", "pretrained"]);
  const loaded = net.stateDict();
  net.loadStateDict(loaded);
  assertEquals(origin(), ["pretrained", "pretrained"]);
  for (const parameter of net.parameters()) parameter.reset();
  assertEquals(origin(), ["new", "new"]);
  release(net, own, loaded);
});

Deno.test("many rows are folded by module, open where something but a name changed", () => {
  const block = (length: number) => new nn.Sequential(...Array.from({ length }, () => new nn.ReLU()));
  const net = new nn.Sequential({
    a: block(15),
    b: block(15),
    c: new nn.Sequential(block(20), block(20), block(20)),
  });
  const before = structure(net);
  net.get("b", nn.Sequential).insertAfter(3, new nn.Linear(2, 2));
  const c = net.get("c", nn.Sequential);
  c.remove(0);
  c.get("1", nn.Sequential).remove(19);
  const table = compareStructure(before, net).spec() as TableSpec;
  assertEquals(table.groups!.map(({ label, rows, detail, open }) => [label, rows, detail, open]), [
    ["a", 15, "15 layers, 0 parameters", false],
    ["b", 16, "16 layers, 6 parameters, 1 added, 11 renamed", true],
    ["c.0", 40, "20 layers, 0 parameters, 20 removed, 20 renamed", true], // another was called so before
    ["c.1", 20, "19 layers, 0 parameters, 1 removed, 19 renamed", true], // the one that is gone was in c.2
  ]);
  assertEquals(table.rows.at(-2)!.slice(0, 2), ["c.1.18", { text: "was c.2", tone: "muted" }]);
  assertEquals(table.rows.at(-1)!.slice(0, 2), ["c.2.19", { text: "removed", tone: "bad" }]);
});

Deno.test("a layer is told in a few words, and in torch's where those do not tell what changed", () => {
  const net = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.Linear(4, 2));
  const before = structure(net);
  replace(net, "0", new nn.Conv2d(3, 4, 5), { check: false });
  replace(net, "1", new nn.Linear(4, 9), { check: false });
  net.append(new nn.Linear(9, 9));
  const { rows } = compareStructure(before, net).spec() as TableSpec;
  assertEquals(rows.map((row) => row[2]), [
    "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1)) → Conv2d(3, 4, kernel_size=(5, 5), stride=(1, 1))",
    {
      text: "Linear(4, 2) → Linear(4, 9)",
      title: "Linear(in_features=4, out_features=2, bias=True) → Linear(in_features=4, out_features=9, bias=True)",
    },
    { text: "Linear(9, 9)", title: "Linear(in_features=9, out_features=9, bias=True)" },
  ]);
});

Deno.test("a module that is in two places is two rows, and each stays what it was", () => {
  const relu = new nn.ReLU();
  const net = new nn.Sequential(new nn.Linear(2, 2), relu, new nn.Linear(2, 2), relu);
  const before = structure(net);
  const changes = () => compareStructure(before, net).rows.map(({ change, after }) => [change, after?.path]);
  assertEquals(changes(), [["", "0"], ["", "1"], ["", "2"], ["", "3"]]);
  net.remove(3);
  assertEquals(changes(), [["", "0"], ["", "1"], ["", "2"], ["removed", undefined]]);
});

Deno.test("a network is no structure from before", () => {
  const net = stack();
  assertThrows(
    () => compareStructure(net as unknown as ReturnType<typeof structure>, net),
    TypeError,
    "Cannot compare structures: expected what structure(model) gave before, found a value of class Sequential",
  );
});
