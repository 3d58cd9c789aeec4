import { assertEquals, assertRejects } from "@std/assert";
import { prefetch } from "../../lib/data/prefetch.ts";
import { test } from "./support.ts";

const pause = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

test("items come in order, one is made at a time, two wait", async () => {
  const made: number[] = [];
  let now = 0;
  const make = async (i: number) => {
    assertEquals(++now, 1);
    await Promise.resolve();
    now--;
    made.push(i);
    return i;
  };
  const taken: number[] = [];
  for await (const i of prefetch(7, make)) {
    taken.push(i);
    await pause(); // all that needs no timer has been done after it
    assertEquals(made.length, Math.min(7, taken.length + 2));
  }
  assertEquals(taken, [0, 1, 2, 3, 4, 5, 6]);
});

test("leaving early waits for what is under way and begins nothing more", async () => {
  let begun = 0, done = 0;
  const make = async () => {
    begun++;
    await pause(5);
    done++;
  };
  for await (const _ of prefetch(100, make)) break;
  const then = begun;
  assertEquals(done, begun);
  await pause(20);
  assertEquals(begun, then);
});

test("an error comes in its turn and leaves no other promise behind", async () => {
  const taken: number[] = [];
  await assertRejects(
    async () => {
      const make = async (i: number) => {
        await pause();
        if (i === 2) throw new Error("the third");
        return i;
      };
      for await (const i of prefetch(10, make)) {
        taken.push(i);
        await pause(20);
      }
    },
    Error,
    "the third",
  );
  assertEquals(taken, [0, 1]);
});
