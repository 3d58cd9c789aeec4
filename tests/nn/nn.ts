/** The room under test, on a started engine. */
import "../engine_for_tests.ts";
export * as nn from "../../lib/nn/mod.ts";
export { type Buffer, Module, type Parameter } from "../../lib/nn/mod.ts";
