import { assertEquals, assertStringIncludes } from "@std/assert";
import { foldBatchNorm, nn, setDropout, toHtml } from "thaw";
import { noLeaks } from "../tensors.ts";
import { releaseAll } from "./networks.ts";

noLeaks("changes: a table of what was, what is, and what stays and why", async () => {
  const model = new nn.Sequential(
    new nn.BatchNorm2d(3),
    new nn.Conv2d(3, 4, 3, { bias: false }),
    new nn.BatchNorm2d(4),
  );
  const parts = model.modules();
  const changes = foldBatchNorm(model);
  assertEquals(
    String(changes),
    [
      "Batch norm folded in Sequential",
      "module  before          after",
      "──────  ──────────────  ────────────────────────────────────────────────────────────",
      "1       Conv2d(3, 4)    Conv2d(3, 4), 2 folded in",
      "2       BatchNorm2d(4)  Identity",
      "0       BatchNorm2d(3)  stays: it takes something else than one convolution's output",
      "2 modules changed; 1 stays; state dict keys: 1 new (1.bias), 5 gone (2.weight, 2.bias, …)",
    ].join("\n"),
  );
  assertEquals(changes.paths, ["1", "2"]);
  const html = await toHtml(changes.spec());
  for (const word of ["folded in", "Identity", "stays"]) assertStringIncludes(html, word);
  releaseAll(model, ...parts);
});

Deno.test("changes: keys that have other names now", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2));
  assertStringIncludes(
    String(setDropout(model, 0.5, "0")),
    "1 module changed; state dict keys: 2 renamed (0.weight → 0.1.weight, 0.bias → 0.1.bias)",
  );
  assertStringIncludes(String(setDropout(model, 0.2)), "1 module changed");
});
