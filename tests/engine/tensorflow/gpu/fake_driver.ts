import { fileURLToPath } from "node:url";

/** A folder with a driver of ours for LD_LIBRARY_PATH; see fake_libcuda.c for what it is told by. */
export const FAKE_DRIVER_FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** The same for the part of the driver that tells of a card's state. */
export const FAKE_MANAGEMENT_FOLDER = fileURLToPath(new URL("../../../bench/gpu/thaw/", import.meta.url));

/** The library itself. */
export const FAKE_DRIVER = fileURLToPath(new URL("libcuda.so.1", import.meta.url));

/** It was built for such machines only. */
export const onLinux = { ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64" };
