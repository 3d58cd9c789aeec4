import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { isFull, Troubles } from "../../../lib/engine/webgpu/troubles.ts";

/** A device that nothing is asked of but what went wrong. */
function fakeDevice(): {
  device: GPUDevice;
  fail(kind: string, error: GPUError): void;
  lose(message: string): Promise<void>;
} {
  const scopes: { kind: string; error: GPUError | null }[] = [];
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const device = {
    lost: promise,
    pushErrorScope: (kind: string) => void scopes.push({ kind, error: null }),
    popErrorScope: () => Promise.resolve(scopes.pop()!.error),
  };
  return {
    device: device as unknown as GPUDevice,
    fail(kind, error) {
      const scope = scopes.findLast((scope) => scope.kind === kind)!;
      scope.error ??= error;
    },
    async lose(message) {
      resolve({ message });
      await promise;
    },
  };
}

Deno.test("a full card is told of with what to lower, whatever else went wrong because of it, and only once", async () => {
  const { device, fail } = fakeDevice();
  const troubles = new Troubles(device);
  assertEquals(await troubles.soFar(), undefined);
  fail("validation", new GPUValidationError("a buffer is invalid"));
  fail("out-of-memory", new GPUOutOfMemoryError("not enough memory left"));
  const full = await troubles.soFar();
  assertEquals(isFull(full!), true);
  const error = assertThrows(() => troubles.tell(full), RangeError);
  assertEquals(
    error.message,
    "Cannot compute on webgpu: the card's memory is full, and what was computed since is void; lower the batch size or " +
      "the size of the images, freeze more of the network, or let go of networks that are not needed " +
      "(not enough memory left)",
  );
  assertEquals(await troubles.soFar(), undefined); // the card computes on
  troubles.tell(undefined);
});

Deno.test("an error that comes between two questions belongs to the second", async () => {
  const { device, fail } = fakeDevice();
  const troubles = new Troubles(device);
  const first = troubles.soFar();
  fail("validation", new GPUValidationError("too many bindings"));
  assertEquals(await first, undefined);
  assertEquals((await troubles.soFar())?.message, "too many bindings");
});

Deno.test("other errors of the card are told as they are, with what failed because of them", () => {
  const { device } = fakeDevice();
  const troubles = new Troubles(device);
  const failed = new Error("mapping failed");
  const trouble = new GPUValidationError("too many bindings");
  const error = assertThrows(
    () => troubles.tell(trouble, failed),
    Error,
    "Cannot compute on webgpu: too many bindings",
  );
  assertEquals([error.cause, isFull(trouble)], [failed, false]);
  assertThrows(() => troubles.tell(undefined, failed), Error, "mapping failed"); // nothing is known that explains it
});

Deno.test("a card that is gone stays gone", async () => {
  const { device, lose } = fakeDevice();
  const troubles = new Troubles(device);
  await lose("the driver was reset");
  for (let i = 0; i < 2; i++) {
    const error = assertThrows(() => troubles.tell(undefined), Error);
    assertStringIncludes(
      error.message,
      "Cannot compute on webgpu any more: the card is gone (the driver was reset); start the kernel again",
    );
  }
});
